/**
 * Counts what becomes of the messages of one consumption.
 *
 * @since 0.1.0
 */
import type { JsMsg } from "@nats-io/jetstream"
import * as Metrics from "@parti/core/Metrics"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { Ending } from "./MessageLoop.ts"

/**
 * What one run of a partition's consumer tells. `end` takes off the count what it had fetched and not acknowledged.
 *
 * @category models
 * @since 0.1.0
 */
export interface RunTraffic {
  readonly arrived: (message: JsMsg) => void
  readonly redelivered: () => void
  readonly acknowledged: (sequence: number) => void
  readonly end: (ending: Ending | "Failed") => void
}

/**
 * The counts of one process.
 *
 * @category models
 * @since 0.1.0
 */
export interface Traffic {
  /** A consumer was made, and its run begins. */
  readonly begin: (partition: string) => RunTraffic
  /** Measures one attempt of the handler. */
  readonly attempt: <A, E, R>(handling: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  readonly handled: () => void
  /** A message was given up, and stored under another subject, or nowhere. */
  readonly givenUp: (isStored: boolean) => void
}

interface Counts {
  readonly meter: Metrics.Meter
  readonly nowMs: () => number
  inFlight: number
  /** How many wait behind the last delivery of each partition. */
  readonly pending: Map<string, number>
  lag: number
}

/**
 * Begins to count.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (options: { readonly stream: string; readonly consumption: string }): Effect.Effect<Traffic> =>
  Effect.gen(function* () {
    const clock = yield* Clock.Clock
    const meter = yield* Metrics.makeMeter({ stream: options.stream, consumption: options.consumption })
    meter.begin("consumption")
    const nowMs = () => Number(clock.monotonicTimeNanosUnsafe()) / 1e6
    const counts: Counts = { meter, nowMs, inFlight: 0, pending: new Map(), lag: 0 }
    return {
      begin: (partition) => begin(counts, partition),
      attempt: (handling) => attempt(counts, handling),
      handled: () => meter.update("parti_messages_handled_total", 1, {}),
      givenUp: (isStored) =>
        meter.update(isStored ? "parti_messages_dead_lettered_total" : "parti_messages_discarded_total", 1, {})
    }
  })

const begin = (counts: Counts, partition: string): RunTraffic => {
  const { meter, nowMs } = counts
  const arrivals = new Map<number, number>()
  meter.update("parti_consumers_made_total", 1, {})
  return {
    arrived: (message) => {
      arrivals.set(message.seq, nowMs())
      showInFlight(counts, 1)
      showLag(counts, partition, message.info.pending)
    },
    redelivered: () => meter.update("parti_messages_redelivered_total", 1, {}),
    acknowledged: (sequence) => {
      const arrivedAt = arrivals.get(sequence)
      if (arrivedAt === undefined) return
      arrivals.delete(sequence)
      showInFlight(counts, -1)
      meter.update("parti_message_ack_latency_seconds", (nowMs() - arrivedAt) / 1000, {})
    },
    end: (ending) => {
      showInFlight(counts, -arrivals.size)
      arrivals.clear()
      // Whoever owns the partition next knows what waits; until then nobody does.
      showLag(counts, partition, null)
      meter.update("parti_consumer_runs_ended_total", 1, { ending })
    }
  }
}

const showInFlight = (counts: Counts, by: number): void => {
  counts.inFlight += by
  counts.meter.update("parti_messages_in_flight", counts.inFlight, {})
}

const showLag = (counts: Counts, partition: string, pending: number | null): void => {
  const before = counts.pending.get(partition) ?? 0
  if (pending === null) counts.pending.delete(partition)
  else counts.pending.set(partition, pending)
  counts.lag += (pending ?? 0) - before
  counts.meter.update("parti_consumer_lag", counts.lag, {})
}

const attempt = <A, E, R>({ meter, nowMs }: Counts, handling: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.suspend(() => {
    const beganAt = nowMs()
    return Effect.onExit(handling, ({ _tag }) =>
      Effect.sync(() => {
        const outcome = _tag === "Success" ? "succeeded" : "failed"
        meter.update("parti_message_handler_duration_seconds", (nowMs() - beganAt) / 1000, { outcome })
        if (_tag === "Failure") meter.update("parti_message_failures_total", 1, {})
      })
    )
  })
