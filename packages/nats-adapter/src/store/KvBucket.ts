/**
 * A bucket's stream: how it must be, and how to make it so.
 *
 * @since 0.1.0
 */
import {
  DiscardPolicy,
  RetentionPolicy,
  StorageType,
  type JetStreamManager,
  type Placement,
  type StreamConfig,
  type StreamInfo
} from "@nats-io/jetstream"
import { type MsgHdrs, nanos, type NatsConnection } from "@nats-io/transport-node"
import { type Bucket, StoreMisconfigured, StoreUnavailable } from "@parti/core/CoordinationStore"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type { StreamIdentity } from "./BucketLife.ts"
import * as NatsFailure from "../connection/NatsFailure.ts"

/**
 * How a bucket is made, and what an existing one is checked against. What is left out is `file` and 1 for a new bucket, and
 * whatever an existing one has.
 *
 * **Details**
 *
 * Memory storage loses everything with its servers, and one replica everything with its server; the group then starts
 * afresh, with tokens that go on rising. `create: false` makes none: whoever only looks at a group must not bring one about.
 *
 * @category models
 * @since 0.1.0
 */
export interface KvBucketOptions {
  readonly create?: boolean
  readonly storage?: "file" | "memory"
  readonly replicas?: number
  readonly placement?: Placement
}

/**
 * A bucket and its settings. `maxAgeMs: 0` keeps keys for ever.
 *
 * @category models
 * @since 0.1.0
 */
export interface KvBucket {
  readonly name: string
  readonly stream: string
  readonly maxAgeMs: number
  readonly options: KvBucketOptions
}

// Longer than any lease: a worker that is silent for so long has been evicted.
const liveMaxAgeMs = 600_000

/**
 * One of the two buckets of a group.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (group: string, which: Bucket, options: KvBucketOptions): KvBucket => ({
  name: `${group}-${which}`,
  stream: `KV_${group}-${which}`,
  maxAgeMs: which === "live" ? liveMaxAgeMs : 0,
  options
})

/**
 * The subject of a key, or of a pattern of keys.
 *
 * @category accessors
 * @since 0.1.0
 */
export const subject = ({ name }: KvBucket, key: string): string => `$KV.${name}.${key}`

/**
 * The bucket's stream as it is now; made if it is missing, refused if its settings are others.
 *
 * @category constructors
 * @since 0.1.0
 */
export const open = (
  { connection, manager }: { readonly connection: NatsConnection; readonly manager: JetStreamManager },
  bucket: KvBucket
): Effect.Effect<StreamInfo, StoreMisconfigured | StoreUnavailable> =>
  info(manager, bucket).pipe(
    Effect.catchIf(
      (error) => bucket.options.create !== false && isMissing(error),
      () =>
        // Another process may make it at the same moment, a millisecond apart: then that one's is taken.
        Effect.catchIf(add(manager, bucket, connection.info?.api_lvl ?? 0), isNameInUse, () =>
          infoOfNew(manager, bucket)
        )
    ),
    Effect.mapError(unopened),
    Effect.tap(({ config: found }) => {
      const [wrong] = faults(bucket, found)
      return wrong === undefined ? Effect.void : Effect.fail(wrong)
    })
  )

/**
 * A bucket whose stream could not be asked for.
 *
 * @category errors
 * @since 0.1.0
 */
export const unopened = (cause: NatsFailure.NatsRequestFailed): StoreUnavailable =>
  new StoreUnavailable({ operation: "open", outcome: "NotApplied", reason: cause.message, cause })

/**
 * What tells the life that a stream is in.
 *
 * @category accessors
 * @since 0.1.0
 */
export const identity = ({ config, created, state }: StreamInfo): StreamIdentity => ({
  created,
  firstConfiguredSequence: config.first_seq ?? 0,
  lastSequence: state.last_seq
})

/**
 * Whether a message says that its key is not there: it was removed, or the server let it age away.
 *
 * @category predicates
 * @since 0.1.0
 */
export const isMarker = (headers: MsgHdrs | undefined): boolean =>
  headers !== undefined && (headers.get("KV-Operation") !== "" || headers.get("Nats-Marker-Reason") !== "")

const isMissing = (thrown: unknown): boolean => NatsFailure.code(thrown) === NatsFailure.codes.streamNotFound

const isNameInUse = (thrown: unknown): boolean => NatsFailure.code(thrown) === NatsFailure.codes.streamNameInUse

const info = (
  manager: JetStreamManager,
  { stream }: KvBucket
): Effect.Effect<StreamInfo, NatsFailure.NatsRequestFailed> => NatsFailure.attempt(() => manager.streams.info(stream))

/** In a cluster what has just been made is not known to every server yet, though its name is taken. */
const infoOfNew = (
  manager: JetStreamManager,
  bucket: KvBucket
): Effect.Effect<StreamInfo, NatsFailure.NatsRequestFailed> =>
  Effect.retry(info(manager, bucket), { while: isMissing, times: 50, schedule: Schedule.spaced("100 millis") })

const add = (
  manager: JetStreamManager,
  bucket: KvBucket,
  apiLevel: number
): Effect.Effect<StreamInfo, NatsFailure.NatsRequestFailed> =>
  Effect.clockWith((clock) => {
    // Revisions go on rising when a lost bucket is made again, so that no compare-and-set meets one of an earlier life.
    const firstSequence = apiLevel < firstSequenceIsSafe ? {} : { first_seq: clock.currentTimeMillisUnsafe() }
    return NatsFailure.attempt(() => manager.streams.add({ ...config(bucket), ...firstSequence }))
  })

// The API level of server 2.12. With a first sequence, some releases of 2.10 and 2.11 lose the stream at a restart.
const firstSequenceIsSafe = 2

// Newer servers count a stream's consumers against 1,000 unless told; each watch of each worker is one.
const maxConsumers = 100_000

const config = (bucket: KvBucket): Partial<StreamConfig> & Pick<StreamConfig, "name"> => ({
  name: bucket.stream,
  subjects: [subject(bucket, ">")],
  description: "Parti",
  retention: RetentionPolicy.Limits,
  discard: DiscardPolicy.New,
  max_msgs_per_subject: 1,
  max_consumers: maxConsumers,
  max_age: nanos(bucket.maxAgeMs),
  storage: bucket.options.storage === "memory" ? StorageType.Memory : StorageType.File,
  num_replicas: bucket.options.replicas ?? 1,
  ...(bucket.options.placement === undefined ? {} : { placement: bucket.options.placement }),
  // Lets a removed key's marker age away; older servers leave this out.
  allow_msg_ttl: true,
  // What the tools for KV buckets expect.
  allow_direct: true,
  allow_rollup_hdrs: true,
  deny_delete: true
})

/**
 * What is wrong with the settings of a bucket that exists.
 *
 * @category predicates
 * @since 0.1.0
 */
export const faults = (bucket: KvBucket, found: StreamConfig): ReadonlyArray<StoreMisconfigured> => {
  const { options } = bucket
  const settings: ReadonlyArray<readonly [setting: string, is: unknown, shouldBe: unknown]> = [
    ["subjects", found.subjects, [subject(bucket, ">")]],
    ["history (max_msgs_per_subject)", found.max_msgs_per_subject, 1],
    ["max_age in milliseconds", found.max_age / 1e6, bucket.maxAgeMs],
    ["retention", found.retention, RetentionPolicy.Limits],
    // The other policy makes room by dropping keys, silently.
    ["discard", found.discard, DiscardPolicy.New],
    ["discard_new_per_subject", found.discard_new_per_subject ?? false, false],
    ["sealed", found.sealed ?? false, false],
    ["mirror", found.mirror?.name, undefined],
    ["storage", found.storage, options.storage],
    ["replicas", found.num_replicas, options.replicas],
    ["placement", found.placement, options.placement]
  ]
  const required = settings.filter(([setting, , shouldBe]) => setting === "mirror" || shouldBe !== undefined)
  return required.flatMap(([setting, is, shouldBe]) =>
    show(is) === show(shouldBe)
      ? []
      : [new StoreMisconfigured({ bucket: bucket.name, setting, is: show(is), shouldBe: show(shouldBe) })]
  )
}

const show = (value: unknown): string =>
  typeof value === "string" ? value : (JSON.stringify(value, inOrder) ?? "not set")

/** The order of an object's keys means nothing; a server has its own. */
const inOrder = (_: string, value: unknown): unknown =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value
