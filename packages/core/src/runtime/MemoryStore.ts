/**
 * The embedded store: a group's two buckets in the memory of one process.
 *
 * @since 0.1.0
 */
import * as Arr from "effect/Array"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { InvariantViolation } from "../model/Assert.ts"
import type { Revision } from "../model/Revision.ts"
import {
  type Bucket,
  CoordinationStore,
  RevisionMismatch,
  ValueTooLarge,
  type WatchEvent
} from "./CoordinationStore.ts"
import { MemoryBucket, type Reader } from "./MemoryBucket.ts"
import * as StoreKey from "./StoreKey.ts"

/**
 * What can be chosen. The defaults are those of the buckets on NATS.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** A key of the `live` bucket that is not written for this long vanishes without notice. Default: 10 minutes. */
  readonly liveMaxAge?: Duration.Input
  /** The longest value that is taken. Default: 1 MiB. */
  readonly maxValueBytes?: number
}

/**
 * The store of one group, for all its workers in this process: give each the same object.
 *
 * **Details**
 *
 * It keeps the contract of `CoordinationStore` and refuses what NATS refuses, so a group that runs on it runs on NATS.
 * Beyond the contract it can lose things on purpose, for tests and demonstrations.
 *
 * A write is one synchronous step; whoever watches is told in a later one. A reader sees every change as long as it
 * keeps up. What waits for a slow one is reduced to the newest value of each key, so it stays small. Nothing is kept for
 * a reader that has gone.
 *
 * **Gotchas**
 *
 * Watches share the bytes they show: read them, never write to them. Time is that of the `Clock` under which the store
 * was made, whatever clocks its users have.
 *
 * @category models
 * @since 0.1.0
 */
export interface MemoryStore extends CoordinationStoreShape {
  /** Loses a bucket: it is empty and has a new incarnation; revisions go on rising. Watches begin anew. */
  readonly reset: (bucket: Bucket) => Effect.Effect<void>
  /** Takes a key away without telling anybody, as ageing does. */
  readonly vanish: (bucket: Bucket, key: string) => Effect.Effect<void>
  /** How many writes and removals a bucket has accepted, in all its incarnations. */
  readonly revision: (bucket: Bucket) => Effect.Effect<Revision>
  /** How many watches are open, to tell that none is left over. */
  readonly watchCount: Effect.Effect<number>
}

type CoordinationStoreShape = (typeof CoordinationStore)["Service"]

/**
 * Makes the store of one group.
 *
 * **Example**
 *
 * ```ts
 * import * as Effect from "effect/Effect"
 * import * as MemoryStore from "@parti/core/MemoryStore"
 * import * as Revision from "@parti/core/Revision"
 *
 * const program = Effect.gen(function* () {
 *   const store = yield* MemoryStore.make()
 *   const first = yield* store.write("live", "leader", new Uint8Array([1]), { expected: Revision.absent })
 *   return yield* store.write("live", "leader", new Uint8Array([2]), { expected: first })
 * })
 *
 * Effect.runSync(program) // 2
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (options: Options = {}): Effect.Effect<MemoryStore> =>
  Effect.map(Clock.Clock, (clock) => {
    const maxValueBytes = options.maxValueBytes ?? 1024 * 1024
    let incarnationCount = 0
    const bucket = (maxAgeMs: number) =>
      new MemoryBucket({
        maxAgeMs,
        now: () => Number(clock.monotonicTimeNanosUnsafe()) / 1e6,
        nextIncarnation: () => `memory-${clock.currentTimeMillisUnsafe()}-${(incarnationCount += 1)}`
      })
    const live = bucket(Duration.toMillis(Duration.fromInputUnsafe(options.liveMaxAge ?? "10 minutes")))
    return over({ live, plan: bucket(Number.POSITIVE_INFINITY) }, maxValueBytes)
  })

/**
 * A store for one group, as a layer. Two layers built from it are two stores.
 *
 * **Example**
 *
 * ```ts
 * import { MemoryStore, Parti } from "@parti/core"
 * import { Layer } from "effect"
 *
 * const Worker = Parti.layer({ group: "orders", partitions: [{ keys: ["eu"] }] }).pipe(Layer.provide(MemoryStore.layer()))
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (options?: Options): Layer.Layer<CoordinationStore> =>
  Layer.effect(CoordinationStore, make(options))

/**
 * The stores of several groups, made when first asked for: same name, same store.
 *
 * **Example**
 *
 * ```ts
 * import { MemoryStore } from "@parti/core"
 * import { Effect } from "effect"
 *
 * const program = Effect.gen(function* () {
 *   const groups = yield* MemoryStore.makeGroups()
 *   const orders = yield* groups("orders")
 *   const invoices = yield* groups("invoices")
 *   return { orders, invoices }
 * })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const makeGroups = (options?: Options): Effect.Effect<(group: string) => Effect.Effect<MemoryStore>> =>
  Effect.sync(() => {
    const stores = new Map<string, MemoryStore>()
    return (group) =>
      Effect.suspend(() => {
        const known = stores.get(group)
        if (known !== undefined) return Effect.succeed(known)
        return Effect.map(make(options), (store) => {
          stores.set(group, store)
          return store
        })
      })
  })

const over = (buckets: Readonly<Record<Bucket, MemoryBucket>>, maxValueBytes: number): MemoryStore => {
  const fitting = <A, E>(key: string, value: Uint8Array, write: () => Effect.Effect<A, E>) =>
    legal<A, E | ValueTooLarge>(key, () =>
      value.length <= maxValueBytes
        ? write()
        : Effect.fail(new ValueTooLarge({ key, bytes: value.length, maxBytes: maxValueBytes }))
    )
  return {
    write: (bucket, key, value, { expected }) =>
      fitting(key, value, () => {
        const revision = buckets[bucket].write(key, value, expected)
        return revision === null
          ? Effect.fail(new RevisionMismatch({ bucket, key, expected }))
          : Effect.succeed(revision)
      }),
    put: (bucket, key, value) => fitting(key, value, () => Effect.succeed(buckets[bucket].put(key, value))),
    remove: (bucket, key) => legal(key, () => Effect.succeed(buckets[bucket].remove(key))),
    watch: (bucket, patterns) => watch(buckets[bucket], patterns),
    reset: (bucket) => Effect.sync(() => buckets[bucket].reset()),
    vanish: (bucket, key) => Effect.sync(() => buckets[bucket].vanish(key)),
    revision: (bucket) => Effect.sync(() => buckets[bucket].revision),
    watchCount: Effect.sync(() => buckets.live.readerCount + buckets.plan.readerCount)
  }
}

const legal = <A, E>(key: string, use: () => Effect.Effect<A, E>): Effect.Effect<A, E> =>
  Effect.suspend(() => {
    const fault = StoreKey.fault(key)
    return fault === null ? use() : Effect.die(new InvariantViolation(fault))
  })

const watch = (bucket: MemoryBucket, patterns: ReadonlyArray<string>): Stream.Stream<WatchEvent> =>
  Stream.suspend(() => {
    const fault = StoreKey.faultOfPatterns(patterns)
    if (fault !== null) return Stream.die(new InvariantViolation(fault))
    return Effect.acquireRelease(
      Effect.sync(() => bucket.open(patterns)),
      (reader) => Effect.sync(() => bucket.close(reader))
    ).pipe(
      Effect.map((reader) => Stream.fromPull(Effect.succeed(next(reader)))),
      Stream.unwrap
    )
  })

/**
 * Takes what is there, else waits. A reader that is woken first yields: it must not run within the step of the writer that
 * woke it. And it takes only then, so that nothing is lost when it is interrupted in between.
 */
const next = (reader: Reader): Effect.Effect<Arr.NonEmptyReadonlyArray<WatchEvent>> => {
  const take: Effect.Effect<Arr.NonEmptyReadonlyArray<WatchEvent>> = Effect.suspend(() => {
    const events = reader.take()
    return Arr.isReadonlyArrayNonEmpty(events) ? Effect.succeed(events) : wait
  })
  const wait = Effect.andThen(
    Effect.callback<void>((resume) => reader.onReady(() => resume(Effect.yieldNow))),
    take
  )
  return take
}
