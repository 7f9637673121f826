/**
 * How a group is.
 *
 * @since 0.1.0
 */
import type { GroupSnapshot } from "@parti/core/GroupObserver"
import type { GroupPhase, Rebalance } from "@parti/core/GroupView"
import * as Span from "../Span.ts"
import * as Table from "../Table.ts"
import * as WorkerReport from "./WorkerReport.ts"

/**
 * Where a report comes from.
 *
 * @category models
 * @since 0.1.0
 */
export interface Origin {
  readonly group: string
  readonly server: string
  readonly serverVersion: string
  readonly isConnected: boolean
  readonly roundTripMs: number
}

/**
 * How a group is: the JSON of `parti status`. Ages and spans are in milliseconds.
 *
 * @category models
 * @since 0.1.0
 */
export interface StatusReport extends Origin {
  readonly phase: GroupPhase
  readonly leader: { readonly id: string; readonly epoch: number; readonly heartbeatAgeMs: number } | null
  readonly plan: { readonly epoch: number; readonly version: number; readonly ageMs: number | null } | null
  readonly partitions: number
  readonly unowned: number
  readonly handingOver: number
  readonly pausedForMs: number | null
  readonly drains: ReadonlyArray<{ readonly worker: string; readonly ageMs: number | null }>
  readonly lastRebalance: Rebalance | null
  readonly undecodable: ReadonlyArray<{ readonly record: string; readonly revision: number; readonly reason: string }>
  readonly workers: ReadonlyArray<WorkerReport.WorkerReport>
}

/**
 * The report on a group at a time of the server's clock.
 *
 * @category conversions
 * @since 0.1.0
 */
export const of = (origin: Origin, snapshot: GroupSnapshot, serverNow: number): StatusReport => {
  const { drains, isPaused, leader, pauseWrittenAt, plan, planWrittenAt, undecodable, view } = snapshot
  const age = (writtenAt: number | null) => (writtenAt === null ? null : WorkerReport.ageMs(writtenAt, serverNow, 0))
  return {
    ...origin,
    phase: view.phase,
    leader:
      leader === null || leader.record.state !== "live"
        ? null
        : {
            id: leader.record.workerId,
            epoch: leader.record.epoch,
            heartbeatAgeMs: WorkerReport.ageMs(leader.writtenAt, serverNow, leader.unchangedMs)
          },
    plan: plan === null ? null : { epoch: view.epoch, version: view.version, ageMs: age(planWrittenAt) },
    partitions: view.partitions,
    unowned: view.unowned,
    handingOver: view.handingOver,
    pausedForMs: isPaused ? (age(pauseWrittenAt) ?? 0) : null,
    drains: drains.map(({ workerId, writtenAt }) => ({ worker: workerId, ageMs: age(writtenAt) })),
    lastRebalance: view.lastRebalance,
    undecodable: undecodable.map(({ bucket, key, reason, revision }) => ({
      record: `${bucket}/${key}`,
      revision,
      reason
    })),
    workers: WorkerReport.all(snapshot, serverNow)
  }
}

/**
 * The report in lines.
 *
 * @category rendering
 * @since 0.1.0
 */
export const render = (report: StatusReport): ReadonlyArray<string> => [
  `group ${report.group} at ${report.server}, nats-server ${report.serverVersion}, ${connection(report)}`,
  "",
  ...facts(report).map(([name, value]) => `${name.padEnd(nameWidth)}${Table.printable(value)}`),
  "",
  ...workers(report.workers)
]

const nameWidth = 12

const connection = ({ isConnected, roundTripMs }: Origin): string =>
  isConnected ? `round trip ${Math.max(1, Math.round(roundTripMs))} ms` : "connection lost"

const facts = (report: StatusReport): ReadonlyArray<readonly [name: string, value: string]> => {
  const { drains, lastRebalance, leader, pausedForMs, plan, undecodable } = report
  return [
    ["phase", phase(report.phase)],
    [
      "leader",
      leader === null
        ? "none"
        : `${leader.id} in epoch ${leader.epoch}, heartbeat ${Span.render(leader.heartbeatAgeMs)} ago`
    ],
    ["plan", plan === null ? "none" : `version ${plan.version}${plan.ageMs === null ? "" : `, ${old(plan.ageMs)}`}`],
    ["partitions", partitions(report)],
    ...(lastRebalance === null
      ? []
      : [
          [
            "rebalance",
            `moved ${lastRebalance.moved} of at least ${lastRebalance.minimum} (${lastRebalance.reason})`
          ] as const
        ]),
    ...(pausedForMs === null ? [] : [["paused", `for ${Span.render(pausedForMs)}; \`parti resume\` ends it`] as const]),
    ...(drains.length === 0 ? [] : [["drained", drains.map(({ worker }) => worker).join(", ")] as const]),
    ...undecodable.map(({ reason, record }) => ["unreadable", `${record}: ${reason}`] as const)
  ]
}

const old = (ms: number): string => `${Span.render(ms)} old`

const phase = ({ endsInMs, reason, tag }: GroupPhase): string => {
  const why = reason === null ? "" : ` (${reason})`
  const left = endsInMs === null ? "" : `, ${Span.render(endsInMs)} left`
  return `${tag}${why}${left}`
}

const partitions = ({ handingOver, partitions: count, unowned }: StatusReport): string =>
  [
    String(count),
    unowned === 0 ? "all owned" : `${unowned} unowned`,
    ...(handingOver === 0 ? [] : [`${handingOver} changing hands`])
  ].join(", ")

const columns = [
  Table.words("WORKER"),
  Table.words("STATE"),
  Table.numbers("PARTITIONS"),
  Table.numbers("WEIGHT"),
  Table.numbers("CAPACITY"),
  Table.words("ZONE"),
  Table.words("VERSION"),
  Table.numbers("HEARTBEAT"),
  Table.words("PLAN")
]

/** From this part of its lease on a worker's event loop is so late that people should know. */
const remarkableDelay = 0.1

const state = ({ isLeader, leaseMs, loopDelayMs, standing }: WorkerReport.WorkerReport): string => {
  const isLate = loopDelayMs !== null && leaseMs !== null && loopDelayMs > leaseMs * remarkableDelay
  return [standing, ...(isLeader ? ["leads"] : []), ...(isLate ? [`loop late by ${loopDelayMs} ms`] : [])].join(", ")
}

const following = ({ behind, standing }: WorkerReport.WorkerReport): string => {
  if (standing !== "live" && standing !== "draining") return "-"
  return behind ? "behind" : "current"
}

const workers = (reports: ReadonlyArray<WorkerReport.WorkerReport>): ReadonlyArray<string> =>
  reports.length === 0
    ? ["no worker is there"]
    : Table.render(
        columns,
        reports.map((worker) => [
          worker.id,
          state(worker),
          String(worker.partitions),
          String(Math.round(worker.weight * 100) / 100),
          worker.capacity === null ? "-" : String(worker.capacity),
          worker.zone ?? "-",
          worker.version ?? "-",
          worker.heartbeatAgeMs === null ? "-" : Span.render(worker.heartbeatAgeMs),
          following(worker)
        ])
      )
