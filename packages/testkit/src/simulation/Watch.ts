/**
 * How what is written in a bucket reaches those who watch it.
 *
 * @since 0.1.0
 */
import { Revision } from "@parti/core/Protocol"
import * as Bucket from "./Bucket.ts"
import * as Network from "./Network.ts"
import type { Value } from "./Value.ts"
import { count, later, type Process, type World } from "./World.ts"

/**
 * What a watch shows.
 *
 * @category models
 * @since 0.1.0
 */
export type Shown =
  | { readonly _tag: "Opened"; readonly incarnation: string }
  | { readonly _tag: "Entry"; readonly key: string; readonly revision: Revision.Revision; readonly value: Value | null }
  | { readonly _tag: "Synced" }

interface Parcel {
  readonly shown: Shown
  isOvertaken: boolean
}

/**
 * One watch of one process.
 *
 * **Details**
 *
 * `seen` holds what was shown of the keys that are not known to be gone, `cursor` the last revision shown, `life` the life of
 * the bucket in which that was. `opening` numbers the times it was opened: what an earlier one had under way is lost.
 *
 * @category models
 * @since 0.1.0
 */
export interface Watch {
  readonly bucket: Bucket.Bucket
  readonly process: Process
  readonly matches: (key: string) => boolean
  readonly show: (shown: Shown) => void
  readonly seen: Map<string, Value>
  readonly underWay: Map<string, Parcel>
  cursor: Revision.Revision
  life: number
  isListed: boolean
  isOpen: boolean
  isClosed: boolean
  opening: number
  lastAt: number
}

/**
 * All watches, and the network that they run over.
 *
 * @category models
 * @since 0.1.0
 */
export interface Watches {
  readonly network: Network.Network
  readonly all: Set<Watch>
  /** When the store will be there again, or a past instant while it is. */
  storeDownUntil: number
}

/**
 * Begins to watch. The listing starts as soon as the store has got the request.
 *
 * @category constructors
 * @since 0.1.0
 */
export const start = (
  world: World,
  watches: Watches,
  options: Pick<Watch, "bucket" | "process" | "matches" | "show">
): Watch => {
  const watch: Watch = {
    ...options,
    seen: new Map(),
    underWay: new Map(),
    cursor: 0,
    life: 0,
    isListed: false,
    isOpen: false,
    isClosed: false,
    opening: 0,
    lastAt: 0
  }
  watches.all.add(watch)
  openLater(world, watches, watch, world.random.between(1, world.scenario.latencyMs * 2))
  return watch
}

/**
 * Ends a watch for good.
 *
 * @category combinators
 * @since 0.1.0
 */
export const close = (watches: Watches, watch: Watch): void => {
  watch.isClosed = true
  watch.isOpen = false
  watch.opening += 1
  watches.all.delete(watch)
}

/**
 * Breaks a watch off. It notices after a while, and is opened again.
 *
 * @category combinators
 * @since 0.1.0
 */
export const cut = (world: World, watches: Watches, watch: Watch, forMs: number): void => {
  watch.isOpen = false
  watch.opening += 1
  watch.underWay.clear()
  openLater(world, watches, watch, forMs)
}

/**
 * A key has changed: everybody who watches it hears of it.
 *
 * @category combinators
 * @since 0.1.0
 */
export const changed = (world: World, watches: Watches, bucket: Bucket.Bucket, key: string): void => {
  const entry = bucket.entries.get(key)
  const revision = entry?.revision ?? bucket.gone.get(key) ?? bucket.last
  const shown: Shown = { _tag: "Entry", key, revision, value: entry?.value ?? null }
  for (const watch of watches.all) {
    if (watch.isOpen && watch.bucket === bucket && watch.matches(key)) {
      push(world, watches, watch, shown)
    }
  }
}

const openLater = (world: World, watches: Watches, watch: Watch, afterMs: number): void => {
  const opening = watch.opening
  later(world, world.now + afterMs, () => {
    if (watch.isClosed || watch.opening !== opening) return
    if (watch.process.status === "Gone") return close(watches, watch)
    const isAway =
      watch.process.status === "Paused" ||
      world.now < watches.storeDownUntil ||
      Network.isCut(watches.network, watch.process.slot.index, world.now)
    if (isAway) return openLater(world, watches, watch, world.random.between(100, 1500))
    open(world, watches, watch)
  })
}

const open = (world: World, watches: Watches, watch: Watch): void => {
  watch.isOpen = true
  const mayResume = watch.isListed && watch.life === watch.bucket.life
  if (mayResume && world.flaws.resumesBlindly === true) return
  if (mayResume && world.random.chance(world.scenario.resumes)) return resume(world, watches, watch)
  list(world, watches, watch)
}

const resume = (world: World, watches: Watches, watch: Watch): void => {
  count(world, "watch resumed")
  const missed = [
    ...[...watch.bucket.entries].map(([key, { revision, value }]) => ({ key, revision, value })),
    ...[...watch.bucket.gone].map(([key, revision]) => ({ key, revision, value: null }))
  ].filter(({ key, revision }) => revision > watch.cursor && watch.matches(key))
  missed.sort((a, b) => a.revision - b.revision)
  for (const { key, revision, value } of missed) push(world, watches, watch, { _tag: "Entry", key, revision, value })
}

const list = (world: World, watches: Watches, watch: Watch): void => {
  count(world, "watch listed")
  const { bucket } = watch
  watch.isListed = false
  watch.life = bucket.life
  watch.cursor = 0
  const incarnation = world.flaws.hidesIncarnation === true ? bucket.name : Bucket.incarnation(bucket)
  push(world, watches, watch, { _tag: "Opened", incarnation })
  const entries = [...bucket.entries].filter(([key]) => watch.matches(key))
  entries.sort(([, a], [, b]) => a.revision - b.revision)
  for (const [key, { revision, value: newest }] of entries) {
    const value = world.flaws.replaysOldValues === true ? (watch.seen.get(key) ?? newest) : newest
    if (world.flaws.listsPartly === true && world.random.chance(0.3)) continue
    push(world, watches, watch, { _tag: "Entry", key, revision, value })
  }
  for (const key of watch.seen.keys()) {
    if (bucket.entries.has(key)) continue
    push(world, watches, watch, { _tag: "Entry", key, revision: bucket.gone.get(key) ?? bucket.last, value: null })
  }
  push(world, watches, watch, { _tag: "Synced" })
}

const push = (world: World, watches: Watches, watch: Watch, shown: Shown): void => {
  const parcel: Parcel = { shown, isOvertaken: false }
  if (shown._tag === "Entry") {
    const earlier = watch.underWay.get(shown.key)
    if (earlier !== undefined && watch.isListed && world.random.chance(world.scenario.coalesces)) {
      earlier.isOvertaken = true
      count(world, "value overtaken")
    }
    watch.underWay.set(shown.key, parcel)
  }
  const opening = watch.opening
  watch.lastAt = Math.max(watch.lastAt, Network.push(watches.network, watch.process.slot.index, world.now))
  later(world, watch.lastAt, () => {
    if (watch.opening === opening) deliver(watch, parcel)
  })
}

const deliver = (watch: Watch, { isOvertaken, shown }: Parcel): void => {
  if (shown._tag === "Entry") {
    if (watch.underWay.get(shown.key)?.shown === shown) watch.underWay.delete(shown.key)
    if (isOvertaken) return
    watch.cursor = Math.max(watch.cursor, shown.revision === Revision.absent ? 0 : shown.revision)
    if (shown.value === null) watch.seen.delete(shown.key)
    else watch.seen.set(shown.key, shown.value)
  }
  if (shown._tag === "Synced") watch.isListed = true
  watch.show(shown)
}
