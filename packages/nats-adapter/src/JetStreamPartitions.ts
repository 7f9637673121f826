/**
 * A stream's messages, handled by the owner of their partition and by nobody else.
 *
 * @since 0.1.0
 */
import {
  jetstream,
  type JetStreamClient,
  jetstreamManager,
  type JetStreamManager,
  type JsMsg,
  type StreamInfo
} from "@nats-io/jetstream"
import * as Parti from "@parti/core/Parti"
import type * as Partition from "@parti/core/Partition"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import * as NatsFailure from "./connection/NatsFailure.ts"
import * as ConsumerListing from "./consume/ConsumerListing.ts"
import * as Delivery from "./consume/Delivery.ts"
import * as MessageLoop from "./consume/MessageLoop.ts"
import * as PartitionConsumer from "./consume/PartitionConsumer.ts"
import { type ConsumptionError, ConsumerUnavailable, StreamUnusable } from "./ConsumptionError.ts"
import { NatsConnection } from "./NatsConnection.ts"

/**
 * A message as its handler sees it. Nothing has to be acknowledged: that happens when the handler succeeds.
 *
 * @category models
 * @since 0.1.0
 */
export type PartitionMessage = Omit<JsMsg, "ack" | "nak" | "working" | "next" | "term" | "ackAck" | "sid">

/**
 * What is consumed, and how.
 *
 * **Details**
 *
 * - `stream`: must exist. `name`: names the consumption; the workers of a group use the same, other groups another.
 * - `subject`: the subject of a partition's messages, or several. As a text, `{id}` stands for the partition's id, `{0}` for
 *   its first key, and so on: `"orders.{id}.>"`.
 * - `handler`: is given each message with its partition and token. It is interrupted when the partition must be given up
 *   and it does not end in time; the message is then handled again, by the next owner.
 * - `startFrom`: where a partition begins that was never consumed (default `first`).
 * - `concurrency`: how many messages of one partition are handled at a time (default 1: strictly in order).
 * - `prefetch`: how many messages may be in hand, and come again after a crash (default 64).
 * - `ackWait`: after how long without a sign of life the server delivers a message again (default 30 seconds). A slow
 *   handler is no reason: signs of life are sent while it runs.
 * - `maxDeliver`: how often a message is tried before it is given up (default: for ever). `backoff`: the pauses between
 *   (default 0.1 to 30 seconds, doubling).
 * - `deadLetterSubject`: where a message goes that was given up; without it, it is logged and dropped. A stream must have
 *   the subject.
 *
 * @category models
 * @since 0.1.0
 */
export interface JetStreamPartitionsOptions<E, R> {
  readonly stream: string
  readonly name: string
  readonly subject: string | ((partition: Partition.Partition) => string | ReadonlyArray<string>)
  readonly handler: (message: PartitionMessage, context: Parti.PartitionContext) => Effect.Effect<unknown, E, R>
  readonly startFrom?: PartitionConsumer.StartFrom
  readonly concurrency?: number
  readonly prefetch?: number
  readonly ackWait?: Duration.Input
  readonly maxDeliver?: number
  readonly backoff?: ReadonlyArray<Duration.Input>
  readonly deadLetterSubject?: string | ((message: PartitionMessage) => string)
}

/**
 * Consumes the partitions that this process's worker owns, for as long as the scope lasts.
 *
 * **Details**
 *
 * The position belongs to the partition: a new owner goes on behind what the one before has acknowledged. A partition that
 * is given up finishes the message in hand, then waits until its acknowledgement is confirmed.
 *
 * **Example** (Orders, in order per region)
 *
 * ```ts
 * import { JetStreamPartitions } from "@parti/nats-adapter"
 * import { Effect } from "effect"
 *
 * const consume = JetStreamPartitions.forEachMessage({
 *   stream: "ORDERS",
 *   name: "billing",
 *   subject: "orders.{id}.>",
 *   handler: (message, { id, token }) => Effect.log(`${id} under ${token}: ${message.subject}`)
 * })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const forEachMessage = <E, R>(
  options: JetStreamPartitionsOptions<E, R>
): Effect.Effect<void, StreamUnusable, Parti.Parti | NatsConnection | Exclude<R, Scope.Scope> | Scope.Scope> =>
  Effect.gen(function* () {
    const parti = yield* Parti.Parti
    const consume = yield* make(options)
    yield* parti.forEachPartition(consume, { onRevoke: "drain" })
  })

/**
 * What `forEachMessage` registers: consumes one partition until it is revoked. For workers that are not the `Parti` service.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = <E, R>(
  options: JetStreamPartitionsOptions<E, R>
): Effect.Effect<
  (context: Parti.PartitionContext) => Effect.Effect<void, ConsumptionError, R | Scope.Scope>,
  StreamUnusable,
  NatsConnection
> =>
  Effect.gen(function* () {
    const nats = yield* NatsConnection
    const client = jetstream(nats.connection)
    const manager = yield* Effect.promise(() => jetstreamManager(nats.connection, { checkAPI: false }))
    const stream = yield* describeStream(manager, options.stream)
    const consumption: Consumption<E, R> = {
      options,
      nats,
      client,
      manager,
      stream,
      listing: ConsumerListing.make(nats.connection, options.stream),
      claims: yield* Semaphore.make(maxClaims),
      runs: new Map()
    }
    return (context) => consume(consumption, context)
  })

// How many consumers a process makes at a time: a rebalance may bring it hundreds.
const maxClaims = 16

const defaultBackoffMs = [100, 200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000]

/** What this process remembers of a partition: should its consumer be taken away, it goes on from here. */
interface Run {
  readonly token: number
  /** How many consumers were made for it under this token. */
  readonly count: number
  readonly created: string
  acknowledgedThrough: number
}

interface Consumption<E, R> {
  readonly options: JetStreamPartitionsOptions<E, R>
  readonly nats: NatsConnection["Service"]
  readonly client: JetStreamClient
  readonly manager: JetStreamManager
  readonly stream: StreamInfo
  readonly listing: ConsumerListing.ConsumerListing
  readonly claims: Semaphore.Semaphore
  readonly runs: Map<Partition.PartitionId, Run>
}

const describeStream = (manager: JetStreamManager, stream: string): Effect.Effect<StreamInfo, StreamUnusable> =>
  Effect.mapError(
    NatsFailure.attempt(() => manager.streams.info(stream)),
    ({ cause, message }) => new StreamUnusable({ stream, reason: message, cause })
  )

const consume = <E, R>(
  consumption: Consumption<E, R>,
  context: Parti.PartitionContext
): Effect.Effect<void, ConsumptionError, R | Scope.Scope> =>
  Effect.gen(function* () {
    const { client, nats, options } = consumption
    const claimed = yield* Effect.raceFirst(claim(consumption, context), Effect.as(context.revoked, null))
    if (claimed === null) return
    if (claimed._tag === "Outranked") {
      yield* Effect.logInfo(`partition ${context.id} is consumed under the newer token ${claimed.by.token}`)
      yield* context.revoked
      return
    }
    const delivery: Delivery.Delivery<E, R> = {
      client,
      partition: context.id,
      token: context.token,
      maxDeliver: options.maxDeliver ?? Number.POSITIVE_INFINITY,
      backoffMs: options.backoff?.map((pause) => Duration.toMillis(pause)) ?? defaultBackoffMs,
      deadLetterSubject: deadLetterSubject(options),
      handler: (message) => options.handler(message, context)
    }
    yield* MessageLoop.run({
      connection: nats.connection,
      consumer: client.consumers.getConsumerFromInfo(claimed.info),
      stream: options.stream,
      partition: context.id,
      concurrency: options.concurrency ?? 1,
      prefetch: options.prefetch ?? defaultPrefetch,
      ackWaitMs: Duration.toMillis(options.ackWait ?? defaultAckWait),
      revoked: context.revoked,
      deliver: (message, stopping) => Delivery.deliver(delivery, message, stopping),
      ended: (acknowledgedThrough) => {
        const run = consumption.runs.get(context.id)
        if (run !== undefined) run.acknowledgedThrough = Math.max(run.acknowledgedThrough, acknowledgedThrough)
      }
    })
  })

const defaultPrefetch = 64

const defaultAckWait: Duration.Input = "30 seconds"

const claim = <E, R>(
  consumption: Consumption<E, R>,
  { id, partition, token }: Parti.PartitionContext
): Effect.Effect<PartitionConsumer.Claimed, ConsumptionError> =>
  Effect.gen(function* () {
    const { listing, manager, nats, options, runs } = consumption
    const filters = subjects(options.subject, id, partition)
    if (filters.length === 0 || filters.includes("")) {
      // The server would take that for all subjects.
      const reason = "its `subject` gave none"
      return yield* new ConsumerUnavailable({ stream: options.stream, partition: id, reason })
    }
    // A server that is away is no reason to fail: the partition is ours all the same.
    yield* Effect.orDie(nats.link.up)
    const last = runs.get(id)
    const before = last?.token === token ? last : undefined
    // The stream may be another one by now: then what was acknowledged says nothing.
    const stream = before === undefined ? consumption.stream : yield* describeStream(manager, options.stream)
    const floor = before?.created === stream.created ? before.acknowledgedThrough : 0
    const runCount = before?.count ?? 0
    runs.set(id, { token, count: runCount + 1, created: stream.created, acknowledgedThrough: floor })
    return yield* PartitionConsumer.claim(manager, listing, {
      stream: options.stream,
      retention: stream.config.retention,
      consumption: options.name,
      partition: id,
      subjects: filters,
      token,
      runCount,
      floor,
      startFrom: options.startFrom ?? "first",
      ackWaitMs: Duration.toMillis(options.ackWait ?? defaultAckWait),
      prefetch: options.prefetch ?? defaultPrefetch
    })
  }).pipe(Semaphore.withPermit(consumption.claims))

const subjects = (
  subject: JetStreamPartitionsOptions<never, never>["subject"],
  id: Partition.PartitionId,
  partition: Partition.Partition
): ReadonlyArray<string> => {
  if (typeof subject === "string") {
    return [subject.replace(/\{(id|\d+)\}/g, (_, name) => (name === "id" ? id : (partition.keys[Number(name)] ?? "")))]
  }
  const found = subject(partition)
  return typeof found === "string" ? [found] : found
}

const deadLetterSubject = <E, R>({ deadLetterSubject: given }: JetStreamPartitionsOptions<E, R>) =>
  given === undefined ? null : typeof given === "string" ? () => given : given
