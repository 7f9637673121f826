/**
 * How long a lease has to be for the way to the server.
 *
 * @since 0.1.0
 */

/** Heartbeat, its repetition after a lost answer, and a takeover must all fit into a lease. */
const tripsInLease = 20

/** With fewer, one answer that is lost is one lease that is lost. */
const leastTripsInLease = 4

/**
 * Whether a lease bears the way to the server: `well`, `badly` where what goes wrong now and then may end it, or `not`.
 *
 * @category models
 * @since 0.1.0
 */
export type Bearing = "well" | "badly" | "not"

/**
 * Whether a worker that may be without an answer for `lastsMs` bears round trips of `roundTripMs`.
 *
 * @category getters
 * @since 0.1.0
 */
export const bears = (lastsMs: number, roundTripMs: number): Bearing => {
  if (roundTripMs * tripsInLease <= lastsMs) return "well"
  return roundTripMs * leastTripsInLease > lastsMs ? "not" : "badly"
}

/**
 * What a lease has to last, its margin left out, to bear round trips of `roundTripMs` well.
 *
 * @category getters
 * @since 0.1.0
 */
export const leastMs = (roundTripMs: number): number => Math.ceil(roundTripMs * tripsInLease)
