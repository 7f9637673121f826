/**
 * What is worth telling of a leader's turn: derived from the plan before, what happened, and the plan after.
 *
 * @since 0.1.0
 */
import * as PartitionSet from "../model/PartitionSet.ts"
import { nobody, type Phase, type Plan } from "../model/Plan.ts"
import type { Session } from "../model/Record.ts"
import type { NodeView } from "../protocol/View.ts"
import type { Turn } from "./EventLoop.ts"
import { logged, measured, none, type Signal } from "./Signal.ts"

type Signals = ReadonlyArray<Signal>

/**
 * The phase in which something is being moved.
 *
 * @category models
 * @since 0.1.0
 */
export type Active = Extract<Phase, { readonly _tag: "Rebalancing" | "Emergency" }>

/**
 * The phase of a plan, if something is being moved in it.
 *
 * @category getters
 * @since 0.1.0
 */
export const active = (plan: Plan | null): Active | null => {
  const phase = plan?.phase
  return phase?._tag === "Rebalancing" || phase?._tag === "Emergency" ? phase : null
}

/**
 * How many partitions of a plan nobody may run.
 *
 * @category getters
 * @since 0.1.0
 */
export const unownedIn = (plan: Plan | null): number =>
  plan === null ? 0 : plan.owner.filter((index) => index === nobody).length

/**
 * Derives the signals of one turn, in order, as far as they concern the group and this worker leads it.
 *
 * @category conversions
 * @since 0.1.0
 */
export const derive = (turn: Turn): Signals => {
  const { after, before } = turn
  if (!after.isLeader && !before.isLeader) return none
  const isSame = after.plan === before.plan && after.isLeader === before.isLeader
  return [
    ...discipline(turn),
    ...(isSame ? none : [...phase(turn), ...shown(after), ...rebalance(turn), ...grants(turn)])
  ]
}

const discipline = ({ before, commands }: Turn): Signals =>
  commands.flatMap((command): Signals => {
    if (command._tag !== "Report") return none
    const { report } = command
    if (report._tag === "WorkerFenced") return [measured("parti_fences_total", 1, {})]
    if (report._tag !== "WorkerEvicted") return none
    const silentSeconds = (ownedBy(before.plan, report.session) * report.silentMs) / 1000
    return [
      measured("parti_evictions_total", 1, {}),
      measured("parti_unowned_partition_seconds_total", silentSeconds, {})
    ]
  })

const ownedBy = (plan: Plan | null, session: Session): number => {
  if (plan === null) return 0
  const owner = plan.workers.findIndex((worker) => worker.session === session)
  return owner < 0 ? 0 : plan.owner.filter((index) => index === owner).length
}

const phaseOf = ({ isLeader, plan }: NodeView): Phase["_tag"] | null => (isLeader ? (plan?.phase._tag ?? null) : null)

const phase = ({ after, before }: Turn): Signals => {
  const was = phaseOf(before)
  const is = phaseOf(after)
  const isWindow = after.isLeader && after.plan?.phase._tag === "Scaling" ? after.plan.phase : null
  const wasWindow = before.plan?.phase._tag === "Scaling" ? before.plan.phase : null
  // A window that a new leader goes on with was opened before.
  const isOpened = isWindow !== null && isWindow.startedAt !== wasWindow?.startedAt
  return [
    ...(was !== null && was !== is ? [measured("parti_phase", 0, { phase: was })] : none),
    ...(is !== null && was !== is ? [measured("parti_phase", 1, { phase: is })] : none),
    ...(isOpened ? [measured("parti_windows_total", 1, { reason: isWindow.reason })] : none)
  ]
}

/** What the gauges show; of a worker that leads no longer, nothing. */
const shown = ({ isLeader, plan }: NodeView): Signals => {
  const led = isLeader ? plan : null
  return [
    measured("parti_workers", led === null ? 0 : led.workers.filter(({ member }) => member).length, {}),
    measured("parti_partitions", led === null ? 0 : led.list.partitions.length, {}),
    measured("parti_partitions_unowned", unownedIn(led), {}),
    measured("parti_imbalance_ratio", led === null ? 0 : imbalance(led), {})
  ]
}

/** Loads are compared as if capacities were equal, since plans do not tell them. */
const imbalance = ({ list, owner, workers }: Plan): number => {
  const loads = workers.map(() => 0)
  owner.forEach((index, place) => {
    const load = loads[index]
    if (load !== undefined) loads[index] = load + (list.partitions[place]?.weight ?? 0)
  })
  const ofMembers = loads.filter((_, index) => workers[index]?.member === true)
  const sum = ofMembers.reduce((total, load) => total + load, 0)
  return sum === 0 ? 1 : (Math.max(...ofMembers) * ofMembers.length) / sum
}

const rebalance = ({ after, before }: Turn): Signals => {
  const was = active(before.plan)
  const is = after.isLeader ? active(after.plan) : null
  if (was?.startedAt === is?.startedAt) return none
  const ended = was === null || !before.isLeader ? none : [logged("Info", "rebalance ended")]
  if (is === null) return ended
  return [
    ...ended,
    logged("Info", `rebalance began: ${is.reason}`),
    measured("parti_rebalances_total", 1, { reason: is.reason })
  ]
}

const grants = ({ after, before }: Turn): Signals => {
  if (!after.isLeader || after.plan === null || before.plan === null || after.plan === before.plan) return none
  // The last grant may come with the plan that ends the rebalance.
  const reason = (active(after.plan) ?? active(before.plan))?.reason ?? "other"
  const { granted, moved } = countGrants(before.plan, after.plan)
  return [
    ...(granted > 0 ? [measured("parti_grants_total", granted, { reason })] : none),
    ...(moved > 0 ? [measured("parti_moves_total", moved, { reason })] : none)
  ]
}

/** A grant bears the version of the plan that made it. */
const countGrants = (before: Plan, after: Plan): { readonly granted: number; readonly moved: number } => {
  const { ids } = PartitionSet.of(after.list.partitions)
  const places = before.list === after.list ? null : PartitionSet.of(before.list.partitions)
  let granted = 0
  let moved = 0
  after.token.forEach((token, place) => {
    const owner = after.workers[after.owner[place] ?? nobody]
    if (token <= before.version || owner === undefined) return
    granted += 1
    const former = places === null ? place : places.indexOf(ids[place] ?? "")
    const formerOwner = before.workers[before.owner[former] ?? nobody]
    if (formerOwner !== undefined && formerOwner.id !== owner.id) moved += 1
  })
  return { granted, moved }
}
