/**
 * The whole group, as the newest plan shows it.
 *
 * @since 0.1.0
 */
import type { Epoch, Version } from "../model/Epoch.ts"
import * as Partition from "../model/Partition.ts"
import * as PartitionSet from "../model/PartitionSet.ts"
import { nobody, type Phase, type PhaseReason, type Plan } from "../model/Plan.ts"
import type { Session } from "../model/Record.ts"
import * as WorkerId from "../model/WorkerId.ts"
import * as Statistics from "../strategy/Statistics.ts"

/**
 * One session that the plan names.
 *
 * @category models
 * @since 0.1.0
 */
export interface GroupWorker {
  readonly id: WorkerId.WorkerId
  readonly session: Session
  /**
   * The version of the software that it runs, as its record says. `null`: it has not said, or the view is a worker's, which
   * is made from plans alone; the view of a `GroupObserver` tells it.
   */
  readonly version: string | null
  /** Whether partitions are given to it; one that leaves is listed until it has given up its last. */
  readonly member: boolean
  /** How many partitions it may run now. */
  readonly partitions: number
  /** What they weigh together. */
  readonly weight: number
  /** Which they are; worked out when asked for. */
  readonly ids: () => ReadonlyArray<Partition.PartitionId>
  /** Which it would take over if their owners were lost, as far as balance allows; worked out when asked for. */
  readonly standbyIds: () => ReadonlyArray<Partition.PartitionId>
}

/**
 * What the group is doing. `endsInMs` is the time left of a window, by the leader's wall clock and this machine's.
 *
 * @category models
 * @since 0.1.0
 */
export interface GroupPhase {
  readonly tag: Phase["_tag"]
  readonly reason: PhaseReason | null
  readonly endsInMs: number | null
}

/**
 * The last rebalance that this worker saw begin: what moved, and the least that would have had to for the same balance.
 * Both count partitions where all weigh the same, else weight. What had no owner before counts as moved.
 *
 * @category models
 * @since 0.1.0
 */
export interface Rebalance {
  readonly moved: number
  readonly minimum: number
  readonly reason: PhaseReason
}

/**
 * The group, seen from one worker; another may see a newer plan.
 *
 * @category models
 * @since 0.1.0
 */
export interface GroupView {
  readonly epoch: Epoch
  readonly version: Version
  readonly phase: GroupPhase
  readonly leader: WorkerId.WorkerId | null
  readonly workers: ReadonlyArray<GroupWorker>
  readonly partitions: number
  /** Which partitions the plan lists, whoever owns them; worked out when asked for. */
  readonly ids: () => ReadonlyArray<Partition.PartitionId>
  /** How many nobody may run. */
  readonly unowned: number
  /** How many are on their way from one worker to another, or to none. */
  readonly handingOver: number
  readonly lastRebalance: Rebalance | null
}

/**
 * The plans that a view is made from: the newest, and the last one before the rebalance that was last seen to begin.
 *
 * @category models
 * @since 0.1.0
 */
export interface Plans {
  readonly newest: Plan | null
  readonly rebalance: { readonly before: Plan; readonly during: Plan } | null
}

/**
 * No plan was seen.
 *
 * @category constants
 * @since 0.1.0
 */
export const noPlans: Plans = { newest: null, rebalance: null }

/**
 * Takes in the newest plan: the identical value if it is the same.
 *
 * @category reducers
 * @since 0.1.0
 */
export const observe = (plans: Plans, plan: Plan | null): Plans => {
  const { newest, rebalance } = plans
  if (plan === newest) return plans
  if (plan === null || newest === null || !isActive(plan.phase)) return { newest: plan, rebalance }
  const isGoingOn = rebalance !== null && startedAt(rebalance.during.phase) === startedAt(plan.phase)
  return { newest: plan, rebalance: { before: isGoingOn ? rebalance.before : newest, during: plan } }
}

const isActive = (phase: Phase): boolean => phase._tag === "Rebalancing" || phase._tag === "Emergency"

const startedAt = (phase: Phase): number | null => (phase._tag === "Idle" ? null : phase.startedAt)

/**
 * The view of some plans at a time of the wall clock. `versions` has the version of each session's software, where its
 * record was read.
 *
 * @category conversions
 * @since 0.1.0
 */
export const at = (plans: Plans, wallMs: number, versions: ReadonlyMap<Session, string> = unread): GroupView => {
  const { newest } = plans
  if (newest === null) return empty
  const known = summaries.get(plans) ?? summarise(newest, plans.rebalance)
  summaries.set(plans, known)
  const workers =
    versions.size === 0
      ? known.workers
      : known.workers.map((worker) => ({ ...worker, version: versions.get(worker.session) ?? null }))
  return { ...known, workers, phase: phaseAt(newest.phase, wallMs) }
}

const unread: ReadonlyMap<Session, string> = new Map()

const empty: GroupView = {
  epoch: 0,
  version: 0,
  phase: { tag: "Idle", reason: null, endsInMs: null },
  leader: null,
  workers: [],
  partitions: 0,
  ids: () => [],
  unowned: 0,
  handingOver: 0,
  lastRebalance: null
}

type Summary = Omit<GroupView, "phase">

const summaries = new WeakMap<Plans, Summary>()

const phaseAt = (phase: Phase, wallMs: number): GroupPhase => {
  switch (phase._tag) {
    case "Idle":
      return { tag: phase._tag, reason: null, endsInMs: null }
    case "Scaling": {
      const left = phase.startedAt + phase.windowMs - wallMs
      // The two wall clocks may differ, but a window is never longer than it is.
      return { tag: phase._tag, reason: phase.reason, endsInMs: Math.min(phase.windowMs, Math.max(0, left)) }
    }
    case "Rebalancing":
    case "Emergency":
      return { tag: phase._tag, reason: phase.reason, endsInMs: null }
  }
}

const summarise = (plan: Plan, rebalance: Plans["rebalance"]): Summary => {
  const { list, next, owner, standby = [] } = plan
  const counts = plan.workers.map(() => ({ partitions: 0, weight: 0 }))
  let unowned = 0
  let handingOver = 0
  owner.forEach((index, place) => {
    const count = counts[index]
    if (index === nobody) unowned += 1
    if (next[place] !== index) handingOver += 1
    if (count === undefined) return
    count.partitions += 1
    count.weight += list.partitions[place]?.weight ?? 0
  })
  const idsOf = (column: ReadonlyArray<number>, index: number) =>
    Partition.index(list.partitions).ids.filter((_, place) => column[place] === index)
  const workers = plan.workers.map(({ id, member, session }, index) => ({
    id,
    session,
    version: null,
    member,
    ...(counts[index] ?? { partitions: 0, weight: 0 }),
    ids: () => idsOf(owner, index),
    standbyIds: () => idsOf(standby, index)
  }))
  return {
    epoch: plan.epoch,
    version: plan.version,
    leader: plan.leader.id,
    workers: workers.sort((a, b) => WorkerId.compare(a.id, b.id)),
    partitions: list.partitions.length,
    ids: () => Partition.index(list.partitions).ids,
    unowned,
    handingOver,
    lastRebalance: costOf({ newest: plan, rebalance })
  }
}

/**
 * What the rebalance cost that was last seen to begin.
 *
 * @category getters
 * @since 0.1.0
 */
export const costOf = ({ rebalance }: Plans): Rebalance | null =>
  rebalance === null ? null : measure(rebalance.before, rebalance.during)

/** Measures with equal capacities, since plans do not tell them. */
const measure = (before: Plan, during: Plan): Rebalance | null => {
  if (during.phase._tag !== "Rebalancing" && during.phase._tag !== "Emergency") return null
  const members = during.workers.filter(({ member }) => member).sort((a, b) => WorkerId.compare(a.id, b.id))
  if (members.length === 0) return null
  const seats = new Map(members.map(({ id }, seat) => [id, seat]))
  const seatIn = (plan: Plan, index = nobody): number => {
    const worker = plan.workers[index]
    return worker === undefined ? nobody : (seats.get(worker.id) ?? nobody)
  }
  // What has left the source goes to nobody, whatever the strategy.
  const target = during.next.filter((index) => index !== nobody)
  const partitions = PartitionSet.of(
    target.length === during.next.length
      ? during.list.partitions
      : during.list.partitions.filter((_, place) => during.next[place] !== nobody)
  )
  const places = PartitionSet.of(before.list.partitions)
  const input = {
    workers: members.map(({ id }) => ({ id, capacity: 1, maxPartitions: null, zone: null })),
    partitions,
    previous: partitions.ids.map((id) => seatIn(before, before.owner[places.indexOf(id)])),
    hints: [],
    previousStandby: null
  }
  const { forced, lowerBound, voluntary } = Statistics.measure(
    input,
    Int32Array.from(target, (index) => seatIn(during, index))
  )
  return { moved: forced + voluntary, minimum: forced + lowerBound, reason: during.phase.reason }
}
