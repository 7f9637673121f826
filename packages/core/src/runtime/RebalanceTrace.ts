/**
 * One span for each rebalance, at its leader.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Tracer from "effect/Tracer"
import type { Turn } from "./EventLoop.ts"
import * as LeaderSignals from "./LeaderSignals.ts"

/**
 * Makes what traces for one worker. It must be shown every turn.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (group: string): ((turn: Turn) => Effect.Effect<void>) => {
  let running: { readonly startedAt: number; readonly span: Tracer.Span } | null = null
  return ({ after }) =>
    Effect.gen(function* () {
      const phase = after.isLeader ? LeaderSignals.active(after.plan) : null
      if (running?.startedAt === phase?.startedAt) return
      running?.span.end(yield* Clock.currentTimeNanos, Exit.void)
      running = null
      if (phase === null) return
      const attributes = { group, worker: after.workerId ?? "", reason: phase.reason }
      running = {
        startedAt: phase.startedAt,
        span: yield* Effect.makeSpan("parti.rebalance", { root: true, attributes })
      }
    })
}
