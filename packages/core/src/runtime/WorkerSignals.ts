/**
 * What is worth telling of a worker's turn: derived from what was before, what happened, and what came of it.
 *
 * @since 0.1.0
 */
import type { Command } from "../protocol/Command.ts"
import type { NodeView } from "../protocol/View.ts"
import type { AlertLevel } from "./Connection.ts"
import type { Turn } from "./EventLoop.ts"
import { logged, measured, none, type Signal } from "./Signal.ts"

type Signals = ReadonlyArray<Signal>

/**
 * Derives the signals of one turn, in order, as far as they concern this worker alone.
 *
 * @category conversions
 * @since 0.1.0
 */
export const derive = (turn: Turn): Signals => [
  ...ignored(turn),
  ...written(turn),
  ...transitions(turn),
  ...office(turn),
  ...connection(turn),
  ...session(turn),
  ...holdings(turn),
  ...plans(turn)
]

/**
 * What all gauges show that say how a worker is, whether or not that has just changed.
 *
 * @category conversions
 * @since 0.1.0
 */
export const standing = (
  { connection: shown, ending, isLeader, running, state }: NodeView,
  level: AlertLevel
): Signals => [
  measured("parti_worker_state", 1, { state }),
  measured("parti_is_leader", isLeader ? 1 : 0, {}),
  measured("parti_degraded", shown._tag === "Degraded" ? 1 : 0, {}),
  urgency(level),
  measured("parti_partitions_owned", running.length, {}),
  measured("parti_partitions_ending", ending.length, {})
]

/**
 * What is to be told of a session that has ended, under the name that it had.
 *
 * @category conversions
 * @since 0.1.0
 */
export const lost = ({ commands }: Turn): Signals =>
  commands.flatMap((command) =>
    command._tag === "Report" && command.report._tag === "SessionLost"
      ? [measured("parti_sessions_lost_total", 1, { by: command.report.by })]
      : []
  )

const alerts = ["none", "info", "warn", "error", "critical"] as const

const loudness = { none: "Info", info: "Info", warn: "Warn", error: "Error", critical: "Fatal" } as const

const urgency = (level: AlertLevel): Signal => measured("parti_alert_level", alerts.indexOf(level), {})

/**
 * What is to be told when the alert level changes.
 *
 * @category conversions
 * @since 0.1.0
 */
export const alerted = (level: AlertLevel, ageMs: number): Signals => {
  const gauge = urgency(level)
  // That it begins and ends is told as a change of the connection.
  if (level === "none" || level === "info") return [gauge]
  return [gauge, logged(loudness[level], `the store has accepted no writes for ${Math.floor(ageMs / 1000)} s`)]
}

const ignored = ({ ignored: reason }: Turn): Signals =>
  reason === null ? none : [measured("parti_events_ignored_total", 1, { reason })]

const written = ({ event }: Turn): Signals => {
  switch (event._tag) {
    case "WriteAccepted":
    case "WriteRejected":
    case "WriteUnknown": {
      const { issuedAt, purpose } = event.write
      const latencyMs = Math.max(0, event.at - issuedAt)
      const latency = measured("parti_store_latency_seconds", latencyMs / 1000, { operation: purpose })
      return [latency, ...outcome(event)]
    }
    default:
      return none
  }
}

type Answered = Extract<Turn["event"], { readonly _tag: "WriteAccepted" | "WriteRejected" | "WriteUnknown" }>

const outcome = (event: Answered): Signals => {
  const { purpose } = event.write
  switch (event._tag) {
    case "WriteAccepted":
      return [measured("parti_writes_total", 1, { purpose, outcome: "Accepted" })]
    case "WriteRejected":
      return [
        measured("parti_writes_total", 1, { purpose, outcome: event.reason }),
        logged("Debug", `write for ${purpose} was rejected: ${event.reason}`)
      ]
    case "WriteUnknown":
      return [
        measured("parti_writes_total", 1, { purpose, outcome: "Unknown" }),
        logged("Warn", `write for ${purpose} has not been answered; it may have landed`)
      ]
  }
}

const transitions = ({ after, before }: Turn): Signals => {
  if (after.entered.length === 0) return none
  return after.entered.flatMap((to, i) => {
    const from = after.entered[i - 1] ?? before.state
    return [
      logged("Info", `state ${from} → ${to}`),
      measured("parti_state_transitions_total", 1, { from, to }),
      measured("parti_worker_state", 0, { state: from }),
      measured("parti_worker_state", 1, { state: to })
    ]
  })
}

const office = ({ after, before }: Turn): Signals =>
  after.isLeader === before.isLeader
    ? none
    : [
        logged("Info", after.isLeader ? "leads the group" : "leads the group no longer"),
        measured("parti_is_leader", after.isLeader ? 1 : 0, {})
      ]

const connection = ({ after, before }: Turn): Signals => {
  if (after.connection._tag === before.connection._tag) return none
  const isDegraded = after.connection._tag === "Degraded"
  return [
    isDegraded ? logged("Warn", "the store does not accept writes") : logged("Info", "the store accepts writes again"),
    measured("parti_degraded", isDegraded ? 1 : 0, {})
  ]
}

const session = ({ after, before }: Turn): Signals =>
  after.session === null || after.session === before.session ? none : [measured("parti_sessions_total", 1, {})]

type Stop = Extract<Command, { readonly _tag: "StopPartition" }>

const holdings = ({ after, before, commands }: Turn): Signals => {
  if (commands.length === 0 && after.running === before.running && after.ending === before.ending) return none
  const stops = commands.filter((command): command is Stop => command._tag === "StopPartition")
  const startCount = commands.filter(({ _tag }) => _tag === "StartPartition").length
  const isMoved = startCount + stops.length > 0
  return [
    ...(isMoved ? [logged("Info", `starts ${startCount} partitions, stops ${stops.length}`)] : none),
    ...(startCount > 0 ? [measured("parti_partitions_started_total", startCount, {})] : none),
    ...Array.from(
      Map.groupBy(stops, ({ reason }) => reason),
      ([reason, { length }]) => measured("parti_partitions_stopped_total", length, { reason })
    ),
    ...(stops.some(({ reason }) => reason === "LeaseEnding") ? [measured("parti_suspensions_total", 1, {})] : none),
    ...(isMoved || after.running.length !== before.running.length
      ? [measured("parti_partitions_owned", after.running.length, {})]
      : none),
    ...(after.ending.length === before.ending.length
      ? none
      : [measured("parti_partitions_ending", after.ending.length, {})])
  ]
}

const plans = ({ after, before }: Turn): Signals =>
  after.plan === null || after.plan === before.plan ? none : [measured("parti_plans_followed_total", 1, {})]
