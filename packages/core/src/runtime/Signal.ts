/**
 * What is worth telling of a turn of the loop: derived from what was before, what happened, and what came of it.
 *
 * @since 0.1.0
 */
import { nobody, type Phase, type PhaseReason, type Plan } from "../model/Plan.ts"
import type { AlertLevel } from "./Connection.ts"
import type { Turn } from "./EventLoop.ts"

/**
 * The counters and gauges; `Telemetry` has the table.
 *
 * @category models
 * @since 0.1.0
 */
export type CounterName =
  | "parti_writes_total"
  | "parti_events_ignored_total"
  | "parti_state_transitions_total"
  | "parti_rebalances_total"
  | "parti_moves_total"
  | "parti_evictions_total"
  | "parti_problems_total"

/**
 * The gauges.
 */
type GaugeName =
  | "parti_partitions_owned"
  | "parti_partitions_unowned"
  | "parti_is_leader"
  | "parti_degraded"
  | "parti_alert_level"

/**
 * How loud a line of the log is.
 */
type LogLevel = "Debug" | "Info" | "Warn" | "Error" | "Fatal"

/**
 * One thing to tell.
 *
 * @category models
 * @since 0.1.0
 */
export type Signal =
  | { readonly _tag: "Logged"; readonly level: LogLevel; readonly message: string }
  | {
      readonly _tag: "Counted"
      readonly metric: CounterName
      readonly by: number
      readonly attributes: Readonly<Record<string, string>>
    }
  | { readonly _tag: "Gauged"; readonly metric: GaugeName; readonly value: number }
  | { readonly _tag: "RebalanceBegan"; readonly reason: PhaseReason }
  | { readonly _tag: "RebalanceEnded" }

/**
 * Derives the signals of one turn, in order.
 *
 * @category conversions
 * @since 0.1.0
 */
export const derive = (turn: Turn): ReadonlyArray<Signal> => [
  ...ignored(turn),
  ...written(turn),
  ...transitions(turn),
  ...office(turn),
  ...connection(turn),
  ...holdings(turn),
  ...reports(turn),
  ...plan(turn)
]

const none: ReadonlyArray<Signal> = []

const alerts = ["none", "info", "warn", "error", "critical"] as const

const loudness = { none: "Info", info: "Info", warn: "Warn", error: "Error", critical: "Fatal" } as const

/**
 * What is to be told when the alert level changes.
 *
 * @category conversions
 * @since 0.1.0
 */
export const alerted = (level: AlertLevel, ageMs: number): ReadonlyArray<Signal> => {
  const gauge = gauged("parti_alert_level", alerts.indexOf(level))
  // That it begins and ends is told as a change of the connection.
  if (level === "none" || level === "info") return [gauge]
  return [gauge, logged(loudness[level], `the store has accepted no writes for ${Math.floor(ageMs / 1000)} s`)]
}

const logged = (level: LogLevel, message: string): Signal => ({ _tag: "Logged", level, message })

const counted = (metric: CounterName, attributes: Readonly<Record<string, string>>, by = 1): Signal => ({
  _tag: "Counted",
  metric,
  by,
  attributes
})

const gauged = (metric: GaugeName, value: number): Signal => ({ _tag: "Gauged", metric, value })

const ignored = ({ ignored: reason }: Turn): ReadonlyArray<Signal> =>
  reason === null ? none : [counted("parti_events_ignored_total", { reason })]

const written = ({ event }: Turn): ReadonlyArray<Signal> => {
  switch (event._tag) {
    case "WriteAccepted":
      return [counted("parti_writes_total", { purpose: event.write.purpose, outcome: "Accepted" })]
    case "WriteRejected":
      return [
        counted("parti_writes_total", { purpose: event.write.purpose, outcome: event.reason }),
        logged("Debug", `write for ${event.write.purpose} was rejected: ${event.reason}`)
      ]
    case "WriteUnknown":
      return [
        counted("parti_writes_total", { purpose: event.write.purpose, outcome: "Unknown" }),
        logged("Warn", `write for ${event.write.purpose} has not been answered; it may have landed`)
      ]
    default:
      return none
  }
}

const transitions = ({ after, before }: Turn): ReadonlyArray<Signal> => {
  if (after.entered.length === 0) return none
  return after.entered.flatMap((to, i) => {
    const from = after.entered[i - 1] ?? before.state
    return [logged("Info", `state ${from} → ${to}`), counted("parti_state_transitions_total", { from, to })]
  })
}

const office = ({ after, before }: Turn): ReadonlyArray<Signal> =>
  after.isLeader === before.isLeader
    ? none
    : [
        logged("Info", after.isLeader ? "leads the group" : "leads the group no longer"),
        gauged("parti_is_leader", after.isLeader ? 1 : 0)
      ]

const connection = ({ after, before }: Turn): ReadonlyArray<Signal> => {
  if (after.connection._tag === before.connection._tag) return none
  const isDegraded = after.connection._tag === "Degraded"
  return [
    isDegraded ? logged("Warn", "the store does not accept writes") : logged("Info", "the store accepts writes again"),
    gauged("parti_degraded", isDegraded ? 1 : 0)
  ]
}

const holdings = ({ after, before, commands }: Turn): ReadonlyArray<Signal> => {
  const started = commands.filter(({ _tag }) => _tag === "StartPartition").length
  const stopped = commands.filter(({ _tag }) => _tag === "StopPartition").length
  const owned = gauged("parti_partitions_owned", after.running.length)
  if (started + stopped > 0) return [logged("Info", `starts ${started} partitions, stops ${stopped}`), owned]
  return after.running.length === before.running.length ? none : [owned]
}

const reports = ({ commands }: Turn): ReadonlyArray<Signal> =>
  commands.flatMap((command) =>
    command._tag === "Report" && command.report._tag === "WorkerEvicted" ? [counted("parti_evictions_total", {})] : []
  )

const plan = (turn: Turn): ReadonlyArray<Signal> => {
  const { after, before } = turn
  if (after.plan === before.plan && after.isLeader === before.isLeader) return none
  const unowned = after.plan === null ? 0 : after.plan.owner.filter((index) => index === nobody).length
  const signals = [gauged("parti_partitions_unowned", unowned), ...rebalance(turn)]
  const moves = after.isLeader ? movesTo(after.plan, before.plan) : 0
  return moves === 0 ? signals : [...signals, counted("parti_moves_total", {}, moves)]
}

/** A grant bears the version of the plan that made it. */
const movesTo = (after: Plan | null, before: Plan | null): number =>
  after === null || before === null || after === before
    ? 0
    : after.token.filter((token, place) => token > before.version && after.owner[place] !== nobody).length

const rebalance = ({ after, before }: Turn): ReadonlyArray<Signal> => {
  const was = before.isLeader ? active(before.plan?.phase) : null
  const is = after.isLeader ? active(after.plan?.phase) : null
  if (was?.startedAt === is?.startedAt) return none
  const ended: ReadonlyArray<Signal> =
    was === null ? none : [logged("Info", "rebalance ended"), { _tag: "RebalanceEnded" }]
  if (is === null) return ended
  return [
    ...ended,
    logged("Info", `rebalance began: ${is.reason}`),
    counted("parti_rebalances_total", { reason: is.reason }),
    { _tag: "RebalanceBegan", reason: is.reason }
  ]
}

/** The phase, if something is being moved in it. */
const active = (phase: Phase | undefined): Extract<Phase, { readonly _tag: "Rebalancing" | "Emergency" }> | null =>
  phase?._tag === "Rebalancing" || phase?._tag === "Emergency" ? phase : null
