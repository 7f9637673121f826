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
  if (goal === from) return none
  const path: Array<WorkerState> = []
  let here: WorkerState | null = isAhead(from, goal) ? from : null
  while (here !== null && here !== goal) {
    here = isValidTransition(here, goal) ? goal : stepTowards(here)
    if (here !== null) path.push(here)
  }
  return path
}

const none: ReadonlyArray<WorkerState> = []

/** A leader or a plan that is no longer known sends nobody back: only the loss of the id does. */
const isAhead = (from: WorkerState, goal: WorkerState): boolean => {
  if (from === "Shutdown") return false
  return goal === "ClaimingId" || goal === "Shutdown" || progress[goal] >= progress[from]
}

const progress: Readonly<Record<WorkerState, number>> = {
  Init: 0,
  ClaimingId: 1,
  Election: 2,
  WaitingAssignment: 3,
  Stable: 4,
  Scaling: 4,
  Rebalancing: 4,
  Emergency: 4,
  Shutdown: 5
}

const aim = (situation: Situation): WorkerState => {
  if (situation.stopping) return "Shutdown"
  if (!situation.started) return "Init"
  if (!situation.holdsId) return "ClaimingId"
  if (!situation.leaderKnown && situation.phase === null) return "Election"
  if (situation.phase === null) return "WaitingAssignment"
  return situation.phase === "Idle" ? "Stable" : situation.phase
}

/** The next state on every longer way from here. */
const stepTowards = (here: WorkerState): WorkerState | null => {
  switch (here) {
    case "Init":
      return "ClaimingId"
    case "ClaimingId":
      return "Election"
    case "Election":
      return "WaitingAssignment"
    case "WaitingAssignment":
    case "Scaling":
    case "Rebalancing":
    case "Emergency":
      return "Stable"
    case "Stable":
    case "Shutdown":
      return null
  }
}
