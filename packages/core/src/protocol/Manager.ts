/**
 * The nine states of a worker, as everybody sees them.
 *
 * @since 0.1.0
 */
import type { Phase } from "../model/Plan.ts"

/**
 * Where a worker is in its life.
 *
 * @category models
 * @since 0.1.0
 */
export type WorkerState =
  | "Init"
  | "ClaimingId"
  | "Election"
  | "WaitingAssignment"
  | "Stable"
  | "Scaling"
  | "Rebalancing"
  | "Emergency"
  | "Shutdown"

/**
 * The legal ways on from each state.
 *
 * **Details**
 *
 * `ClaimingId` from anywhere after it is the loss of the worker's own lease: everything is released, then an id is claimed
 * again. `Scaling` to `Stable` is a window whose cause went away.
 *
 * @category constants
 * @since 0.1.0
 */
export const transitions: Readonly<Record<WorkerState, ReadonlyArray<WorkerState>>> = {
  Init: ["ClaimingId", "Shutdown"],
  ClaimingId: ["Election", "Shutdown"],
  Election: ["WaitingAssignment", "ClaimingId", "Shutdown"],
  WaitingAssignment: ["Stable", "ClaimingId", "Shutdown"],
  Stable: ["Scaling", "Rebalancing", "Emergency", "ClaimingId", "Shutdown"],
  Scaling: ["Rebalancing", "Emergency", "Stable", "ClaimingId", "Shutdown"],
  Rebalancing: ["Stable", "Emergency", "ClaimingId", "Shutdown"],
  Emergency: ["Stable", "Rebalancing", "ClaimingId", "Shutdown"],
  Shutdown: []
}

/**
 * Whether a worker may go from one state straight to the other.
 *
 * @category predicates
 * @since 0.1.0
 */
export const isValidTransition = (from: WorkerState, to: WorkerState): boolean => transitions[from].includes(to)

/**
 * What decides a worker's state.
 *
 * @category models
 * @since 0.1.0
 */
export interface Situation {
  readonly started: boolean
  readonly stopping: boolean
  readonly holdsId: boolean
  readonly leaderKnown: boolean
  /** The phase of the newest plan, or `null` before one was seen under this id. */
  readonly phase: Phase["_tag"] | null
}

/**
 * The states a worker passes through to where its situation puts it, in order; empty when it is there already. A watch
 * may show only the last of several phases, so a way that is not legal in one step goes through `Stable`.
 *
 * @category reducers
 * @since 0.1.0
 */
export const follow = (from: WorkerState, situation: Situation): ReadonlyArray<WorkerState> => {
  const goal = aim(situation)
  // A leader that is no longer known sends nobody back: only the loss of the id does.
  if (goal === "Election" && from === "WaitingAssignment") return []
  const path: Array<WorkerState> = []
  let here = from
  // The longest way is Init → ClaimingId → Election → WaitingAssignment → Stable → a phase.
  while (here !== goal && path.length < 6) {
    here = isValidTransition(here, goal) ? goal : stepTowards(here, goal)
    path.push(here)
  }
  return path
}

const aim = (situation: Situation): WorkerState => {
  if (situation.stopping) return "Shutdown"
  if (!situation.started) return "Init"
  if (!situation.holdsId) return "ClaimingId"
  if (!situation.leaderKnown && situation.phase === null) return "Election"
  if (situation.phase === null) return "WaitingAssignment"
  return situation.phase === "Idle" ? "Stable" : situation.phase
}

const stepTowards = (here: WorkerState, goal: WorkerState): WorkerState => {
  switch (here) {
    case "Init":
      return "ClaimingId"
    case "ClaimingId":
      return "Election"
    case "Election":
      return "WaitingAssignment"
    case "WaitingAssignment":
    case "Stable":
    case "Scaling":
    case "Rebalancing":
    case "Emergency":
      return "Stable"
    case "Shutdown":
      return goal
  }
}
