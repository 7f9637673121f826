/**
 * What must always hold, as predicates. The event loop asserts the local ones after each transition; simulation and model
 * checker assert all of them after each step of the world.
 *
 * - **S1** At most one session may run a partition at any true instant.
 * - **S2** A partition's token strictly rises with each change of owner.
 * - **S3** No id is held by two sessions.
 * - **S4** A plan of an older epoch is never written after, nor applied over, a newer one.
 * - **S5** A grant follows the former owner's acknowledgement or the end of its lease.
 * - **S6** A partition's consumer never skips a message that nobody acknowledged (checked where messages are).
 * - **S7** Owned, in handoff, retiring and unassigned partitions are the published partitions, disjointly.
 *
 * @since 0.1.0
 */
import type { Version } from "../model/Epoch.ts"
import type { PartitionId } from "../model/Partition.ts"
import * as PartitionSet from "../model/PartitionSet.ts"
import { nobody, type Plan } from "../model/Plan.ts"
import type { Session } from "../model/Record.ts"
import type { WorkerId } from "../model/WorkerId.ts"
import * as Claim from "./Claim.ts"
import type { Config } from "./Config.ts"
import type { Event } from "./Event.ts"
import * as Lease from "./Lease.ts"
import type { State } from "./NodeState.ts"
import type { Step } from "./Step.ts"

/**
 * An invariant that does not hold, and what shows it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Breach {
  readonly rule: "S1" | "S2" | "S3" | "S4" | "S5" | "S7"
  readonly detail: string
}

/**
 * S7 of one plan: its columns run over its list, and point at sessions that it names; nobody stands by for himself.
 *
 * @category predicates
 * @since 0.1.0
 */
export const ofPlan = (plan: Plan): Breach | null => {
  const count = plan.list.partitions.length
  const { standby = plan.owner.map(() => nobody) } = plan
  const columns = { owner: plan.owner, next: plan.next, token: plan.token, standby }
  for (const [name, column] of Object.entries(columns)) {
    if (column.length !== count)
      return { rule: "S7", detail: `${name} has ${column.length} rows for ${count} partitions` }
  }
  const stray = [...plan.owner, ...plan.next, ...standby].find(
    (seat) => seat !== nobody && plan.workers[seat] === undefined
  )
  if (stray !== undefined)
    return { rule: "S7", detail: `worker ${stray} is named, and only ${plan.workers.length} are listed` }
  const own = standby.findIndex((seat, p) => seat !== nobody && seat === plan.next[p])
  if (own >= 0) return { rule: "S7", detail: `worker ${standby[own]} stands by for itself, for partition ${own}` }
  const sessions = new Set(plan.workers.map((worker) => worker.session))
  return sessions.size === plan.workers.length ? null : { rule: "S7", detail: "a session is listed twice" }
}

/**
 * S2 and S4 of two plans that follow each other in one life of the bucket.
 *
 * @category predicates
 * @since 0.1.0
 */
export const ofSuccession = (before: Plan, after: Plan): Breach | null => {
  if (after.epoch < before.epoch || after.version <= before.version) {
    const detail = `${after.epoch}/${after.version} follows ${before.epoch}/${before.version}`
    return { rule: "S4", detail }
  }
  for (const { id, from, to } of changes(before, after)) {
    if (to.session !== null && to.session !== from.session && to.token <= from.token) {
      return {
        rule: "S2",
        detail: `${id} goes from ${from.session} to ${to.session} with token ${to.token} after ${from.token}`
      }
    }
    if (to.session !== null && to.session === from.session && to.token !== from.token) {
      return {
        rule: "S2",
        detail: `${id} stays with ${to.session}, and its token changes from ${from.token} to ${to.token}`
      }
    }
  }
  return null
}

/**
 * S5 of two plans that follow each other: whoever lost a partition had been told so by the earlier plan, and had let go
 * or ended. `hasLetGo` answers for a session, given the version from which the revoke was out.
 *
 * @category predicates
 * @since 0.1.0
 */
export const ofGrants = (
  before: Plan,
  after: Plan,
  hasLetGo: (session: Session, partition: PartitionId) => boolean
): Breach | null => {
  for (const { id, from, to } of changes(before, after)) {
    if (from.session === null || to.session === from.session) continue
    if (!hasLetGo(from.session, id)) {
      return {
        rule: "S5",
        detail: `${id} goes from ${from.session} to ${to.session}, and ${from.session} has not let go`
      }
    }
  }
  return null
}

/**
 * A session's permission at one true instant.
 *
 * @category models
 * @since 0.1.0
 */
export interface Permission {
  readonly workerId: WorkerId
  readonly session: Session
  readonly running: ReadonlyArray<PartitionId>
}

/**
 * S1 and S3 of all sessions that may act at one true instant.
 *
 * @category predicates
 * @since 0.1.0
 */
export const ofPermissions = (permissions: ReadonlyArray<Permission>): Breach | null => {
  const bearers = new Map<WorkerId, Session>()
  const runners = new Map<PartitionId, Session>()
  for (const { workerId, session, running } of permissions) {
    const other = bearers.get(workerId)
    if (other !== undefined) return { rule: "S3", detail: `${workerId} is held by ${other} and ${session}` }
    bearers.set(workerId, session)
    for (const partition of running) {
      const runner = runners.get(partition)
      if (runner !== undefined) return { rule: "S1", detail: `${partition} runs in ${runner} and ${session}` }
      runners.set(partition, session)
    }
  }
  return null
}

/**
 * What one node can see of S1, S2, S4 and S7 in its own step. Cheap enough to be asserted always: plans are looked at only
 * when they change.
 *
 * @category predicates
 * @since 0.1.0
 */
export const ofStep = (config: Config, before: State, event: Event, step: Step<State>): Breach | null => {
  const { state, commands } = step
  const plan = state.plan.plan
  if (plan !== null && plan !== before.plan.plan) {
    const isSameLife = before.plan.plan !== null && before.plan.incarnation === state.plan.incarnation
    const breach = ofPlan(plan) ?? (isSameLife && before.plan.plan !== null ? ofOrder(before.plan.plan, plan) : null)
    if (breach !== null) return breach
  }
  for (const command of commands) {
    if (command._tag === "StartPartition") {
      const held = Claim.held(state.claim)
      const leadMs = config.onStoreLoss === "fence" ? config.fenceLeadMs : 0
      if (held === null || !Lease.isHeld(held.lease, event.at + leadMs))
        return { rule: "S1", detail: `${command.partition} starts without a lease` }
    }
    if (command._tag === "WritePlan") {
      const base = state.leadership._tag === "Acting" ? state.leadership.plan : null
      const breach = ofPlan(command.plan) ?? (base === null ? null : ofSuccession(base, command.plan))
      if (breach !== null) return breach
    }
  }
  return null
}

/** What a watch may leave out: it shows plans in order, not each of them. */
const ofOrder = (before: Plan, after: Plan): Breach | null =>
  after.epoch < before.epoch || after.version < before.version
    ? { rule: "S4", detail: `${after.epoch}/${after.version} is shown after ${before.epoch}/${before.version}` }
    : null

interface Tenure {
  readonly session: Session | null
  readonly token: Version
}

const changes = (
  before: Plan,
  after: Plan
): ReadonlyArray<{ readonly id: PartitionId; readonly from: Tenure; readonly to: Tenure }> => {
  const listed = PartitionSet.of(after.list.partitions)
  return PartitionSet.of(before.list.partitions).ids.flatMap((id, p) => {
    const q = before.list === after.list ? p : listed.indexOf(id)
    return q < 0 ? [] : [{ id, from: tenure(before, p), to: tenure(after, q) }]
  })
}

const tenure = (plan: Plan, p: number): Tenure => ({
  session: plan.workers[plan.owner[p] ?? nobody]?.session ?? null,
  token: plan.token[p] ?? 0
})
