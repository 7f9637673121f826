/**
 * How many consumers a stream takes, and how many the partitions need.
 *
 * @since 0.1.0
 */
import type { JetStreamManager, StreamInfo, StreamUpdateConfig } from "@nats-io/jetstream"
import type { PartiService } from "@parti/core/Parti"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as NatsFailure from "../connection/NatsFailure.ts"

/**
 * What is done about a stream that takes too few.
 *
 * @category models
 * @since 0.1.0
 */
export interface Limits {
  readonly manager: JetStreamManager
  readonly stream: StreamInfo
  /** The API level of the server; `undefined` for older ones. */
  readonly apiLevel: number | undefined
  readonly mayRaise: boolean
}

// Server 2.15: from there on a stream that says nothing takes 1,000.
const cappedFromApiLevel = 5

/** How many consumers the stream takes. */
const of = ({ apiLevel = 0, stream }: Pick<Limits, "apiLevel" | "stream">): number => {
  const { max_consumers: limit } = stream.config
  if (limit > 0) return limit
  return apiLevel >= cappedFromApiLevel ? 1_000 : Number.POSITIVE_INFINITY
}

/** While a partition changes hands it may have two. */
const needed = (partitions: number): number => 2 * partitions

/** Makes room for the consumers of so many partitions if it may, and says so where there is too little. */
const check = (limits: Limits, partitions: number): Effect.Effect<Limits> =>
  Effect.gen(function* () {
    if (needed(partitions) <= of(limits)) return limits
    const raised = limits.mayRaise ? yield* raise(limits, needed(partitions)) : limits
    const room = of(raised)
    if (needed(partitions) <= room) return raised
    const what = `stream ${limits.stream.config.name} takes ${room} consumers, and there are ${partitions} partitions`
    const advice = `raise its max_consumers to ${needed(partitions)}`
    yield* room < partitions
      ? Effect.logError(`${what}, so some of them cannot be consumed; ${advice}`)
      : Effect.logWarning(`${what}, which may have two while they change hands; ${advice}`)
    return raised
  })

/** Server 2.10 does not let it be changed; that is told like a limit that may not be raised. */
const raise = (limits: Limits, maxConsumers: number): Effect.Effect<Limits> =>
  NatsFailure.attempt(() => {
    // The library's type leaves out what newer servers allow.
    const change = { max_consumers: maxConsumers } as Partial<StreamUpdateConfig>
    return limits.manager.streams.update(limits.stream.config.name, change)
  }).pipe(
    Effect.map((stream) => ({ ...limits, stream })),
    Effect.catch((error) => Effect.as(Effect.logWarning(`max_consumers could not be raised: ${error.message}`), limits))
  )

/**
 * Checks whenever the number of partitions changes.
 *
 * @category running
 * @since 0.1.0
 */
export const follow = (limits: Limits, parti: PartiService): Effect.Effect<void> =>
  parti.groupChanges.pipe(
    Stream.map(({ partitions }) => partitions),
    Stream.changes,
    Stream.runFoldEffect(() => limits, check),
    Effect.asVoid
  )
