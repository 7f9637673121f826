/**
 * How long this process's event loop was held up: by synchronous code, by garbage collection, by a paused machine.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

/**
 * What measures the delay. `read` gives the longest one since it was last read, in milliseconds.
 *
 * @category models
 * @since 0.1.0
 */
export interface Probe {
  readonly read: () => number
}

/** A timer that is due so often. It keeps no process alive. */
const resolutionMs = 50

/**
 * Measures by a timer: how much later than it was due it fires. A delay that is not over yet counts as far as it has come.
 *
 * **Gotchas** What Node offers itself, `monitorEventLoopDelay`, loses a delay that begins right after a reset.
 */
const timed: Effect.Effect<Probe, never, Scope.Scope> = Effect.map(
  Effect.acquireRelease(
    Effect.sync(() => {
      const measured = { longestMs: 0, lastAt: performance.now() }
      const take = () => {
        const now = performance.now()
        measured.longestMs = Math.max(measured.longestMs, now - measured.lastAt - resolutionMs)
        measured.lastAt = now
      }
      const timer = setInterval(take, resolutionMs)
      timer.unref()
      const read = () => {
        // Here, too: a delay that was read is not read again when the timer fires at last.
        take()
        const { longestMs } = measured
        measured.longestMs = 0
        return longestMs
      }
      return { read, timer }
    }),
    ({ timer }) => Effect.sync(() => clearInterval(timer))
  ),
  ({ read }) => ({ read })
)

/**
 * Two probes in place of one: each gives the longest delay since it was itself read last.
 *
 * @category combinators
 * @since 0.1.0
 */
export const split = (probe: Probe): readonly [Probe, Probe] => {
  const longestMs: [number, number] = [0, 0]
  const half = (own: 0 | 1): Probe => ({
    read: () => {
      const delayMs = probe.read()
      longestMs[0] = Math.max(longestMs[0], delayMs)
      longestMs[1] = Math.max(longestMs[1], delayMs)
      const told = longestMs[own]
      longestMs[own] = 0
      return told
    }
  })
  return [half(0), half(1)]
}

/**
 * Opens a probe for one worker. Tests whose time is not real bring one of their own.
 *
 * @category services
 * @since 0.1.0
 */
export const EventLoopDelay = Context.Reference<Effect.Effect<Probe, never, Scope.Scope>>(
  "@parti/core/EventLoopDelay",
  { defaultValue: () => timed }
)
