/**
 * What takes several turns of the loop to be known: how long something lasted, and what it came to.
 *
 * @since 0.1.0
 */
import type { PartiConfig } from "../model/PartiConfig.ts"
import * as Partition from "../model/Partition.ts"
import { nobody, type Plan } from "../model/Plan.ts"
import type { Turn } from "./EventLoop.ts"
import * as GroupView from "./GroupView.ts"
import * as LeaderSignals from "./LeaderSignals.ts"
import { measured, none, type Signal } from "./Signal.ts"

type Signals = ReadonlyArray<Signal>

/**
 * What has to be known of the configuration.
 *
 * @category models
 * @since 0.1.0
 */
export type ElapsedOptions = Pick<PartiConfig, "leaseMs" | "marginMs">

interface Memory extends ElapsedOptions {
  lastAt: number | null
  /** Of the plan that the last turn left. */
  unowned: number
  behind: number
  plans: GroupView.Plans
  /** The rebalance that this worker leads, since when it has seen it. */
  rebalance: { readonly phase: LeaderSignals.Active; readonly since: number } | null
  /** Since when each partition is on its way. */
  handoffs: ReadonlyMap<Partition.PartitionId, number>
}

/**
 * Makes what remembers for one worker. It must be shown every turn.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (options: ElapsedOptions): ((turn: Turn) => Signals) => {
  const { leaseMs, marginMs } = options
  const memory: Memory = {
    leaseMs,
    marginMs,
    lastAt: null,
    unowned: 0,
    behind: 0,
    plans: GroupView.noPlans,
    rebalance: null,
    handoffs: new Map()
  }
  return (turn) => {
    const passed = time(memory, turn)
    const isNewPlan = turn.after.plan !== turn.before.plan
    if (isNewPlan) memory.unowned = LeaderSignals.unownedIn(turn.after.plan)
    return [
      ...passed,
      ...leaseAge(memory, turn),
      ...behind(memory, turn),
      ...rebalance(memory, turn),
      ...(isNewPlan ? handoffs(memory, turn) : none)
    ]
  }
}

/** The time since the last turn was spent as that turn had left things. */
const time = (memory: Memory, { before, event }: Turn): Signals => {
  const seconds = (event.at - (memory.lastAt ?? event.at)) / 1000
  memory.lastAt = event.at
  if (seconds <= 0) return none
  const signals = [measured("parti_state_seconds_total", seconds, { state: before.state })]
  if (before.connection._tag === "Degraded") signals.push(measured("parti_degraded_seconds_total", seconds, {}))
  if (!before.isLeader || before.plan === null) return signals
  const unownedSeconds = memory.unowned * seconds
  if (unownedSeconds > 0) signals.push(measured("parti_unowned_partition_seconds_total", unownedSeconds, {}))
  return [...signals, measured("parti_phase_seconds_total", seconds, { phase: before.plan.phase._tag })]
}

const leaseAge = ({ leaseMs, marginMs }: Memory, { after, before, event }: Turn): Signals => {
  const isRenewed = after.session === before.session && after.leaseUntil !== before.leaseUntil
  if (!isRenewed || before.leaseUntil === null) return none
  const renewedAt = before.leaseUntil - (leaseMs - marginMs)
  return [measured("parti_lease_age_seconds", Math.max(0, event.at - renewedAt) / 1000, {})]
}

const behind = (memory: Memory, { after, before }: Turn): Signals => {
  const isNewPlan = after.plan !== before.plan
  const was = memory.behind
  if (after.ending.length === 0) memory.behind = 0
  else if (isNewPlan) memory.behind += 1
  return memory.behind === was ? none : [measured("parti_plans_behind", memory.behind, {})]
}

const rebalance = (memory: Memory, { after, event }: Turn): Signals => {
  const { plans, rebalance: running } = memory
  memory.plans = GroupView.observe(plans, after.plan)
  const phase = after.isLeader ? LeaderSignals.active(after.plan) : null
  if (running?.phase.startedAt === phase?.startedAt) return none
  memory.rebalance = phase === null ? null : { phase, since: event.at }
  // By the plans as they were before the one that ended it: that may have begun another.
  return running === null || !after.isLeader ? none : summary(plans, running, event.at)
}

const summary = (plans: GroupView.Plans, { phase, since }: NonNullable<Memory["rebalance"]>, at: number): Signals => {
  const duration = measured("parti_rebalance_duration_seconds", (at - since) / 1000, { reason: phase.reason })
  const cost = GroupView.costOf(plans)
  if (cost === null) return [duration]
  const { minimum, moved } = cost
  return [
    duration,
    measured("parti_rebalance_moved_total", moved, {}),
    measured("parti_rebalance_minimum_total", minimum, {}),
    // Where nothing had to move, everything that did is too much.
    measured("parti_move_ratio", minimum > 0 ? moved / minimum : 1 + moved, {})
  ]
}

const handoffs = (memory: Memory, { after, event }: Turn): Signals => {
  if (after.isLeader && after.plan !== null) {
    const { durations, since } = settle(memory.handoffs, after.plan, event.at)
    memory.handoffs = since
    return durations.map((ms) => measured("parti_handoff_duration_seconds", ms / 1000, {}))
  }
  memory.handoffs = new Map()
  return none
}

/** Since when each partition of the plan is on its way, and how long those took that have arrived. One that is gone is forgotten. */
const settle = (
  before: Memory["handoffs"],
  plan: Plan,
  at: number
): { readonly since: Memory["handoffs"]; readonly durations: ReadonlyArray<number> } => {
  const { ids } = Partition.index(plan.list.partitions)
  const since = new Map<Partition.PartitionId, number>()
  const durations: Array<number> = []
  plan.owner.forEach((owner, place) => {
    const id = ids[place]
    if (id === undefined) return
    const began = before.get(id)
    if (owner !== nobody && plan.next[place] !== owner) since.set(id, began ?? at)
    else if (began !== undefined) durations.push(at - began)
  })
  return { since, durations }
}
