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
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import * as NatsFailure from "./connection/NatsFailure.ts"
import * as ConsumerLimit from "./consume/ConsumerLimit.ts"
import * as ConsumerListing from "./consume/ConsumerListing.ts"
import * as Delivery from "./consume/Delivery.ts"
import * as MessageLoop from "./consume/MessageLoop.ts"
import * as Orphans from "./consume/Orphans.ts"
import * as PartitionConsumer from "./consume/PartitionConsumer.ts"
import * as Settings from "./consume/Settings.ts"
import * as Subjects from "./consume/Subjects.ts"
import { type ConsumptionError, type ConsumptionInvalid, StreamUnusable } from "./ConsumptionError.ts"
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
 *   its first key, and so on: `"orders.{id}.>"`. Keys that are not one token of a subject are refused; `{id}` escapes them.
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
 * - `maxConsumers`: each partition has a consumer, and two while it changes hands. `check` (default) says so in
 *   the log when the stream takes fewer; `raise` raises its `max_consumers`, where the server allows it (2.10 does not) and the
 *   user may update the stream.
 * - `orphanGrace`: for how long a partition that has left keeps its consumer, and with it its position (default 1 hour).
 *
 * @category models
 * @since 0.1.0
 */
export interface JetStreamPartitionsOptions<E, R> {
  readonly stream: string
  readonly name: string
  readonly subject: Subjects.SubjectOption
  readonly handler: (message: PartitionMessage, context: Parti.PartitionContext) => Effect.Effect<unknown, E, R>
  readonly startFrom?: PartitionConsumer.StartFrom
  readonly concurrency?: number
  readonly prefetch?: number
  readonly ackWait?: Duration.Input
  readonly maxDeliver?: number
  readonly backoff?: ReadonlyArray<Duration.Input>
  readonly deadLetterSubject?: string | ((message: PartitionMessage) => string)
  readonly maxConsumers?: "check" | "raise"
  readonly orphanGrace?: Duration.Input
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
): Effect.Effect<
  void,
  StreamUnusable | ConsumptionInvalid,
  Parti.Parti | NatsConnection | Exclude<R, Scope.Scope> | Scope.Scope
> =>
  Effect.gen(function* () {
    const parti = yield* Parti.Parti
    const attach = yield* prepare(options)
    yield* attach(parti)
  })

/**
 * Looks at the stream, and gives what begins to consume for a worker. For workers that are not the `Parti` service.
 *
 * @category constructors
 * @since 0.1.0
 */
export const prepare = <E, R>(
  options: JetStreamPartitionsOptions<E, R>
): Effect.Effect<
  (parti: Parti.PartiService) => Effect.Effect<void, never, Exclude<R, Scope.Scope> | Scope.Scope>,
  StreamUnusable | ConsumptionInvalid,
  NatsConnection
> =>
  Effect.map(open(options), (consumption) => (parti) => {
    const { listing, manager, nats, settings, stream } = consumption
    return Effect.gen(function* () {
      const apiLevel = nats.connection.info?.api_lvl
      const limits = { manager, stream, apiLevel, mayRaise: settings.mayRaise }
      yield* Effect.forkScoped(ConsumerLimit.follow(limits, parti))
      const cleaning = { manager, listing, stream: settings.stream, consumption: settings.name }
      yield* Effect.forkScoped(Orphans.clean({ ...cleaning, graceMs: settings.orphanGraceMs }, parti))
      yield* parti.forEachPartition((context) => consume(consumption, context), { onRevoke: "drain" })
    })
  })

/**
 * What consumes one partition until it is revoked, and nothing else: for those who decide themselves who owns what.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = <E, R>(
  options: JetStreamPartitionsOptions<E, R>
): Effect.Effect<
  (context: Parti.PartitionContext) => Effect.Effect<void, ConsumptionError, R | Scope.Scope>,
  StreamUnusable | ConsumptionInvalid,
  NatsConnection
> => Effect.map(open(options), (consumption) => (context) => consume(consumption, context))

const open = <E, R>(
  options: JetStreamPartitionsOptions<E, R>
): Effect.Effect<Consumption<E, R>, StreamUnusable | ConsumptionInvalid, NatsConnection> =>
  Effect.gen(function* () {
    const settings = yield* Effect.fromResult(Settings.parse(options))
    const nats = yield* NatsConnection
    const client = jetstream(nats.connection)
    const manager = yield* Effect.promise(() => jetstreamManager(nats.connection, { checkAPI: false }))
    const stream = yield* describeStream(manager, settings.stream)
    return {
      settings,
      handler: options.handler,
      nats,
      client,
      manager,
      stream,
      listing: ConsumerListing.make(nats.connection, settings.stream),
      claims: yield* Semaphore.make(maxClaims),
      runs: new Map()
    }
  })

// How many consumers a process makes at a time: a rebalance may bring it hundreds.
const maxClaims = 16

/** What this process remembers of a partition: should its consumer be taken away, it goes on from here. */
interface Run {
  readonly token: number
  /** How many consumers were made for it under this token. */
  readonly count: number
  readonly created: string
  acknowledgedThrough: number
}

interface Consumption<E, R> {
  readonly settings: Settings.Settings
  readonly handler: JetStreamPartitionsOptions<E, R>["handler"]
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
    const { client, nats, settings } = consumption
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
      maxDeliver: settings.maxDeliver,
      backoffMs: settings.backoffMs,
      deadLetterSubject: settings.deadLetterSubject,
      handler: (message) => consumption.handler(message, context)
    }
    yield* MessageLoop.run({
      connection: nats.connection,
      consumer: client.consumers.getConsumerFromInfo(claimed.info),
      stream: settings.stream,
      partition: context.id,
      concurrency: settings.concurrency,
      prefetch: settings.prefetch,
      ackWaitMs: settings.ackWaitMs,
      revoked: context.revoked,
      deliver: (message, stopping) => Delivery.deliver(delivery, message, stopping),
      ended: (acknowledgedThrough) => {
        const run = consumption.runs.get(context.id)
        if (run !== undefined) run.acknowledgedThrough = Math.max(run.acknowledgedThrough, acknowledgedThrough)
      }
    })
  })

const claim = <E, R>(
  consumption: Consumption<E, R>,
  { id, partition, token }: Parti.PartitionContext
): Effect.Effect<PartitionConsumer.Claimed, ConsumptionError> =>
  Effect.gen(function* () {
    const { listing, manager, nats, runs, settings } = consumption
    const filters = yield* Effect.fromResult(Subjects.of(settings.subject, partition))
    // A server that is away is no reason to fail: the partition is ours all the same.
    yield* Effect.orDie(nats.link.up)
    const last = runs.get(id)
    const before = last?.token === token ? last : undefined
    // The stream may be another one by now: then what was acknowledged says nothing.
    const stream = before === undefined ? consumption.stream : yield* describeStream(manager, settings.stream)
    const floor = before?.created === stream.created ? before.acknowledgedThrough : 0
    const runCount = before?.count ?? 0
    runs.set(id, { token, count: runCount + 1, created: stream.created, acknowledgedThrough: floor })
    return yield* PartitionConsumer.claim(manager, listing, {
      stream: settings.stream,
      retention: stream.config.retention,
      consumption: settings.name,
      partition: id,
      subjects: filters,
      token,
      runCount,
      floor,
      startFrom: settings.startFrom,
      ackWaitMs: settings.ackWaitMs,
      prefetch: settings.prefetch
    })
  }).pipe(Semaphore.withPermit(consumption.claims))
