/**
 * Watches how long the event loop was held up, and warns before that costs the worker its lease.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { PartiConfig } from "../model/PartiConfig.ts"
import { EventLoopBlocked } from "./Errors.ts"
import type { Turn } from "./EventLoop.ts"
import { EventLoopDelay } from "./EventLoopDelay.ts"
import { measured, none, type Signal } from "./Signal.ts"

/**
 * What has to be known of the configuration.
 *
 * @category models
 * @since 0.1.0
 */
export type LoopWatchOptions = Pick<PartiConfig, "heartbeatIntervalMs" | "leaseMs" | "marginMs" | "fenceLeadMs">

/**
 * What a turn shows of the event loop.
 *
 * @category models
 * @since 0.1.0
 */
export interface Watched {
  readonly signals: ReadonlyArray<Signal>
  readonly problem: EventLoopBlocked | null
}

/** How long the event loop may be held up at the worst moment, right before a renewal, without a handler being stopped. */
const slackMs = ({ fenceLeadMs, heartbeatIntervalMs, leaseMs, marginMs }: LoopWatchOptions): number =>
  leaseMs - marginMs - fenceLeadMs - heartbeatIntervalMs

const unremarkable: Watched = { signals: none, problem: null }

/**
 * Makes a watch. It must be shown every turn, and looks once in each heartbeat.
 *
 * **Details** Half of the slack is the alarm: a delay is never longer than it was once, until it is.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (options: LoopWatchOptions): Effect.Effect<(turn: Turn) => Watched, never, Scope.Scope> =>
  Effect.gen(function* () {
    const probe = yield* yield* EventLoopDelay
    const slack = slackMs(options)
    let lookAt = 0
    return ({ event }) => {
      if (event.at < lookAt) return unremarkable
      lookAt = event.at + options.heartbeatIntervalMs
      const delayMs = Math.max(0, probe.read())
      const problem =
        delayMs > slack / 2 ? new EventLoopBlocked({ delayMs: Math.round(delayMs), slackMs: slack }) : null
      return { signals: [measured("parti_event_loop_delay_seconds", delayMs / 1000, {})], problem }
    }
  })
