/**
 * The consumer of one partition, and how it passes from owner to owner.
 *
 * @since 0.1.0
 */
import {
  AckPolicy,
  type ConsumerConfig,
  type ConsumerInfo,
  DeliverPolicy,
  type JetStreamManager,
  RetentionPolicy
} from "@nats-io/jetstream"
import { nanos } from "@nats-io/transport-node"
import * as Effect from "effect/Effect"
import * as NatsFailure from "../connection/NatsFailure.ts"
import { ConsumerLimitReached, ConsumerUnavailable } from "../ConsumptionError.ts"
import type { ConsumerListing } from "./ConsumerListing.ts"
import * as ConsumerName from "./ConsumerName.ts"

/**
 * Where the very first consumer of a partition begins.
 *
 * @category models
 * @since 0.1.0
 */
export type StartFrom = "first" | { readonly sequence: number } | { readonly time: Date }

/**
 * What a claim needs to know.
 *
 * **Details**
 *
 * `floor` is the sequence up to which this very process knows everything to be acknowledged; 0 if it knows nothing.
 *
 * @category models
 * @since 0.1.0
 */
export interface Claim {
  readonly stream: string
  readonly retention: RetentionPolicy
  readonly consumption: string
  readonly partition: string
  readonly subjects: ReadonlyArray<string>
  readonly token: number
  /** How many consumers this process has made under this token. */
  readonly runCount: number
  readonly floor: number
  readonly startFrom: StartFrom
  readonly ackWaitMs: number
  readonly prefetch: number
}

/**
 * What became of a claim: the consumer, or the news that somebody with a higher rank has claimed since.
 *
 * @category models
 * @since 0.1.0
 */
export type Claimed =
  | { readonly _tag: "Made"; readonly info: ConsumerInfo; readonly rank: ConsumerName.Rank }
  | { readonly _tag: "Outranked"; readonly by: ConsumerName.Rank }

interface Found {
  readonly name: string
  readonly rank: ConsumerName.Rank
}

/**
 * Makes the consumer of a rank, behind everything that lower ranks have acknowledged, and removes theirs.
 *
 * **Details**
 *
 * The consumers are listed before and after. Of two that claim at the same time, whoever comes second is seen by the
 * other's second listing or sees it with the first, so only the higher one goes on. A removed consumer refuses the pulls
 * and acknowledgements of whoever still holds it. Of several that owners have left behind who died half-way, or whose requests
 * were not answered, all but the one that remembers most are removed first: a partition never has more than two, or the stream
 * might take no more and its owners could not go on. On a work queue, which takes one consumer a subject, all are removed first:
 * there the stream itself remembers what was acknowledged.
 *
 * @category operations
 * @since 0.1.0
 */
export const claim = (
  manager: JetStreamManager,
  listing: ConsumerListing,
  wanted: Claim
): Effect.Effect<Claimed, ConsumerUnavailable | ConsumerLimitReached> =>
  Effect.gen(function* () {
    const isWorkQueue = wanted.retention === RetentionPolicy.Workqueue
    const before = consumersOf(wanted, yield* listing)
    const above = before.find(({ rank }) => rank.token > wanted.token)
    if (above !== undefined) return { _tag: "Outranked", by: above.rank } as const
    // What bears the same token was made by this very owner, and its run has ended.
    const ownRuns = before.filter(({ rank }) => rank.token === wanted.token).map(({ rank }) => rank.run)
    const rank = { token: wanted.token, run: 1 + Math.max(wanted.runCount, ...ownRuns) }
    const memory = isWorkQueue ? nothingKept : yield* remembered(manager, wanted.stream, before)
    const floor = isWorkQueue ? 0 : Math.max(wanted.floor, memory.floor)
    yield* removeAll(
      manager,
      wanted.stream,
      namesOf(before).filter((name) => name !== memory.name)
    )
    const name = ConsumerName.render(ConsumerName.prefix(wanted.consumption, wanted.partition), rank)
    const info = yield* NatsFailure.attempt(() =>
      manager.consumers.add(wanted.stream, { ...settings(wanted, name), ...start(wanted, floor, isWorkQueue) })
    )
    const after = consumersOf(wanted, yield* listing)
    const higher = after.find((found) => ConsumerName.compare(found.rank, rank) > 0)
    if (higher !== undefined) {
      yield* removeAll(manager, wanted.stream, [name])
      return { _tag: "Outranked", by: higher.rank } as const
    }
    const lower = after.filter((found) => ConsumerName.compare(found.rank, rank) < 0)
    yield* removeAll(manager, wanted.stream, namesOf(lower))
    return { _tag: "Made", info, rank } as const
  }).pipe(Effect.mapError((error) => failed(wanted, error)))

const consumersOf = ({ consumption, partition }: Claim, names: ReadonlyArray<string>): ReadonlyArray<Found> => {
  const prefix = ConsumerName.prefix(consumption, partition)
  return names.flatMap((name) => {
    const rank = ConsumerName.parse(prefix, name)
    return rank === null ? [] : [{ name, rank }]
  })
}

const namesOf = (consumers: ReadonlyArray<Found>): ReadonlyArray<string> => consumers.map(({ name }) => name)

/** Up to where everything is acknowledged, and the consumer that knows it. */
interface Memory {
  readonly name: string | null
  readonly floor: number
}

const nothingKept: Memory = { name: null, floor: 0 }

const remembered = (manager: JetStreamManager, stream: string, consumers: ReadonlyArray<Found>) =>
  Effect.map(
    Effect.forEach(consumers, ({ name }) => NatsFailure.attempt(() => manager.consumers.info(stream, name))),
    (infos) =>
      infos.reduce<Memory>((most, info) => {
        const floor = floorOf(info)
        return most.name === null || floor > most.floor ? { name: info.name, floor } : most
      }, nothingKept)
  )

/** Older servers say 0 for a consumer that began further on, until something is acknowledged. */
const floorOf = ({ ack_floor, config }: ConsumerInfo): number =>
  Math.max(ack_floor.stream_seq, (config.opt_start_seq ?? 1) - 1)

const settings = (wanted: Claim, name: string): Partial<ConsumerConfig> => ({
  durable_name: name,
  ack_policy: AckPolicy.Explicit,
  ack_wait: nanos(wanted.ackWaitMs),
  max_ack_pending: wanted.prefetch,
  max_deliver: -1,
  // A list is refused by the server for one subject on some versions, and costs more.
  ...(wanted.subjects.length === 1
    ? { filter_subject: wanted.subjects[0] ?? "" }
    : { filter_subjects: [...wanted.subjects] })
})

const start = ({ startFrom }: Claim, floor: number, isWorkQueue: boolean): Partial<ConsumerConfig> => {
  if (floor > 0) return { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: floor + 1 }
  if (isWorkQueue || startFrom === "first") return { deliver_policy: DeliverPolicy.All }
  return "sequence" in startFrom
    ? { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: startFrom.sequence }
    : { deliver_policy: DeliverPolicy.StartTime, opt_start_time: startFrom.time.toISOString() }
}

/**
 * Removes consumers; those that are gone already are as good as removed.
 *
 * @category operations
 * @since 0.1.0
 */
export const removeAll = (
  manager: JetStreamManager,
  stream: string,
  names: ReadonlyArray<string>
): Effect.Effect<void, NatsFailure.NatsRequestFailed> =>
  Effect.forEach(
    names,
    (name) =>
      Effect.catchIf(
        NatsFailure.attempt(() => manager.consumers.delete(stream, name)),
        (error) => NatsFailure.code(error) === NatsFailure.codes.consumerNotFound,
        () => Effect.void
      ),
    { discard: true }
  )

const failed = ({ partition, stream }: Claim, { cause, message }: NatsFailure.NatsRequestFailed) =>
  NatsFailure.code(cause) === NatsFailure.codes.consumerLimit
    ? new ConsumerLimitReached({ stream, partition, cause })
    : new ConsumerUnavailable({ stream, partition, reason: message, cause })
