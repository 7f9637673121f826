/**
 * What must come true when nothing goes wrong any more.
 *
 * @since 0.1.0
 */
import { type NodeView, Partition, PartitionSet, type Plan } from "@parti/core/Protocol"
import * as Bucket from "./Bucket.ts"
import * as Configs from "./Configs.ts"
import type { Group } from "./Group.ts"
import * as Network from "./Network.ts"
import * as Operator from "./Operator.ts"
import * as Shell from "./Shell.ts"
import * as Value from "./Value.ts"
import { processes, say, type Process, type Slot } from "./World.ts"

/**
 * Ends all faults. Whoever is there stays.
 *
 * @category combinators
 * @since 0.1.0
 */
export const begin = (group: Group): void => {
  const { store, world } = group
  say(world, () => "calm")
  world.isCalm = true
  Network.heal(store.watches.network)
  store.watches.storeDownUntil = 0
  world.source.failsUntil = 0
  world.source.isBrokenUntil = 0
  for (const slot of world.slots) {
    slot.habits.slowUntil = 0
    slot.habits.stuckUntil = 0
    slot.sourceFailsUntil = 0
    slot.sourceOddUntil = 0
    slot.sourceDiffersUntil = 0
    if (slot.process?.status === "Paused") Shell.resume(group, slot.process)
  }
}

/**
 * Once in a while during the calm: somebody is there, and nothing that was ordered keeps the group from coming to rest.
 *
 * @category combinators
 * @since 0.1.0
 */
export const tend = (group: Group): void => {
  // Those that may take only so much are not enough by themselves: then nothing could be assigned, as long as they are alone.
  if (processes(group.world).every(({ config }) => config.maxPartitions !== null)) {
    const free = group.world.slots.find(
      (slot) => isVacant(slot) && Configs.limitOf(group.world.scenario, slot.index) === null
    )
    if (free !== undefined) Shell.boot(group, free)
  }
  Operator.revokeAll(group)
}

const isVacant = ({ process }: Slot): boolean => process === null || process.status === "Gone"

/**
 * The longest that a group may take to come to rest after the last thing that has befallen it, as `docs/timing.md` has it:
 * the leader is lost with every candidate (two full leases), a handler is waited for and its worker fenced (one more), and
 * the windows follow one another. A source is asked again within eleven seconds here, a strategy within thirty.
 *
 * @category getters
 * @since 0.1.0
 */
export const boundMs = (group: Group): number => {
  const { otherTiming, timing, windows } = group.world.scenario
  const longest = (pick: (one: typeof timing) => number): number => Math.max(pick(timing), pick(otherTiming))
  const fullLease = longest((one) => one.leaseMs + one.marginMs)
  const handoff = longest((one) => one.revokeTimeoutMs + one.drainTimeoutMs)
  const wait =
    windows.coldStartWindowMs + windows.restartWindowMs + windows.plannedWindowMs + windows.minRebalanceIntervalMs
  return 3 * fullLease + handoff + wait + 30_000
}

/**
 * What keeps the group from being at rest, or `null`.
 *
 * @category getters
 * @since 0.1.0
 */
export const unrest = (group: Group): string | null => {
  const { plans, world } = group
  const alive = processes(world)
  const plan = plans.newest
  if (plan === null) return "there is no plan"
  const views = alive.map((process) => ({ process, view: world.reducers.view(process.state, process.lastAt) }))
  const leaders = views.filter(({ view }) => view.isLeader)
  if (leaders.length !== 1) return `there are ${leaders.length} leaders`
  if (leaders[0]?.view.session !== plan.leader.session)
    return `${plan.leader.session} wrote the plan, but does not lead`
  if (plan.incarnation !== Bucket.incarnation(world.live)) return "the plan was judged in another life of the bucket"
  return unrestOfPlan(plan) ?? unrestOfWorkers(group, plan, views) ?? unrestOfSource(group, plan)
}

const unrestOfPlan = (plan: Plan.Plan): string | null => {
  if (plan.phase._tag !== "Idle") return `the phase is ${plan.phase._tag}`
  if (plan.recovering) return "the plan is recovering"
  const open = plan.owner.findIndex((owner, index) => owner !== plan.next[index])
  if (open >= 0) return `partition ${open} is in handoff`
  const lost = plan.owner.indexOf(-1)
  return lost >= 0 ? `partition ${lost} has no owner` : null
}

interface Seen {
  readonly process: Process
  readonly view: NodeView
}

const unrestOfWorkers = (group: Group, plan: Plan.Plan, views: ReadonlyArray<Seen>): string | null => {
  const sessions = new Map(views.map(({ process, view }) => [view.session, process]))
  for (const { process, view } of views) {
    if (view.state !== "Stable") return `${process.name} is ${view.state}`
    if (view.plan?.version !== plan.version) return `${process.name} has not seen the newest plan`
    if (view.connection._tag !== "Connected") return `${process.name} is ${view.connection._tag}`
    const seat = plan.workers.findIndex((worker) => worker.session === view.session)
    if (plan.workers[seat]?.member !== true) return `${process.name} is no member`
  }
  if (plan.workers.length !== views.length)
    return `${plan.workers.length} workers are in the plan, ${views.length} are there`
  const { ids } = PartitionSet.of(plan.list.partitions)
  for (const [index, seat] of plan.owner.entries()) {
    const session = plan.workers[seat]?.session ?? ""
    const partition = ids[index]
    const run = partition === undefined ? undefined : sessions.get(session)?.runs.get(partition)
    if (run === undefined || run.toldAt !== null) return `partition ${index} does not run at ${session}`
    if (run.token !== plan.token[index])
      return `partition ${index} runs under token ${run.token}, not ${plan.token[index]}`
  }
  return views.some(
    ({ process }) =>
      process.runs.size !==
      plan.owner.filter((seat) => sessions.get(plan.workers[seat]?.session ?? "") === process).length
  )
    ? "somebody runs more than its share"
    : null
}

const unrestOfSource = (group: Group, plan: Plan.Plan): string | null => {
  const { partitions } = group.world.source
  const isAgreed = named(plan.list.partitions) === named(partitions)
  return isAgreed ? null : "the plan is about other partitions than there are"
}

const names = new WeakMap<ReadonlyArray<Partition.Partition>, string>()

/** Equal for lists of the same partitions with the same weights. Asked every second, of lists that hardly ever change. */
const named = (partitions: ReadonlyArray<Partition.Partition>): string => {
  const known = names.get(partitions)
  if (known !== undefined) return known
  const made = JSON.stringify(partitions.map((one) => `${Partition.id(one)} ${one.weight}`).sort())
  names.set(partitions, made)
  return made
}

/**
 * What must not change while the group is at rest: the plan, who leads, and which sessions there are.
 *
 * @category getters
 * @since 0.1.0
 */
export const picture = (group: Group): string => {
  const { leases, plans, runs, world } = group
  const { revision } = world.plan.entries.get(Value.planKey) ?? { revision: 0 }
  return `plan @${revision} of ${plans.leader}, ${leases.all.size} sessions, ${runs.startCount} starts`
}

/**
 * How often the store has been written to.
 *
 * @category getters
 * @since 0.1.0
 */
export const writes = ({ world }: Group): number => world.tally.world.get("write") ?? 0

/**
 * How many writes a group at rest needs in a while: one for each heartbeat of each worker, and as many for the leader.
 *
 * @category getters
 * @since 0.1.0
 */
export const idleWrites = ({ world }: Group, spanMs: number): number => {
  const each = processes(world).map(({ config }) => Math.ceil(spanMs / config.heartbeatIntervalMs) + 2)
  // Clocks may run fast by as much as a lease permits.
  return Math.ceil((each.reduce((sum, one) => sum + one, 0) + Math.max(...each)) * 1.06)
}
