/**
 * Whether a worker can reach its store, as its users see it.
 *
 * @since 0.1.0
 */
import type { Stamp } from "../protocol/Event.ts"
import type { ConnectionState } from "../protocol/View.ts"

/**
 * Whether the store accepts this worker's writes; `since` is the wall clock, in milliseconds, when it last did.
 *
 * @category models
 * @since 0.1.0
 */
export type Connection = { readonly _tag: "Connected" } | { readonly _tag: "Degraded"; readonly since: number }

/**
 * How urgent it is that somebody looks.
 *
 * @category models
 * @since 0.1.0
 */
export type AlertLevel = "none" | "info" | "warn" | "error" | "critical"

/** From how many milliseconds on; the first that applies counts. */
const alertLevels: ReadonlyArray<readonly [fromMs: number, level: AlertLevel]> = [
  [300_000, "critical"],
  [60_000, "error"],
  [15_000, "warn"],
  [0, "info"]
]

/**
 * How urgent a connection's state is at a time of the wall clock: `info` at once, `warn` after 15 seconds, `error`
 * after one minute, `critical` after five.
 *
 * @category getters
 * @since 0.1.0
 */
export const alertLevel = (connection: Connection, wallMs: number): AlertLevel => {
  if (connection._tag === "Connected") return "none"
  const ageMs = Math.max(0, wallMs - connection.since)
  return alertLevels.find(([fromMs]) => ageMs >= fromMs)?.[1] ?? "info"
}

/**
 * The connected state.
 *
 * @category constants
 * @since 0.1.0
 */
export const connected: Connection = { _tag: "Connected" }

/**
 * What a node's own clock says, told by the wall clock: the identical value as before if nothing changed.
 *
 * @category conversions
 * @since 0.1.0
 */
export const of = (state: ConnectionState, now: Stamp, before: Connection): Connection => {
  if (state._tag === "Connected") return before._tag === "Connected" ? before : connected
  return before._tag === "Degraded" ? before : { _tag: "Degraded", since: now.wall - (now.at - state.since) }
}
