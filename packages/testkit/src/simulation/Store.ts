/**
 * The simulated store: two buckets, compare-and-sets, and what may befall them.
 *
 * @since 0.1.0
 */
import type { Plan, Revision } from "@parti/core/Protocol"
import * as Bucket from "./Bucket.ts"
import type * as Network from "./Network.ts"
import * as Value from "./Value.ts"
import * as Watch from "./Watch.ts"
import { count, say, type Process, type World } from "./World.ts"

/**
 * A write on its way. `expected` is `null` for a put, `life` the only life of the bucket in which it makes sense, or
 * `null`. `issuedAt` is the writer's own clock when it was ordered.
 *
 * @category models
 * @since 0.1.0
 */
export interface Request {
  readonly process: Process
  readonly bucket: "live" | "plan"
  readonly key: string
  readonly value: Value.Value
  readonly expected: Revision.Revision | null
  readonly life: number | null
  readonly issuedAt: number
}

/**
 * Whoever is told what the store takes, just before it does.
 *
 * @category models
 * @since 0.1.0
 */
export interface Judge {
  readonly written: (request: Request, before: Value.Value | null) => void
  readonly listRemoved: (version: number) => void
  readonly planLost: (restored: Plan.Plan | null) => void
}

/**
 * The store, with what watches it and who judges it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Store {
  readonly watches: Watch.Watches
  readonly judge: Judge
}

/**
 * A store that nobody watches yet.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (network: Network.Network, judge: Judge): Store => ({
  watches: { network, all: new Set(), storeDownUntil: 0 },
  judge
})

/**
 * Carries a write out, if the key is where the write expects it. Returns the new revision, or `null` for a conflict.
 *
 * @category combinators
 * @since 0.1.0
 */
export const apply = (world: World, store: Store, request: Request): Revision.Revision | null => {
  const bucket = world[request.bucket]
  const { expected, key, value } = request
  const before = bucket.entries.get(key)
  const isExpected = expected === null || (before?.revision ?? 0) === expected
  if (!isExpected) {
    count(world, "conflict")
    say(world, () => `store ${key} refuses ${request.process.name}: at ${before?.revision ?? 0}, not ${expected}`)
    return null
  }
  store.judge.written(request, before?.value ?? null)
  count(world, "write")
  const entry = Bucket.put(bucket, key, value, world.now)
  say(world, () => `store ${key} @${entry.revision} by ${request.process.name}`)
  Watch.changed(world, store.watches, bucket, key)
  return entry.revision
}

/**
 * A removal that nobody waits for.
 *
 * @category combinators
 * @since 0.1.0
 */
export const removeList = (world: World, store: Store, version: number): void => {
  const key = Value.listKey(version)
  if (!world.plan.entries.has(key)) return
  store.judge.listRemoved(version)
  Bucket.vanish(world.plan, key, true)
  Watch.changed(world, store.watches, world.plan, key)
}

/**
 * A key goes without anybody having ordered it.
 *
 * @category combinators
 * @since 0.1.0
 */
export const vanish = (world: World, store: Store, key: string, isNoticed: boolean): void => {
  count(world, isNoticed ? "key vanished" : "key vanished unseen")
  say(world, () => `store ${key} vanishes${isNoticed ? "" : " unseen"}`)
  Bucket.vanish(world.live, key, isNoticed)
  if (isNoticed) Watch.changed(world, store.watches, world.live, key)
}

/**
 * Somebody who is no worker writes, whatever is there.
 *
 * @category combinators
 * @since 0.1.0
 */
export const overwrite = (world: World, store: Store, bucket: Bucket.Bucket, key: string, value: Value.Value): void => {
  say(world, () => `store ${key} is overwritten with ${value._tag}`)
  Bucket.put(bucket, key, value, world.now)
  Watch.changed(world, store.watches, bucket, key)
}

/**
 * A bucket is lost and made again. All who watch it are cut off, and will find another one.
 *
 * @category combinators
 * @since 0.1.0
 */
export const lose = (world: World, store: Store, bucket: Bucket.Bucket): void => {
  say(world, () => `store loses bucket ${bucket.name}`)
  if (bucket.name === "plan") store.judge.planLost(null)
  bucket.saved = new Map()
  Bucket.lose(bucket, firstRevision(world.now))
  cutAll(world, store, (watch) => watch.bucket === bucket)
}

/**
 * A bucket is set back to an earlier time: an old copy of it was restored, or its last writes had not reached the disk.
 *
 * @category combinators
 * @since 0.1.0
 */
export const setBack = (world: World, store: Store, bucket: Bucket.Bucket): void => {
  say(world, () => `store sets bucket ${bucket.name} back`)
  const restored = bucket.saved.get(Value.planKey)?.value
  if (bucket.name === "plan") store.judge.planLost(restored?._tag === "Plan" ? restored.plan : null)
  Bucket.setBack(bucket, firstRevision(world.now), world.now)
  cutAll(world, store, (watch) => watch.bucket === bucket)
}

/**
 * The revision that a bucket made now starts after. It depends on the time, as with a stream whose first sequence is set
 * from the clock: otherwise a write that was meant for the old bucket could find its revision in the new one by chance.
 *
 * @category combinators
 * @since 0.1.0
 */
export const firstRevision = (now: number): Revision.Revision => 1_000_000_000 + now * 1000

/**
 * The store is away for a while.
 *
 * @category combinators
 * @since 0.1.0
 */
export const away = (world: World, store: Store, until: number): void => {
  store.watches.storeDownUntil = Math.max(store.watches.storeDownUntil, until)
  cutAll(world, store, () => true)
}

/**
 * Breaks off the watches that are chosen; each notices after a while of its own.
 *
 * @category combinators
 * @since 0.1.0
 */
export const cutAll = (world: World, store: Store, isChosen: (watch: Watch.Watch) => boolean): void => {
  for (const watch of store.watches.all) {
    if (isChosen(watch)) Watch.cut(world, store.watches, watch, world.random.between(1, 3000))
  }
}

/**
 * Keys that nobody has written for longer than the age limit go, noticed or not.
 *
 * @category combinators
 * @since 0.1.0
 */
export const age = (world: World, store: Store): void => {
  for (const [key, { writtenAt }] of world.live.entries) {
    if (world.now - writtenAt > world.scenario.ageLimitMs) vanish(world, store, key, world.random.chance(0.5))
  }
}
