/**
 * The leases of all sessions, in truth, and the rules that rest on them.
 *
 * @since 0.1.0
 */
import type { Applied, Session, WorkerId, WorkerRecord } from "@parti/core/Protocol"
import type { Request } from "./Store.ts"
import * as Value from "./Value.ts"
import { check } from "./Violation.ts"
import type { Process, World } from "./World.ts"

/**
 * A session, in truth.
 *
 * **Details**
 *
 * `heldUntil` is on its process's own clock, and counts from the last attempt that the store took, whether or not the
 * process ever heard of it: the longest that it can believe in its lease. `isLeft`: its process has drawn another session
 * since, and never comes back to this one. `isReplaced`: its id was taken by another. `acknowledged` is what its record says.
 *
 * @category models
 * @since 0.1.0
 */
export interface Tenure {
  readonly session: Session
  readonly workerId: WorkerId.WorkerId
  readonly process: Process
  heldUntil: number
  isReleased: boolean
  isEvicted: boolean
  isLeft: boolean
  isReplaced: boolean
  acknowledged: Applied
}

/**
 * All sessions there have been, those of each id that may still believe in their lease, and the last of each process.
 *
 * @category models
 * @since 0.1.0
 */
export interface Leases {
  readonly all: Map<Session, Tenure>
  readonly byId: Map<WorkerId.WorkerId, Set<Tenure>>
  readonly newest: Map<Process, Tenure>
}

/**
 * Nobody holds anything.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (): Leases => ({ all: new Map(), byId: new Map(), newest: new Map() })

/**
 * Whether the session's lease is over, by its own clock. Of a process that is gone too, since nobody can know.
 *
 * @category predicates
 * @since 0.1.0
 */
export const isOver = (world: World, tenure: Tenure): boolean =>
  tenure.isReleased || tenure.process.slot.clock.own(world.now) >= tenure.heldUntil

/**
 * Whether the session has ended for good: its lease is over, and it can never be renewed. That a bucket which was set back
 * shows it alive brings nobody back to it.
 *
 * @category predicates
 * @since 0.1.0
 */
export const hasEnded = (world: World, tenure: Tenure): boolean => {
  const value = world.live.entries.get(`worker.${tenure.workerId}`)?.value
  const isCurrent = value?._tag === "Worker" && value.record.session === tenure.session && value.record.state === "live"
  const isForgotten = tenure.isLeft || (tenure.isReplaced && tenure.process.status === "Gone")
  return isOver(world, tenure) && (tenure.isReleased || tenure.isEvicted || isForgotten || !isCurrent)
}

/**
 * A process orders a write of a worker's record: a session belongs to one process and bears one id.
 *
 * @category combinators
 * @since 0.1.0
 */
export const ordered = (leases: Leases, process: Process, workerId: WorkerId.WorkerId, record: WorkerRecord): void => {
  if (record.state !== "live" && record.state !== "released") return
  const known = leases.all.get(record.session)
  if (known === undefined) {
    const tenure: Tenure = {
      session: record.session,
      workerId,
      process,
      heldUntil: 0,
      isReleased: false,
      isEvicted: false,
      isLeft: false,
      isReplaced: false,
      acknowledged: { epoch: 0, version: 0 }
    }
    const former = leases.newest.get(process)
    if (former !== undefined) former.isLeft = true
    leases.newest.set(process, tenure)
    leases.all.set(record.session, tenure)
    return
  }
  check(
    "S3",
    known.process === process,
    () => `${process.name} writes under session ${record.session} of ${known.process.name}`
  )
  check("S3", known.workerId === workerId, () => `session ${record.session} is on ${known.workerId} and on ${workerId}`)
}

/**
 * The store takes a write of a worker's record.
 *
 * @category combinators
 * @since 0.1.0
 */
export const written = (
  world: World,
  leases: Leases,
  { issuedAt, key }: Request,
  workerId: WorkerId.WorkerId,
  record: WorkerRecord
): void => {
  const tenure = leases.all.get(record.session)
  const before = world.live.entries.get(key)?.value
  const former = before?._tag === "Worker" ? before.record.session : record.session
  check(
    "S3",
    record.session === former || (record.state === "live" && record.attempt === 1),
    () => `${record.session} writes ${record.state} over the record of ${former}`
  )
  switch (record.state) {
    case "live":
      if (tenure !== undefined) {
        checkAlone(world, leases, tenure, record, before === undefined ? null : former)
        return renew(tenure, issuedAt, record)
      }
      return check("S3", false, () => `nobody ever drew session ${record.session} of ${workerId}`)
    case "released":
      if (tenure !== undefined) tenure.isReleased = true
      return
    case "evicted":
      if (tenure === undefined) return
      tenure.isEvicted = true
      return check(
        "S5",
        isOver(world, tenure),
        () => `${record.session} is evicted while its lease runs: ${remaining(world, tenure)}`
      )
    case "fenced":
      return
  }
}

/**
 * Who takes an id must have seen the lease of the former session end. Only where its record has vanished, or was set back to
 * one before it, and the plan does not name it either, is there nothing to see; then nobody takes its end for proven.
 */
const checkAlone = (
  world: World,
  leases: Leases,
  tenure: Tenure,
  { after }: WorkerRecord,
  former: Session | null
): void => {
  const rivals = leases.byId.get(tenure.workerId) ?? new Set()
  leases.byId.set(tenure.workerId, rivals)
  if (rivals.has(tenure)) return
  for (const rival of rivals) {
    const isKnown = former === rival.session || after === rival.session || (former !== null && isPlanned(world, rival))
    // A process that gave a session up before it drew the next one does not stand in its own way.
    const isProven = rival.process !== tenure.process && isKnown
    check(
      "S3",
      !isProven || isOver(world, rival),
      () => `${tenure.session} takes ${tenure.workerId} while ${rival.session} holds it: ${remaining(world, rival)}`
    )
    rival.isReplaced = true
    rivals.delete(rival)
  }
  rivals.add(tenure)
}

const isPlanned = ({ plan }: World, { session }: Tenure): boolean => {
  const value = plan.entries.get(Value.planKey)?.value
  return value?._tag === "Plan" && value.plan.workers.some((worker) => worker.session === session)
}

const renew = (tenure: Tenure, issuedAt: number, record: WorkerRecord): void => {
  tenure.heldUntil = Math.max(tenure.heldUntil, issuedAt + record.leaseMs - record.marginMs)
  tenure.acknowledged = record.applied
}

const remaining = (world: World, tenure: Tenure | undefined): string =>
  tenure === undefined ? "unknown" : `${tenure.heldUntil - tenure.process.slot.clock.own(world.now)} ms are left`
