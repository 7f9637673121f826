/**
 * The leader's rebalance machine: when to compute a new target.
 *
 * **Table**
 *
 * | state       | no change       | planned change         | cold start, mass restart | emergency     | window closes | target computed | handed over | requested   |
 * | ----------- | --------------- | ---------------------- | ------------------------ | ------------- | ------------- | --------------- | ----------- | ----------- |
 * | Idle        | Idle            | Scaling, unless paused | Scaling                  | Emergency     | –             | –               | –           | Rebalancing |
 * | Scaling     | Idle            | Scaling, never longer  | Scaling                  | Emergency     | Rebalancing   | –               | –           | Scaling     |
 * | Rebalancing | Rebalancing     | Rebalancing            | Emergency                | Emergency     | –             | Rebalancing     | Idle        | Rebalancing |
 * | Emergency   | Emergency       | Emergency              | Emergency, anew          | Emergency, anew | –           | Emergency       | Idle        | Emergency   |
 *
 * A mass restart is a window only for those who were known to be down when it opened: one crash more is judged anew.
 *
 * @since 0.1.0
 */
import type { Phase, PhaseReason, RebalanceType } from "../model/Plan.ts"
import type { WorkerId } from "../model/WorkerId.ts"
import type { Config } from "./Config.ts"

/**
 * The four states. `startedAt` and `until` are on the own clock, `startedWall` goes into the plan.
 *
 * - `Idle`: `calmUntil` is the end of the cooldown; planned changes wait for it.
 * - `Scaling`: a window is open, until `until` at the latest; `closesAt` is earlier where a quiet topology closes it, and
 *   `null` for as long as a cold start has no partitions to give.
 *   `changedAt`: when the topology last changed. `down`: who was down when it opened (`null`: under a former leader).
 * - `Rebalancing`, `Emergency`: a target is wanted (`isTargeted` false) or being handed over. `retryAt`: not before then,
 *   after `refusals` refusals of the strategy.
 *
 * @category models
 * @since 0.1.0
 */
export type State =
  | { readonly _tag: "Idle"; readonly calmUntil: number }
  | {
      readonly _tag: "Scaling"
      readonly reason: RebalanceType
      readonly startedAt: number
      readonly startedWall: number
      readonly until: number
      readonly closesAt: number | null
      readonly changedAt: number
      readonly topology: string
      readonly down: ReadonlyArray<WorkerId> | null
      readonly calmUntil: number
    }
  | {
      readonly _tag: "Rebalancing" | "Emergency"
      readonly reason: PhaseReason
      readonly startedWall: number
      readonly isTargeted: boolean
      readonly retryAt: number
      readonly refusals: number
    }

/**
 * What the leader finds when it looks at its group. `topology` is equal for equal sets of workers and work. `isListed`: some
 * source has said which partitions there are.
 *
 * @category models
 * @since 0.1.0
 */
export interface Finding {
  readonly at: number
  readonly wall: number
  readonly type: RebalanceType | null
  readonly topology: string
  readonly workerCount: number
  readonly isListed: boolean
  readonly down: ReadonlyArray<WorkerId>
  readonly isDraining: boolean
  readonly isPaused: boolean
  readonly isRequested: boolean
}

/**
 * At the start of a term without a plan.
 *
 * @category constants
 * @since 0.1.0
 */
export const initial: State = { _tag: "Idle", calmUntil: 0 }

/**
 * The legal ways on from each state; losing the office ends the machine from any of them.
 *
 * @category constants
 * @since 0.1.0
 */
export const transitions: Readonly<Record<State["_tag"], ReadonlyArray<State["_tag"]>>> = {
  Idle: ["Scaling", "Rebalancing", "Emergency"],
  Scaling: ["Rebalancing", "Idle", "Emergency"],
  Rebalancing: ["Idle", "Emergency"],
  Emergency: ["Idle"]
}

/**
 * Continues what the plan says the former leader was doing: its window goes on, never for longer than its own length.
 *
 * @category constructors
 * @since 0.1.0
 */
export const resume = (phase: Phase, at: number, wall: number): State => {
  switch (phase._tag) {
    case "Idle":
      return initial
    case "Scaling": {
      const left = Math.min(phase.windowMs, Math.max(0, phase.startedAt + phase.windowMs - wall))
      return {
        _tag: "Scaling",
        reason: phase.reason,
        startedAt: at + left - phase.windowMs,
        startedWall: phase.startedAt,
        until: at + left,
        closesAt: at + left,
        changedAt: at,
        topology: "",
        down: null,
        calmUntil: 0
      }
    }
    case "Rebalancing":
    case "Emergency":
      return wanted(phase._tag, phase.reason, phase.startedAt)
  }
}

/**
 * The leader has looked at its group.
 *
 * @category reducers
 * @since 0.1.0
 */
export const found = (config: Config, state: State, finding: Finding): State => {
  switch (state._tag) {
    case "Idle":
      return whenIdle(config, state, finding)
    case "Scaling":
      return whenScaling(config, state, finding)
    case "Rebalancing":
    case "Emergency":
      // A target that is still wanted will be computed from what is there then.
      if (!isCrash(finding.type) || (state._tag === "Emergency" && !state.isTargeted)) return state
      return wanted("Emergency", finding.type, finding.wall)
  }
}

/**
 * A target was computed and goes into the next plan.
 *
 * @category reducers
 * @since 0.1.0
 */
export const targeted = (state: State): State =>
  state._tag === "Rebalancing" || state._tag === "Emergency" ? { ...state, isTargeted: true, refusals: 0 } : state

/**
 * The strategy failed. It is asked again, later each time, for as long as a target is wanted.
 *
 * @category reducers
 * @since 0.1.0
 */
export const refused = (state: State, at: number): State =>
  state._tag === "Rebalancing" || state._tag === "Emergency"
    ? { ...state, refusals: state.refusals + 1, retryAt: at + retryDelayMs(state.refusals) }
    : state

/**
 * How long the next refusal will be waited out: doubling from half a second to half a minute.
 *
 * @category combinators
 * @since 0.1.0
 */
export const retryDelayMs = (refusals: number): number => Math.min(30_000, 500 * 2 ** Math.min(refusals, 10))

/**
 * Every partition is where the target has it.
 *
 * @category reducers
 * @since 0.1.0
 */
export const handedOver = (config: Config, state: State, at: number): State =>
  (state._tag === "Rebalancing" || state._tag === "Emergency") && state.isTargeted
    ? { _tag: "Idle", calmUntil: at + config.minRebalanceIntervalMs }
    : state

/**
 * Whether a target is to be computed now.
 *
 * @category predicates
 * @since 0.1.0
 */
export const wantsTarget = (state: State, at: number): boolean =>
  (state._tag === "Rebalancing" || state._tag === "Emergency") && !state.isTargeted && at >= state.retryAt

/**
 * When the passing of time alone changes something.
 *
 * @category combinators
 * @since 0.1.0
 */
export const wakeAt = (state: State): number => {
  switch (state._tag) {
    case "Idle":
      return Number.POSITIVE_INFINITY
    case "Scaling":
      return state.closesAt ?? Number.POSITIVE_INFINITY
    case "Rebalancing":
    case "Emergency":
      return state.isTargeted ? Number.POSITIVE_INFINITY : state.retryAt
  }
}

/**
 * The phase to publish.
 *
 * @category combinators
 * @since 0.1.0
 */
export const phase = (state: State): Phase => {
  switch (state._tag) {
    case "Idle":
      return { _tag: "Idle" }
    case "Scaling":
      return {
        _tag: "Scaling",
        reason: state.reason,
        windowMs: Math.round(state.until - state.startedAt),
        startedAt: state.startedWall
      }
    case "Rebalancing":
    case "Emergency":
      return { _tag: state._tag, reason: state.reason, startedAt: state.startedWall }
  }
}

const whenIdle = (config: Config, state: Extract<State, { _tag: "Idle" }>, finding: Finding): State => {
  switch (finding.type) {
    case null:
      return finding.isRequested ? wanted("Rebalancing", "requested", finding.wall) : state
    case "emergency":
      return wanted("Emergency", finding.type, finding.wall)
    case "cold_start":
    case "restart":
      return open(config, finding, finding.type, 0, state.calmUntil)
    case "planned_scale":
      if (finding.isRequested) return wanted("Rebalancing", "requested", finding.wall)
      return finding.isPaused ? state : open(config, finding, finding.type, state.calmUntil, state.calmUntil)
  }
}

const whenScaling = (config: Config, state: Extract<State, { _tag: "Scaling" }>, finding: Finding): State => {
  const isKnown = state.down === null || finding.down.every((id) => state.down?.includes(id))
  switch (finding.type) {
    case null:
      return { _tag: "Idle", calmUntil: state.calmUntil }
    case "emergency":
      if (state.reason !== "restart" || !isKnown) return wanted("Emergency", finding.type, finding.wall)
      return goOn(config, state, finding)
    case "restart":
      if (state.reason !== "restart") return open(config, finding, finding.type, 0, state.calmUntil)
      return goOn(config, { ...state, down: finding.down }, finding)
    case "cold_start":
    case "planned_scale":
      return goOn(config, state, finding)
  }
}

/** The window goes on, or closes. What happens within it may shorten it, and never makes it longer. */
const goOn = (config: Config, state: Extract<State, { _tag: "Scaling" }>, finding: Finding): State => {
  if (finding.isPaused && state.reason === "planned_scale") return { _tag: "Idle", calmUntil: state.calmUntil }
  const changedAt = state.topology === finding.topology ? state.changedAt : finding.at
  const until = Math.min(state.until, endsAt(config, state.reason, finding))
  const settledAt = config.settleAfterMs === null ? until : Math.min(until, changedAt + config.settleAfterMs)
  // Else what is listed a moment later would have to wait for a planned window.
  const closesAt = state.reason === "cold_start" && !finding.isListed ? null : settledAt
  if (closesAt !== null && finding.at >= closesAt) return wanted("Rebalancing", state.reason, finding.wall)
  const isSame =
    until === state.until && closesAt === state.closesAt && state.topology === finding.topology && state.down !== null
  const down = state.down ?? finding.down
  return isSame ? state : { ...state, until, closesAt, changedAt, topology: finding.topology, down }
}

const open = (config: Config, finding: Finding, reason: RebalanceType, notBefore: number, calmUntil: number): State => {
  const until = Math.max(finding.at + windowMs(config, reason), notBefore)
  return goOn(
    config,
    {
      _tag: "Scaling",
      reason,
      startedAt: finding.at,
      startedWall: Math.floor(finding.wall),
      until,
      closesAt: until,
      changedAt: finding.at,
      topology: finding.topology,
      down: finding.down,
      calmUntil
    },
    finding
  )
}

/** What ends a window before its time, for good. */
const endsAt = (config: Config, reason: RebalanceType, finding: Finding): number => {
  if (reason === "cold_start") {
    const isComplete = config.expectedWorkers !== null && finding.workerCount >= config.expectedWorkers
    return config.coldStart === "eager" || isComplete ? finding.at : Number.POSITIVE_INFINITY
  }
  return reason === "planned_scale" && finding.isDraining ? finding.at + config.drainWindowMs : Number.POSITIVE_INFINITY
}

const windowMs = (config: Config, reason: RebalanceType): number => {
  switch (reason) {
    case "cold_start":
      return config.coldStartWindowMs
    case "restart":
      return config.restartWindowMs
    case "planned_scale":
      return config.plannedWindowMs
    case "emergency":
      return 0
  }
}

const wanted = (tag: "Rebalancing" | "Emergency", reason: PhaseReason, wall: number): State => ({
  _tag: tag,
  reason,
  startedWall: Math.floor(wall),
  isTargeted: false,
  retryAt: 0,
  refusals: 0
})

const isCrash = (type: RebalanceType | null): type is "emergency" | "restart" =>
  type === "emergency" || type === "restart"
