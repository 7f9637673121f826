/**
 * How one machine tells the time.
 *
 * @since 0.1.0
 */

/**
 * A machine's clocks, as functions of true time. All of them count whole milliseconds.
 *
 * @category models
 * @since 0.1.0
 */
export interface DriftingClock {
  /** The machine's own clock, which never goes back. */
  readonly own: (trueMs: number) => number
  /** The first instant of true time at which the own clock shows at least `ownMs`. */
  readonly whenOwn: (ownMs: number) => number
  /** The wall clock, wrong by the machine's skew. */
  readonly wall: (trueMs: number) => number
  /** Sets the wall clock forward or back. */
  readonly step: (ms: number) => void
}

/** Some day in 2023, so that a simulation has the large numbers that a real one would have. */
const epochMs = 1_700_000_000_000

/**
 * A clock that starts at `startMs`, runs at `rate` of true time, and shows a wall time wrong by `skewMs`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (startMs: number, rate: number, skewMs: number): DriftingClock => {
  let skew = skewMs
  const own = (trueMs: number): number => Math.floor(startMs + rate * trueMs)
  return {
    own,
    whenOwn: (ownMs) => {
      let trueMs = Math.ceil((ownMs - startMs) / rate)
      // Rounding may land one short, and a timer that fires early would be set again for the same instant for ever.
      while (own(trueMs) < ownMs) trueMs++
      return trueMs
    },
    wall: (trueMs) => epochMs + Math.floor(trueMs + skew),
    step: (ms) => void (skew += ms)
  }
}
