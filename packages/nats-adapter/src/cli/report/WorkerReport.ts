/**
 * One worker, as reports show it.
 *
 * @since 0.1.0
 */
import type { GroupSnapshot, ObservedWorker } from "@parti/core/GroupObserver"
import type { GroupWorker } from "@parti/core/GroupView"

/**
 * How a worker stands.
 *
 * - `live`: it renews its lease. `silent`: it has not, for longer than its lease; nobody has evicted it yet.
 * - `draining`: it lives, and gives its partitions away, by an order or because it is going.
 * - `released`, `evicted`, `fenced`: as its record says. `missing`: the plan names it, and there is no record.
 *
 * @category models
 * @since 0.1.0
 */
export type WorkerStanding = "live" | "silent" | "draining" | "released" | "evicted" | "fenced" | "missing"

/**
 * One worker. `behind`: it lives, and has not confirmed a plan that is older than its lease. `version`: of the software that
 * it runs, if it says so. `loopDelayMs`: for how long its event loop was held up at most between its last two renewals; `null`
 * where that was too short to tell.
 *
 * @category models
 * @since 0.1.0
 */
export interface WorkerReport {
  readonly id: string
  readonly standing: WorkerStanding
  readonly isLeader: boolean
  readonly partitions: number
  readonly weight: number
  readonly capacity: number | null
  readonly maxPartitions: number | null
  readonly zone: string | null
  readonly version: string | null
  readonly instance: string | null
  readonly session: string
  readonly heartbeatAgeMs: number | null
  readonly leaseMs: number | null
  readonly loopDelayMs: number | null
  readonly applied: { readonly epoch: number; readonly version: number } | null
  readonly behind: boolean
}

/**
 * The age of what was written at a time of the server's clock; where the server did not tell, for how long it has not
 * changed here.
 *
 * @category conversions
 * @since 0.1.0
 */
export const ageMs = (writtenAt: number | null, serverNow: number, unchangedMs: number): number =>
  writtenAt === null ? unchangedMs : Math.max(0, serverNow - writtenAt)

/**
 * All workers of a group, by the order of names. Sessions that have ended are left out, unless the plan still names them.
 *
 * @category conversions
 * @since 0.1.0
 */
export const all = (snapshot: GroupSnapshot, serverNow: number): ReadonlyArray<WorkerReport> => {
  const planned = new Map(snapshot.view.workers.map((worker) => [String(worker.id), worker]))
  const recorded = snapshot.workers.flatMap((worker) => {
    const inPlan = planned.get(worker.id)
    const hasEnded = worker.record.state === "released" || worker.record.state === "evicted"
    return hasEnded && inPlan === undefined ? [] : [ofRecord(snapshot, worker, inPlan, serverNow)]
  })
  const known = new Set(recorded.map(({ id }) => id))
  const missing = snapshot.view.workers.filter(({ id }) => !known.has(id)).map((worker) => ofPlan(snapshot, worker))
  return [...recorded, ...missing].sort((one, other) => compare(one.id, other.id))
}

const digits = /^(.*?)(\d+)$/

/**
 * `worker-9` before `worker-10`.
 *
 * @category ordering
 * @since 0.1.0
 */
export const compare = (one: string, other: string): number => {
  const [, prefix = one, number = "0"] = digits.exec(one) ?? []
  const [, otherPrefix = other, otherNumber = "0"] = digits.exec(other) ?? []
  if (prefix === otherPrefix && number !== otherNumber) return Number(number) - Number(otherNumber)
  return one < other ? -1 : 1
}

const ofRecord = (
  snapshot: GroupSnapshot,
  { id, record, unchangedMs, writtenAt }: ObservedWorker,
  inPlan: GroupWorker | undefined,
  serverNow: number
): WorkerReport => {
  const heartbeatAgeMs = ageMs(writtenAt, serverNow, unchangedMs)
  const { applied, capacity, instance, leaseMs, session, zone } = record
  const { epoch, version } = snapshot.view
  // A plan that takes nothing away is confirmed with the next heartbeat.
  const isOld = snapshot.planWrittenAt === null || ageMs(snapshot.planWrittenAt, serverNow, 0) > leaseMs
  return {
    id,
    standing: standing(snapshot, { id, record, unchangedMs: heartbeatAgeMs }),
    isLeader: snapshot.view.leader === id && snapshot.plan?.leader.session === session,
    partitions: inPlan?.partitions ?? 0,
    weight: inPlan?.weight ?? 0,
    capacity,
    maxPartitions: record.maxPartitions ?? null,
    zone,
    version: record.version ?? null,
    instance,
    session,
    heartbeatAgeMs,
    leaseMs,
    loopDelayMs: record.loopDelayMs ?? null,
    applied: { epoch: applied.epoch, version: applied.version },
    behind: record.state === "live" && isOld && (applied.epoch !== epoch || applied.version < version)
  }
}

const standing = (
  { drains }: GroupSnapshot,
  { id, record, unchangedMs }: Pick<ObservedWorker, "id" | "record" | "unchangedMs">
): WorkerStanding => {
  if (record.state !== "live") return record.state
  if (unchangedMs > record.leaseMs + record.marginMs) return "silent"
  const isOrdered = drains.some(({ session, workerId }) => workerId === id && session === record.session)
  return record.draining || isOrdered ? "draining" : "live"
}

const ofPlan = ({ view }: GroupSnapshot, { id, partitions, session, weight }: GroupWorker): WorkerReport => ({
  id,
  standing: "missing",
  isLeader: view.leader === id,
  partitions,
  weight,
  capacity: null,
  maxPartitions: null,
  zone: null,
  version: null,
  instance: null,
  session,
  heartbeatAgeMs: null,
  leaseMs: null,
  loopDelayMs: null,
  applied: null,
  behind: false
})
