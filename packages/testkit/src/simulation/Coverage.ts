/**
 * Which cells of the state tables simulations have been in.
 *
 * @since 0.1.0
 */
import { Manager, type Event } from "@parti/core/Protocol"
import type { FaultKind } from "./Fault.ts"
import * as Storm from "./Storm.ts"
import type * as Tally from "./Tally.ts"

const events: Readonly<Record<Event["_tag"], true>> = {
  Started: true,
  TimerFired: true,
  WorkerObserved: true,
  LeaderObserved: true,
  LiveOpened: true,
  LiveSynced: true,
  PlanOpened: true,
  PlanObserved: true,
  ControlObserved: true,
  PlanSynced: true,
  RecordUndecodable: true,
  WriteAccepted: true,
  WriteRejected: true,
  WriteUnknown: true,
  PartitionsListed: true,
  PartitionsFailed: true,
  PartitionEnded: true,
  ControlRequested: true,
  StopRequested: true
}

/** The phases that a leader's plan may be in. */
const phases = ["Idle", "Scaling", "Rebalancing", "Emergency"]

/**
 * What must happen often for every cell to be met within few seeds.
 *
 * @category constants
 * @since 0.1.0
 */
export const focus: ReadonlyArray<FaultKind> = [
  "Control",
  "Garbled",
  "StopToLeave",
  "StopToRestart",
  "SourceFailing",
  "LeaderCrash",
  "WatchCut",
  "Weather",
  "StoreOutage",
  "LinkCut",
  "LiveLost",
  "KeyPurged",
  "Pause"
]

/** Simulated processes are not asked to stop before they have started. */
const untaken = "Init Shutdown"

/** Why a cell cannot be met, or `null`. */
const impossible = (state: string, event: string): string | null => {
  if (state === "Init") return event === "Started" ? null : "a process starts before it is told anything else"
  if (event === "Started") return "a process starts once"
  const hasNoPlan = state === "ClaimingId" || state === "Election" || state === "WaitingAssignment"
  if (hasNoPlan && event.startsWith("Partitions")) return "only who leads reads partitions"
  if (hasNoPlan && state !== "ClaimingId" && event === "PartitionEnded")
    return "a session that has no plan runs nothing"
  return null
}

/**
 * The cells that no simulation has been in and the transitions that none has taken, though they can be, and the phases in
 * which no leader was lost.
 *
 * @category getters
 * @since 0.1.0
 */
export const holes = (tally: Tally.Tally): ReadonlyArray<string> => {
  const tags = Object.keys(events)
  const among = (states: ReadonlyArray<string>, met: ReadonlyMap<string, number>): ReadonlyArray<string> =>
    states.flatMap((state) =>
      tags
        .filter((tag) => impossible(state, tag) === null && !met.has(`${state} ${tag}`))
        .map((tag) => `${state} ${tag}`)
    )
  const ways = Object.entries(Manager.transitions)
    .flatMap(([from, to]) => to.map((one) => `${from} ${one}`))
    .filter((way) => way !== untaken)
  return [
    ...ways.filter((way) => !tally.transitions.has(way)).map((way) => `transition ${way}`),
    ...phases.filter((phase) => !tally.world.has(Storm.lostIn(phase))).map(Storm.lostIn),
    ...among(Object.keys(Manager.transitions), tally.cells),
    ...among(phases, tally.phases).map((cell) => `leader: ${cell}`)
  ]
}

/**
 * How many cells were visited, and which were not.
 *
 * @category combinators
 * @since 0.1.0
 */
export const show = (tally: Tally.Tally): string => {
  const missing = holes(tally)
  return `${tally.cells.size + tally.phases.size} cells met, ${tally.transitions.size} transitions taken, missing: ${missing.join(", ") || "none"}`
}
