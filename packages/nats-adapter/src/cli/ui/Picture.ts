/**
 * A group as the dashboard shows it: facts, workers, and who has which partition, in columns.
 *
 * @since 0.1.0
 */
import type { GroupSnapshot } from "@parti/core/GroupObserver"
import * as Partition from "@parti/core/Partition"
import * as StatusReport from "../report/StatusReport.ts"
import * as WorkerReport from "../report/WorkerReport.ts"
import type { HistoryRow } from "./HistoryRow.ts"

/**
 * What is the same for the whole group. Instants (`…At`) are milliseconds of the server's clock, those of a phase of the
 * leader's.
 *
 * @category models
 * @since 0.1.0
 */
export interface Facts {
  readonly group: string
  readonly server: string
  readonly serverVersion: string
  readonly isConnected: boolean
  readonly phase: { readonly tag: string; readonly reason: string | null; readonly startedAt: number | null }
  /** The length of the window, while one is open. */
  readonly windowMs: number | null
  readonly leader: string | null
  readonly epoch: number
  readonly version: number
  readonly isPaused: boolean
  readonly unreadable: ReadonlyArray<string>
}

/**
 * One worker. Its `seat` is its place in the names.
 *
 * @category models
 * @since 0.1.0
 */
export interface WorkerRow {
  readonly seat: number
  readonly standing: WorkerReport.WorkerStanding
  readonly isLeader: boolean
  readonly isDrained: boolean
  readonly isBehind: boolean
  readonly weight: number
  readonly capacity: number | null
  readonly zone: string | null
  readonly version: string | null
  readonly heartbeatAt: number | null
}

/**
 * The partitions of the group, in the plan's order, under the version that first published them. `weights` is one number
 * where all weigh the same.
 *
 * @category models
 * @since 0.1.0
 */
export interface List {
  readonly version: number
  readonly ids: ReadonlyArray<string>
  readonly weights: number | ReadonlyArray<number>
}

/**
 * A handoff: the place of the partition, and the seat of who is to get it; -1 for nobody.
 *
 * @category models
 * @since 0.1.0
 */
export type Handoff = readonly [place: number, next: number]

/**
 * All that is shown. `names` only grows, so that a seat means the same worker in every picture after it. `owner` has a seat
 * for each partition, and -1 for nobody.
 *
 * @category models
 * @since 0.1.0
 */
export interface Picture {
  readonly facts: Facts
  readonly names: ReadonlyArray<string>
  readonly workers: ReadonlyArray<WorkerRow>
  readonly list: List
  readonly owner: ReadonlyArray<number>
  readonly handoffs: ReadonlyArray<Handoff>
  readonly history: ReadonlyArray<HistoryRow>
}

/**
 * What a picture is made from.
 *
 * @category models
 * @since 0.1.0
 */
export interface Source {
  readonly origin: StatusReport.Origin
  readonly snapshot: GroupSnapshot
  readonly history: ReadonlyArray<HistoryRow>
  readonly serverNow: number
}

/**
 * The picture after another; `null` for the first. What has not changed is the identical value.
 *
 * @category conversions
 * @since 0.1.0
 */
export const after = (before: Picture | null, source: Source): Picture => {
  const { history, snapshot } = source
  const status = StatusReport.of(source.origin, snapshot, source.serverNow)
  const names = namesAfter(before?.names ?? [], [
    ...status.workers.map(({ id }) => id),
    ...(snapshot.plan?.workers ?? []).map(({ id }) => String(id))
  ])
  const seats = new Map(names.map((name, seat) => [name, seat]))
  return {
    facts: factsOf(status, snapshot),
    names,
    workers: status.workers.map((worker) => rowOf(status, worker, seats, source.serverNow)),
    ...columnsAfter(before, snapshot.plan, seats),
    history
  }
}

const namesAfter = (before: ReadonlyArray<string>, ids: ReadonlyArray<string>): ReadonlyArray<string> => {
  const all = new Set([...before, ...ids])
  return all.size === before.length ? before : [...all]
}

const factsOf = (status: StatusReport.StatusReport, { plan, undecodable }: GroupSnapshot): Facts => {
  const phase = plan?.phase ?? { _tag: "Idle" as const }
  return {
    group: status.group,
    server: status.server,
    serverVersion: status.serverVersion,
    isConnected: status.isConnected,
    phase: {
      tag: phase._tag,
      reason: phase._tag === "Idle" ? null : phase.reason,
      startedAt: phase._tag === "Idle" ? null : phase.startedAt
    },
    windowMs: phase._tag === "Scaling" ? phase.windowMs : null,
    leader: status.leader?.id ?? null,
    epoch: plan?.epoch ?? 0,
    version: plan?.version ?? 0,
    isPaused: status.pausedForMs !== null,
    unreadable: undecodable.map(({ bucket, key, reason }) => `${bucket}/${key}: ${reason}`)
  }
}

const rowOf = (
  { drains }: StatusReport.StatusReport,
  worker: WorkerReport.WorkerReport,
  seats: ReadonlyMap<string, number>,
  serverNow: number
): WorkerRow => ({
  seat: seats.get(worker.id) ?? nobody,
  standing: worker.standing,
  isLeader: worker.isLeader,
  isDrained: drains.some(({ worker: drained }) => drained === worker.id),
  isBehind: worker.behind,
  weight: Math.round(worker.weight * 100) / 100,
  capacity: worker.capacity,
  zone: worker.zone,
  version: worker.version,
  heartbeatAt: worker.heartbeatAgeMs === null ? null : Math.round(serverNow - worker.heartbeatAgeMs)
})

/** The seat of nobody. */
const nobody = -1

type Plan = GroupSnapshot["plan"]
type Columns = Pick<Picture, "list" | "owner" | "handoffs">

const nothing = {
  facts: { version: 0, epoch: 0 },
  list: { version: 0, ids: [], weights: 1 },
  owner: [],
  handoffs: []
}

const columnsAfter = (before: Picture | null, plan: Plan, seats: ReadonlyMap<string, number>): Columns => {
  const known = before ?? nothing
  const isSame = plan === null || (known.facts.version === plan.version && known.facts.epoch === plan.epoch)
  if (isSame) return { list: known.list, owner: known.owner, handoffs: known.handoffs }
  const seatOf = plan.workers.map(({ id }) => seats.get(id) ?? nobody)
  return {
    list: known.list.version === plan.list.version ? known.list : listOf(plan),
    owner: plan.owner.map((index) => seatOf[index] ?? nobody),
    handoffs: plan.next.flatMap((index, place) =>
      plan.owner[place] === index ? [] : [[place, seatOf[index] ?? nobody] as const]
    )
  }
}

const listOf = ({ list: { partitions, version } }: NonNullable<Plan>): List => ({
  version,
  ids: partitions.map((partition) => Partition.id(partition)),
  weights: partitions.some(({ weight }) => weight !== partitions[0]?.weight)
    ? partitions.map(({ weight }) => weight)
    : (partitions[0]?.weight ?? 1)
})
