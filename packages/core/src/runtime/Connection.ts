/**
 * Whether a worker can reach its store, as its users see it.
 *
 * @since 0.1.0
 */
import type { PartiConfig } from "../model/PartiConfig.ts"
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

/** After how many milliseconds each level is reached, the most urgent first. */
const alertLevels: Readonly<
  Record<PartiConfig["degradedPreset"], ReadonlyArray<readonly [fromMs: number, level: AlertLevel]>>
> = {
  conservative: [
    [600_000, "critical"],
    [120_000, "error"],
    [30_000, "warn"]
  ],
  balanced: [
    [300_000, "critical"],
    [60_000, "error"],
    [15_000, "warn"]
  ],
  aggressive: [
    [120_000, "critical"],
    [30_000, "error"],
    [5_000, "warn"]
  ]
}

/**
 * How urgent a connection's state is at a time of the wall clock: `info` at once, then as `degradedPreset` says.
 *
 * **Table**
 *
 * | preset       | warn after | error after | critical after |
 * | ------------ | ---------- | ----------- | -------------- |
 * | conservative | 30 s       | 2 min       | 10 min         |
 * | balanced     | 15 s       | 1 min       | 5 min          |
 * | aggressive   | 5 s        | 30 s        | 2 min          |
 *
 * @category getters
 * @since 0.1.0
 */
export const alertLevel = (
  connection: Connection,
  wallMs: number,
  preset: PartiConfig["degradedPreset"] = "balanced"
): AlertLevel => {
  if (connection._tag === "Connected") return "none"
  const ageMs = Math.max(0, wallMs - connection.since)
  return alertLevels[preset].find(([fromMs]) => ageMs >= fromMs)?.[1] ?? "info"
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
