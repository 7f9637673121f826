/**
 * Looks after the consumers of a stream: is there room for them, and which does nobody need any more?
 *
 * @since 0.1.0
 */
import { RetentionPolicy, type StreamConfig } from "@nats-io/jetstream"
import type { PartiService } from "@parti/core/Parti"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as NatsFailure from "../connection/NatsFailure.ts"
import { ConsumerLimitTooLow } from "../ConsumptionError.ts"
import * as ConsumerLimit from "./ConsumerLimit.ts"
import * as ConsumerName from "./ConsumerName.ts"
import { type Consumption, describeStream } from "./Consumption.ts"
import * as PartitionConsumer from "./PartitionConsumer.ts"

/**
 * Looks after the consumers for as long as it runs.
 *
 * **Details**
 *
 * - Each owner removes what is left below its own rank: of owners that died half-way, and of those that came too late.
 * - The leader removes the consumers of partitions that the plan has not listed for `forgetAfter`, unless somebody pulls
 *   from them. Not on a stream with interest retention: there a consumer is what keeps the messages.
 * - The leader compares the stream's limit with the number of partitions whenever one of the two is new to it.
 *
 * @category running
 * @since 0.1.0
 */
export const run = <E, R>(consumption: Consumption<E, R>, parti: PartiService): Effect.Effect<void> =>
  Effect.all([watchLimit(consumption, parti), sweepForEver(consumption, parti)], { concurrency: 2, discard: true })

// At most so many consumers are removed at a time: the server has other things to do.
const maxRemovals = 100

const sweepForEver = <E, R>(consumption: Consumption<E, R>, parti: PartiService): Effect.Effect<never> => {
  const orphanedAt = new Map<string, number>()
  const { sweepEveryMs } = consumption.settings
  return Effect.forever(
    Effect.andThen(
      Effect.sleep(sweepEveryMs),
      Effect.catchCause(sweep(consumption, parti, orphanedAt), (cause) =>
        Effect.logWarning("consumers that nobody needs could not be removed; the next attempt follows", cause)
      )
    )
  )
}

const sweep = <E, R>(consumption: Consumption<E, R>, parti: PartiService, orphanedAt: Map<string, number>) =>
  Effect.gen(function* () {
    const { listing, nats } = consumption
    yield* nats.link.up
    // The plan is read first: whoever is in the listing and not in the plan was not in it before the listing either.
    const group = yield* parti.group
    const isLeader = yield* parti.isLeader
    const names = yield* listing
    yield* removeLower(consumption, names)
    // Without a plan nothing is known of any partition; one without partitions is more likely a mistake than meant.
    if (!isLeader || group.partitions === 0) return orphanedAt.clear()
    yield* removeOrphans(consumption, parti, orphansAmong(consumption, names, group.ids()), orphanedAt)
  })

const removeLower = <E, R>({ manager, ranks, settings }: Consumption<E, R>, names: ReadonlyArray<string>) => {
  const lower = [...ranks].flatMap(([id, own]) => {
    const prefix = ConsumerName.prefix(settings.name, id)
    return names.filter((name) => {
      const rank = ConsumerName.parse(prefix, name)
      return rank !== null && ConsumerName.compare(rank, own) < 0
    })
  })
  return PartitionConsumer.removeAll(manager, settings.stream, lower.slice(0, maxRemovals))
}

const orphansAmong = <E, R>(
  { settings }: Consumption<E, R>,
  names: ReadonlyArray<string>,
  ids: ReadonlyArray<string>
): ReadonlyArray<string> => {
  const listed = new Set(ids.map((id) => ConsumerName.prefix(settings.name, id)))
  return names.filter((name) => {
    const prefix = ConsumerName.prefixOf(settings.name, name)
    return prefix !== null && !listed.has(prefix)
  })
}

/** Whether it is still the leader that asks, and the partition has not come back. */
const isStillOrphan = <E, R>(consumption: Consumption<E, R>, parti: PartiService, name: string) =>
  Effect.gen(function* () {
    const group = yield* parti.group
    return (yield* parti.isLeader) && orphansAmong(consumption, [name], group.ids()).length > 0
  })

// Between one removal and the next.
const pauseMs = 20

const removeOrphans = <E, R>(
  consumption: Consumption<E, R>,
  parti: PartiService,
  orphans: ReadonlyArray<string>,
  orphanedAt: Map<string, number>
) =>
  Effect.gen(function* () {
    const { manager, settings } = consumption
    const nowMs = Number(yield* Clock.monotonicTimeNanos) / 1e6
    const known = new Set(orphans)
    for (const name of orphanedAt.keys()) if (!known.has(name)) orphanedAt.delete(name)
    for (const name of orphans) if (!orphanedAt.has(name)) orphanedAt.set(name, nowMs)
    const due = orphans.filter((name) => nowMs - (orphanedAt.get(name) ?? nowMs) >= settings.forgetAfterMs)
    if (due.length === 0) return
    const { config } = yield* describeStream(manager, settings.stream)
    if (config.retention === RetentionPolicy.Interest) return
    for (const name of due.slice(0, maxRemovals)) {
      yield* Effect.sleep(pauseMs)
      if (!(yield* isStillOrphan(consumption, parti, name))) continue
      const info = yield* NatsFailure.attempt(() => manager.consumers.info(settings.stream, name))
      // Somebody pulls: a leader that was deposed without knowing it, or a second group by the same name, must not cut that.
      if (info.num_waiting > 0) orphanedAt.set(name, nowMs)
      else {
        yield* Effect.logInfo(`consumer ${name} of a partition that is listed no more is removed`)
        yield* PartitionConsumer.removeAll(manager, settings.stream, [name])
      }
    }
  })

const watchLimit = <E, R>(consumption: Consumption<E, R>, parti: PartiService): Effect.Effect<void> =>
  Stream.zipLatestWith(parti.leaderChanges, parti.groupChanges, (isLeader, { epoch, partitions }) =>
    isLeader && epoch > 0 ? partitions : 0
  ).pipe(
    Stream.changes,
    Stream.runForEach((partitions) =>
      partitions === 0
        ? Effect.void
        : Effect.catch(checkLimit(consumption, partitions), (error) => Effect.logWarning(error.message, error))
    )
  )

const checkLimit = <E, R>({ listing, manager, nats, settings }: Consumption<E, R>, partitions: number) =>
  Effect.gen(function* () {
    const { stream } = settings
    yield* nats.link.up
    const { config, state } = yield* describeStream(manager, stream)
    const limit = ConsumerLimit.of(config.max_consumers, nats.connection.info?.version ?? "")
    const own = (yield* listing).filter((name) => ConsumerName.prefixOf(settings.name, name) !== null).length
    const others = Math.max(0, state.consumer_count - own)
    const needed = ConsumerLimit.needed(partitions, others)
    if (limit === null || limit >= needed) return
    const tooLow = { stream, limit, needed, partitions, others, refusal: null }
    if (settings.maxConsumers === "check") return yield* new ConsumerLimitTooLow(tooLow)
    // Newer servers take this change, though the library's type for changes does not have it.
    const change: Partial<StreamConfig> = { max_consumers: needed }
    yield* NatsFailure.attempt(() => manager.streams.update(stream, change)).pipe(
      Effect.mapError(({ cause, message }) => new ConsumerLimitTooLow({ ...tooLow, refusal: message, cause }))
    )
    yield* Effect.logInfo(`the limit of consumers of stream ${stream} was raised from ${limit} to ${needed}`)
  })
