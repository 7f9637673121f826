/**
 * One process's part in the consumption of a stream: what it does for each partition that it owns.
 *
 * @since 0.1.0
 */
import {
  jetstream,
  type JetStreamClient,
  jetstreamManager,
  type JetStreamManager,
  type StreamInfo
} from "@nats-io/jetstream"
import { FirstWork, type PartitionContext } from "@parti/core/Parti"
import type { PartitionId } from "@parti/core/Partition"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import * as NatsFailure from "../connection/NatsFailure.ts"
import {
  type ConsumptionError,
  type ConsumptionInvalid,
  PartitionOutranked,
  StreamUnusable
} from "../ConsumptionError.ts"
import { NatsConnection } from "../NatsConnection.ts"
import * as ConsumerListing from "./ConsumerListing.ts"
import type { Rank } from "./ConsumerName.ts"
import * as ConsumptionOptions from "./ConsumptionOptions.ts"
import * as Delivery from "./Delivery.ts"
import * as MessageLoop from "./MessageLoop.ts"
import * as PartitionConsumer from "./PartitionConsumer.ts"
import * as Progress from "./Progress.ts"
import * as Traffic from "./Traffic.ts"

/** What this process remembers of a partition: should its consumer be taken away, it goes on from here. */
interface Run {
  readonly token: number
  /** How many consumers were made for it under this token. */
  readonly count: number
  /** When the stream was made: what is known of one says nothing of another by the same name. */
  readonly created: string
  readonly progress: Progress.Progress
}

/**
 * What one process needs and remembers. `ranks` are those of the consumers that it pulls from.
 *
 * @category models
 * @since 0.1.0
 */
export interface Consumption<E, R> {
  readonly settings: ConsumptionOptions.Settings<E, R>
  readonly nats: NatsConnection["Service"]
  readonly client: JetStreamClient
  readonly manager: JetStreamManager
  readonly listing: ConsumerListing.ConsumerListing
  readonly claims: Semaphore.Semaphore
  readonly traffic: Traffic.Traffic
  readonly runs: Map<PartitionId, Run>
  readonly ranks: Map<PartitionId, Rank>
}

// How many consumers a process makes at a time: a rebalance may bring it hundreds.
const maxClaims = 16

/**
 * Checks the options, and that the stream is there.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = <E, R>(
  options: ConsumptionOptions.JetStreamPartitionsOptions<E, R>
): Effect.Effect<Consumption<E, R>, ConsumptionInvalid | StreamUnusable, NatsConnection> =>
  Effect.gen(function* () {
    const settings = yield* Effect.fromResult(ConsumptionOptions.parse(options))
    const nats = yield* NatsConnection
    const manager = yield* Effect.promise(() => jetstreamManager(nats.connection, { checkAPI: false }))
    // In a cluster a stream that has just been made is not known to every server yet.
    const patience = nats.connection.info?.cluster === undefined ? 0 : 50
    yield* Effect.retry(describeStream(manager, settings.stream), {
      times: patience,
      schedule: Schedule.spaced("100 millis"),
      while: ({ cause }) => NatsFailure.code(cause) === NatsFailure.codes.streamNotFound
    })
    return {
      settings,
      nats,
      client: jetstream(nats.connection),
      manager,
      listing: ConsumerListing.make(nats.connection, settings.stream),
      claims: yield* Semaphore.make(maxClaims),
      traffic: yield* Traffic.make({ stream: settings.stream, consumption: settings.name }),
      runs: new Map(),
      ranks: new Map()
    }
  })

/**
 * The stream as it is now.
 *
 * @category accessors
 * @since 0.1.0
 */
export const describeStream = (manager: JetStreamManager, stream: string): Effect.Effect<StreamInfo, StreamUnusable> =>
  Effect.mapError(
    NatsFailure.attempt(() => manager.streams.info(stream)),
    ({ cause, message }) => new StreamUnusable({ stream, reason: message, cause })
  )

// A run that ends within this time was quick; several quick ones in a row wait between each other.
const quickMs = 1_000
const firstPauseMs = 50
const longestPauseMs = 2_000

/**
 * Consumes one partition until it is revoked. Goes through as many consumers as that takes.
 *
 * @category operations
 * @since 0.1.0
 */
export const consume = <E, R>(
  consumption: Consumption<E, R>,
  context: PartitionContext
): Effect.Effect<void, ConsumptionError, R | Scope.Scope> =>
  Effect.gen(function* () {
    const firstWork = once(yield* FirstWork)
    for (let quickEndings = 0; ;) {
      const claimed = yield* Effect.raceFirst(claim(consumption, context), Effect.as(context.revoked, null))
      if (claimed === null) return
      const startedAt = yield* monotonicMs
      const ending = yield* handle(consumption, context, claimed, firstWork)
      if (ending === "Revoked") return
      yield* Effect.logInfo(
        `partition ${context.id} gets a new consumer, since the one before may lose order: ${ending}`
      )
      // A lost connection sets the pace by itself.
      const isQuick = ending !== "Disconnected" && (yield* monotonicMs) - startedAt < quickMs
      quickEndings = isQuick ? quickEndings + 1 : 0
      if (quickEndings === 0) continue
      const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** quickEndings)
      yield* Effect.timeoutOption(context.revoked, pauseMs)
    }
  })

// The clock of the wall may be set in between.
const monotonicMs = Effect.map(Clock.monotonicTimeNanos, (nanos) => Number(nanos) / 1e6)

/** Follows the first one that it is put behind. */
const once = (effect: Effect.Effect<void>) => {
  let isDone = false
  const first = Effect.suspend(() => {
    if (isDone) return Effect.void
    isDone = true
    return effect
  })
  return <A, E, R>(one: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> => (isDone ? one : Effect.tap(one, first))
}

interface Claimed {
  readonly consumer: Extract<PartitionConsumer.Claimed, { readonly _tag: "Made" }>
  readonly progress: Progress.Progress
}

const handle = <E, R>(
  consumption: Consumption<E, R>,
  context: PartitionContext,
  { consumer, progress }: Claimed,
  firstWork: ReturnType<typeof once>
): Effect.Effect<MessageLoop.Ending, ConsumptionError, R> => {
  const { client, nats, ranks, settings, traffic } = consumption
  const delivery: Delivery.Delivery<E, R> = {
    client,
    partition: context.id,
    token: context.token,
    maxDeliver: settings.maxDeliver,
    backoffMs: settings.backoffMs,
    failures: progress.failures,
    deadLetterSubject: settings.deadLetterSubject,
    traffic,
    handler: (message) => settings.handler(message, context)
  }
  const loop = MessageLoop.run({
    nats,
    consumer: client.consumers.getConsumerFromInfo(consumer.info),
    name: consumer.info.name,
    stream: settings.stream,
    partition: context.id,
    concurrency: settings.concurrency,
    prefetch: settings.prefetch,
    ackWaitMs: settings.ackWaitMs,
    progress,
    traffic: traffic.begin(),
    revoked: context.revoked,
    isCurrent: context.isCurrent,
    deliver: (message, sequence, stopping) => firstWork(Delivery.deliver(delivery, message, sequence, stopping))
  })
  return Effect.suspend(() => {
    ranks.set(context.id, consumer.rank)
    return Effect.ensuring(
      loop,
      Effect.sync(() => {
        if (ranks.get(context.id) === consumer.rank) ranks.delete(context.id)
      })
    )
  })
}

const claim = <E, R>(
  consumption: Consumption<E, R>,
  { id, partition, token }: PartitionContext
): Effect.Effect<Claimed, ConsumptionError> =>
  Effect.gen(function* () {
    const { listing, manager, nats, runs, settings } = consumption
    const subjects = yield* Effect.fromResult(settings.subjects(id, partition))
    // A server that is away is no reason to fail: the partition is ours all the same.
    yield* Effect.orDie(nats.link.up)
    const stream = yield* describeStream(manager, settings.stream)
    const last = runs.get(id)
    const before = last?.token === token && last.created === stream.created ? last : undefined
    const progress = before?.progress ?? Progress.make()
    const count = last?.token === token ? last.count : 0
    runs.set(id, { token, count: count + 1, created: stream.created, progress })
    const claimed = yield* PartitionConsumer.claim(manager, listing, {
      stream: settings.stream,
      retention: stream.config.retention,
      consumption: settings.name,
      partition: id,
      subjects,
      token,
      runCount: count,
      floor: progress.acknowledgedThrough,
      startFrom: settings.startFrom,
      ackWaitMs: settings.ackWaitMs,
      prefetch: settings.prefetch
    })
    if (claimed._tag === "Made") return { consumer: claimed, progress }
    return yield* new PartitionOutranked({ stream: settings.stream, partition: id, token, by: claimed.by.token })
  }).pipe(Semaphore.withPermit(consumption.claims))
