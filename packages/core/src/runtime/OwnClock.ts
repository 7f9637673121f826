/**
 * The one clock by which a worker judges leases, and the stamp it puts on every fact.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { Stamp } from "../protocol/Event.ts"

/**
 * A clock that belongs to one worker of one process. Its readings mean nothing to anybody else.
 *
 * @category models
 * @since 0.1.0
 */
export interface OwnClock {
  /** Reads both clocks now. `at` is whole milliseconds since the clock was made, and never goes back. */
  readonly stamp: () => Stamp
}

/** The wall clock has to fall behind by more than this before we believe that somebody set it back. */
const wobbleMs = 100

/**
 * Makes a clock that starts at zero.
 *
 * **Details**
 *
 * It follows the monotonic clock, and jumps ahead whenever the wall clock has advanced by more: on a machine that was
 * suspended the monotonic clock may have stood still while leases ran out. A wall clock that is set back changes
 * nothing; one that is set forward costs a worker its lease, which is safe.
 *
 * **Gotchas**
 *
 * While the machine sleeps nothing is read: what ran before may run on until the next reading, at most a heartbeat
 * later.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make: Effect.Effect<OwnClock> = Clock.clockWith((clock) =>
  Effect.sync(() => {
    const monotonicMs = () => Number(clock.monotonicTimeNanosUnsafe()) / 1e6
    const startedAt = monotonicMs()
    // How far the wall clock is ahead of the monotonic one: compared as a whole, so that rounding cannot add up.
    let leadMs = clock.currentTimeMillisUnsafe() - startedAt
    let jumpedMs = 0
    let last = 0
    const stamp = (): Stamp => {
      const wall = clock.currentTimeMillisUnsafe()
      const monotonic = monotonicMs()
      const gainedMs = wall - monotonic - leadMs
      if (gainedMs > 0) jumpedMs += gainedMs
      if (gainedMs > 0 || gainedMs < -wobbleMs) leadMs += gainedMs
      last = Math.max(last, Math.floor(monotonic - startedAt + jumpedMs))
      return { at: last, wall }
    }
    return { stamp }
  })
)
