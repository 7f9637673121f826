/**
 * The coordination store on JetStream's key-value buckets.
 *
 * **Example** (A tool that looks at several groups, and makes none)
 *
 * ```ts
 * import { NatsStore } from "@parti/nats-adapter"
 * import { Effect } from "effect"
 *
 * const optionsFor = (group: string): NatsStore.NatsStoreOptions => ({ group, create: false, openTimeout: "2 seconds" })
 *
 * const leaveOut = (group: string) => (error: NatsStore.NatsStoreError) =>
 *   Effect.as(Effect.logWarning(`${group} is left out: ${error.message}`), null)
 *
 * const open = (group: string) => Effect.catch(NatsStore.make(optionsFor(group)), leaveOut(group))
 * const stores = Effect.forEach(["billing", "shipping"], open)
 * ```
 *
 * @since 0.1.0
 */
import { jetstream, jetstreamManager } from "@nats-io/jetstream"
import {
  type Bucket,
  CoordinationStore,
  StoreMisconfigured,
  type StoreUnavailable,
  type WatchEvent
} from "@parti/core/CoordinationStore"
import * as StoreKey from "@parti/core/StoreKey"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Queue from "effect/Queue"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import * as BucketLife from "./store/BucketLife.ts"
import * as BucketWatch from "./store/BucketWatch.ts"
import * as BucketWrite from "./store/BucketWrite.ts"
import * as KvBucket from "./store/KvBucket.ts"
import { NatsConnection } from "./NatsConnection.ts"
import type { NatsPermissionDenied } from "./NatsError.ts"
import * as NatsFailure from "./connection/NatsFailure.ts"

/**
 * Which store, and how its two buckets are made or must be.
 *
 * **Details**
 *
 * - `group`: names the buckets `<group>-live` and `<group>-plan`; letters, digits, `-` and `_`.
 * - `storage`, `replicas`, `placement`: for buckets that are made; checked where a bucket exists, if they are given.
 * - `create`: whether missing buckets are made (default `true`). Without it the store of a group that never was does not
 *   open.
 * - `requestTimeout`: for how long a write waits for its answer, reconnecting included (default 1 second).
 * - `openTimeout`: for how long the start waits for a server that cannot make the buckets yet (default 10 seconds).
 *
 * @category models
 * @since 0.1.0
 */
export interface NatsStoreOptions extends KvBucket.KvBucketOptions {
  readonly group: string
  readonly requestTimeout?: Duration.Input
  readonly openTimeout?: Duration.Input
}

/**
 * What can go wrong while the store is opened.
 *
 * @category errors
 * @since 0.1.0
 */
export type NatsStoreError = StoreMisconfigured | StoreUnavailable | NatsPermissionDenied

/**
 * Opens the buckets of a group, and makes those that are missing.
 *
 * **Example**
 *
 * ```ts
 * import { CoordinationStore, Parti } from "@parti/core"
 * import { NatsStore } from "@parti/nats-adapter"
 * import { Effect } from "effect"
 *
 * const program = Effect.gen(function* () {
 *   const store = yield* NatsStore.make({ group: "orders", replicas: 3 })
 *   const worker = Parti.make({ group: "orders", partitions: [{ keys: ["eu"] }] })
 *   return yield* Effect.provideService(worker, CoordinationStore.CoordinationStore, store)
 * })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (
  options: NatsStoreOptions
): Effect.Effect<CoordinationStore["Service"], NatsStoreError, NatsConnection> =>
  Effect.gen(function* () {
    const timeoutMs = Duration.toMillis(options.requestTimeout ?? "1 second")
    const live = yield* open(options, "live", timeoutMs)
    const plan = yield* open(options, "plan", timeoutMs)
    const buckets: Record<Bucket, BucketWrite.WritableBucket> = { live, plan }
    return {
      write: (bucket, key, value, { expected }) =>
        legal(StoreKey.fault(key), () => BucketWrite.write(buckets[bucket], key, value, expected)),
      put: (bucket, key, value) => legal(StoreKey.fault(key), () => BucketWrite.put(buckets[bucket], key, value)),
      remove: (bucket, key) => legal(StoreKey.fault(key), () => BucketWrite.remove(buckets[bucket], key)),
      watch: (bucket, patterns) => watch(buckets[bucket], patterns)
    }
  })

/**
 * The store of a group as a layer.
 *
 * **Example** (The store of one group)
 *
 * ```ts
 * import { NatsConnection, NatsStore } from "@parti/nats-adapter"
 * import { Layer } from "effect"
 *
 * const Store = NatsStore.layer({ group: "orders" }).pipe(
 *   Layer.provide(NatsConnection.layer({ servers: "nats://127.0.0.1:4222" }))
 * )
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (options: NatsStoreOptions): Layer.Layer<CoordinationStore, NatsStoreError, NatsConnection> =>
  Layer.effect(CoordinationStore, make(options))

const open = (
  options: NatsStoreOptions,
  which: Bucket,
  timeoutMs: number
): Effect.Effect<BucketWrite.WritableBucket, NatsStoreError, NatsConnection> =>
  Effect.gen(function* () {
    const { connection, inboxPrefix, link } = yield* NatsConnection
    const bucket = KvBucket.make(options.group, which, options)
    if (!/^[-\w]+$/.test(options.group)) {
      const shouldBe = "of letters, digits, - and _"
      return yield* new StoreMisconfigured({ bucket: bucket.name, setting: "name", is: options.group, shouldBe })
    }
    const client = jetstream(connection, { timeout: timeoutMs })
    const manager = yield* Effect.promise(() => jetstreamManager(connection, { timeout: timeoutMs, checkAPI: false }))
    const patience = Schedule.spaced("200 millis").pipe(
      Schedule.upTo({ duration: options.openTimeout ?? "10 seconds" })
    )
    const stream = yield* KvBucket.open({ connection, manager }, bucket).pipe(
      Effect.catchIf(isDenied, (error) => Effect.fail(NatsFailure.permission(error.cause) ?? error)),
      Effect.retry({ while: isPassing, schedule: patience })
    )
    const life = BucketLife.make()
    life.saw(stream.state.last_seq)
    const doubters: BucketWrite.WritableBucket["doubters"] = new Set()
    const watched = { connection, link, inboxPrefix, manager, bucket, life, doubters }
    const writable = { ...watched, which, client, timeoutMs, settings: stream.config }
    yield* BucketWrite.probe(writable, which === "live" ? "leader" : "plan")
    yield* BucketWatch.probe(writable)
    return writable
  })

/** No answer at all, or a cluster that is not complete yet. */
const isPassing = (error: NatsStoreError): boolean => {
  if (error._tag !== "StoreUnavailable") return false
  const code = NatsFailure.code(error.cause)
  return code === null || code === NatsFailure.codes.noSuitablePeers || code === NatsFailure.codes.unavailable
}

const isDenied = (error: StoreMisconfigured | StoreUnavailable): error is StoreUnavailable =>
  error._tag === "StoreUnavailable" && NatsFailure.permission(error.cause) !== null

// Keys and patterns are made by the runtime, so a bad one is a defect, not an error that somebody could handle.
const legal = <A, E, R>(fault: string | null, use: () => Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.suspend(() => (fault === null ? use() : Effect.die(new Error(fault))))

const watch = (
  bucket: BucketWrite.WritableBucket,
  patterns: ReadonlyArray<string>
): Stream.Stream<WatchEvent, StoreUnavailable | StoreMisconfigured> =>
  Stream.callback((queue) =>
    legal(StoreKey.faultOfPatterns(patterns), () =>
      BucketWatch.run(bucket, StoreKey.disjoint(patterns), (events) => void Queue.offerAllUnsafe(queue, events))
    )
  )
