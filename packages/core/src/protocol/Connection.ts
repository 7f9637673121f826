/**
 * Whether the store can be reached, judged by one thing alone: whether it takes our own writes.
 *
 * **Table**
 *
 * | state     | write accepted                          | time passes                                |
 * | --------- | --------------------------------------- | ------------------------------------------ |
 * | Connected | Connected                               | Degraded after `degradedAfterMs` of nothing |
 * | Degraded  | Connected after `recoverAfterMs` of health | Degraded                                |
 *
 * @since 0.1.0
 */
import type { Config } from "./Config.ts"
import type { ConnectionState } from "./View.ts"

/**
 * When own writes were accepted. `healthySince`: since when they have been so, never more than two heartbeats apart;
 * `acceptedAt`: the last time.
 *
 * @category models
 * @since 0.1.0
 */
export interface State {
  readonly acceptedAt: number
  readonly healthySince: number
  readonly shown: ConnectionState
}

/**
 * The state at the start: given the benefit of the doubt.
 *
 * @category constructors
 * @since 0.1.0
 */
export const initial = (at: number): State => ({ acceptedAt: at, healthySince: at, shown: { _tag: "Connected" } })

/**
 * The store took one of our writes.
 *
 * @category reducers
 * @since 0.1.0
 */
export const accepted = (config: Config, state: State, at: number): State => ({
  ...state,
  acceptedAt: at,
  healthySince: isHealthy(config, state, at) && !isRecovering(state) ? state.healthySince : at
})

/**
 * We begin to write again after a time in which we had nothing to write: silence counts from here.
 *
 * @category reducers
 * @since 0.1.0
 */
export const resumed = (state: State, at: number): State => ({ ...state, acceptedAt: at, healthySince: at })

/**
 * Follows the passing of time.
 *
 * @category reducers
 * @since 0.1.0
 */
export const proceed = (config: Config, state: State, at: number): State => {
  switch (state.shown._tag) {
    case "Connected":
      return at - state.acceptedAt < config.degradedAfterMs
        ? state
        : { ...state, shown: { _tag: "Degraded", since: state.acceptedAt } }
    case "Degraded":
      return isHealthy(config, state, at) &&
        state.healthySince > state.shown.since &&
        at - state.healthySince >= config.recoverAfterMs
        ? { ...state, shown: { _tag: "Connected" } }
        : state
  }
}

/**
 * When `proceed` has something to do next.
 *
 * @category combinators
 * @since 0.1.0
 */
export const wakeAt = (config: Config, state: State): number => {
  if (state.shown._tag === "Connected") return state.acceptedAt + config.degradedAfterMs
  return state.healthySince > state.shown.since ? state.healthySince + config.recoverAfterMs : Number.POSITIVE_INFINITY
}

/**
 * Since when the silence of others may be counted: an observer that was cut off itself has heard nobody, and proves
 * nothing by it.
 *
 * @category combinators
 * @since 0.1.0
 */
export const listeningSince = (config: Config, state: State, at: number): number =>
  isHealthy(config, state, at) ? state.healthySince : at

/** The first accepted write after a breakdown: health counts from here, however short the breakdown was. */
const isRecovering = (state: State): boolean =>
  state.shown._tag === "Degraded" && state.healthySince <= state.shown.since

const isHealthy = (config: Config, state: State, at: number): boolean =>
  at - state.acceptedAt <= 2 * config.heartbeatIntervalMs
