/**
 * Counts what becomes of the messages of one consumption.
 *
 * @since 0.1.0
 */
import * as Metrics from "@parti/core/Metrics"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { Ending } from "./MessageLoop.ts"

/**
 * What one run of a partition's consumer tells. `arrived` answers with the time that `acknowledged` is to be told again; `end`
 * takes off the count what it had fetched and not acknowledged.
 *
 * @category models
 * @since 0.1.0
 */
export interface RunTraffic {
  readonly arrived: (pending: number) => number
  readonly redelivered: () => void
  readonly acknowledged: (arrivedAtMs: number) => void
  readonly end: (ending: Ending | "Failed", open: number) => void
}

/**
 * The counts of one process.
 *
 * @category models
 * @since 0.1.0
 */
export interface Traffic {
  /** A consumer was made, and its run begins. */
  readonly begin: () => RunTraffic
  /** The clock of `handled` and `failed`, which are told when an attempt began. */
  readonly nowMs: () => number
  readonly handled: (beganAtMs: number) => void
  readonly failed: (beganAtMs: number) => void
  /** A message was given up, and stored under another subject, or nowhere. */
  readonly givenUp: (isStored: boolean) => void
}

interface Counts {
  readonly meter: Metrics.Meter
  readonly nowMs: () => number
  readonly latency: (seconds: number) => void
  /** What is counted here is shown together: messages come in dozens, and a series is dear to look up. */
  readonly show: () => void
  handled: number
  inFlight: number
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
    const counts = count(meter, () => Number(clock.monotonicTimeNanosUnsafe()) / 1e6)
    const { nowMs } = counts
    const succeeded = meter.series("parti_message_handler_duration_seconds", { outcome: "succeeded" })
    const failed = meter.series("parti_message_handler_duration_seconds", { outcome: "failed" })
    return {
      begin: () => begin(counts),
      nowMs,
      handled: (beganAtMs) => {
        succeeded((nowMs() - beganAtMs) / 1000)
        counts.handled += 1
        counts.show()
      },
      failed: (beganAtMs) => {
        failed((nowMs() - beganAtMs) / 1000)
        meter.update("parti_message_failures_total", 1, {})
      },
      givenUp: (isStored) =>
        meter.update(isStored ? "parti_messages_dead_lettered_total" : "parti_messages_discarded_total", 1, {})
    }
  })

const count = (meter: Metrics.Meter, nowMs: () => number): Counts => {
  const handled = meter.series("parti_messages_handled_total", {})
  const inFlight = meter.series("parti_messages_in_flight", {})
  const lag = meter.series("parti_consumer_lag", {})
  let isShown = true
  const showAll = (): void => {
    isShown = true
    handled(counts.handled)
    counts.handled = 0
    inFlight(counts.inFlight)
    lag(counts.lag)
  }
  const counts: Counts = {
    meter,
    nowMs,
    latency: meter.series("parti_message_ack_latency_seconds", {}),
    show: () => {
      if (!isShown) return
      isShown = false
      // After what has arrived together, and before the process turns to anything else.
      queueMicrotask(showAll)
    },
    handled: 0,
    inFlight: 0,
    lag: 0
  }
  return counts
}

const begin = (counts: Counts): RunTraffic => {
  const { latency, meter, nowMs, show } = counts
  // How many wait behind the last delivery.
  let waiting = 0
  const setWaiting = (pending: number): void => {
    counts.lag += pending - waiting
    waiting = pending
  }
  meter.update("parti_consumers_made_total", 1, {})
  return {
    arrived: (pending) => {
      counts.inFlight += 1
      setWaiting(pending)
      show()
      return nowMs()
    },
    redelivered: () => meter.update("parti_messages_redelivered_total", 1, {}),
    acknowledged: (arrivedAtMs) => {
      counts.inFlight -= 1
      show()
      latency((nowMs() - arrivedAtMs) / 1000)
    },
    end: (ending, open) => {
      counts.inFlight -= open
      // Whoever owns the partition next knows what waits; until then nobody does.
      setWaiting(0)
      show()
      meter.update("parti_consumer_runs_ended_total", 1, { ending })
    }
  }
}
