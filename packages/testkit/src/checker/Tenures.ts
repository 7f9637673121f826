/**
 * The leases of all sessions, in truth, and the rules that rest on them.
 *
 * @since 0.1.0
 */
import type { Session, WorkerRecord } from "@parti/core/Protocol"
import { check } from "./Breach.ts"
import type { Request, Tenure, World } from "./World.ts"

/**
 * The session's tenure, if it may still matter.
 *
 * @category getters
 * @since 0.1.0
 */
export const find = (world: World, session: Session | null): Tenure | undefined =>
  world.truth.tenures.find((one) => one.session === session)

/**
 * Whether the session's lease is over.
 *
 * @category predicates
 * @since 0.1.0
 */
export const isOver = (tenure: Tenure): boolean => tenure.isReleased || tenure.heldUntil <= 0

/**
 * Whether the session has ended for good: its lease is over, and it can never be renewed.
 *
 * @category predicates
 * @since 0.1.0
 */
export const hasEnded = (world: World, session: Session): boolean => {
  const tenure = find(world, session)
  return tenure === undefined || (isOver(tenure) && !isCurrent(world, session))
}

/**
 * The store takes a write of a worker's record; `before` is what it replaces.
 *
 * @category combinators
 * @since 0.1.0
 */
export const written = (
  world: World,
  request: Request,
  { record, workerId }: { readonly record: WorkerRecord; readonly workerId: Tenure["workerId"] },
  before: WorkerRecord | null
): World => {
  const known = find(world, record.session)
  switch (record.state) {
    case "live": {
      checkClaim(world, workerId, record, before)
      const heldUntil = Math.max(known?.heldUntil ?? 0, request.sentAt + record.leaseMs - record.marginMs)
      return withTenure(world, {
        session: record.session,
        workerId,
        slot: request.slot,
        boots: request.boots,
        heldUntil,
        isReleased: known?.isReleased ?? false,
        acknowledged: record.applied
      })
    }
    case "released":
      check(
        "S5",
        !world.slots.some((slot) => slot.status === "Up" && slot.runs.some((run) => run.session === record.session)),
        () => `${record.session} is released while a handler of it runs`
      )
      return known === undefined ? world : withTenure(world, { ...known, isReleased: true })
    case "evicted":
      check(
        "S5",
        known === undefined || isOver(known),
        () => `${record.session} is evicted ${known?.heldUntil} ms before the end of its lease`
      )
      return world
    case "fenced":
      return world
  }
}

/**
 * Forgets the sessions that nothing names any more, and whose lease is over.
 *
 * @category combinators
 * @since 0.1.0
 */
export const withoutForgotten = (world: World): World => {
  const tenures = world.truth.tenures.filter((one) => isRemembered(world, one))
  return tenures.length === world.truth.tenures.length ? world : { ...world, truth: { ...world.truth, tenures } }
}

const isRemembered = (world: World, tenure: Tenure): boolean => {
  const { requests, slots, store, truth } = world
  if (!isOver(tenure) || isCurrent(world, tenure.session)) return true
  const slot = slots[tenure.slot]
  const claim = slot?.node.claim
  const isBorne = claim !== undefined && "session" in claim && claim.session === tenure.session
  return (
    (isBorne && slot?.status !== "Down" && slot?.status !== "Gone") ||
    slots.some((one) => one.runs.some((run) => run.session === tenure.session)) ||
    (store.plan.value?.workers.some((worker) => worker.session === tenure.session) ?? false) ||
    truth.places.some((place) => place.lost === tenure.session) ||
    requests.some(({ value }) => value._tag === "Worker" && value.record.session === tenure.session)
  )
}

const isCurrent = (world: World, session: Session): boolean =>
  world.store.workers.some(({ value }) => value?.session === session && value.state === "live")

const withTenure = (world: World, tenure: Tenure): World => {
  const others = world.truth.tenures.filter((one) => one.session !== tenure.session)
  const tenures = [...others, tenure].sort((a, b) => (a.session < b.session ? -1 : 1))
  return { ...world, truth: { ...world.truth, tenures } }
}

/**
 * Who takes an id must have seen the former session's lease end. Only where its record has vanished, and the plan does not
 * name it either, is there nothing to see; then nobody takes its end for proven.
 */
const checkClaim = (
  world: World,
  workerId: Tenure["workerId"],
  record: WorkerRecord,
  before: WorkerRecord | null
): void => {
  check(
    "S3",
    before?.session !== record.session || before.state === "live",
    () => `${record.session} is ${before?.state}, and is renewed`
  )
  for (const rival of world.truth.tenures) {
    if (rival.session === record.session) {
      check("S3", rival.workerId === workerId, () => `${rival.session} is on ${rival.workerId} and on ${workerId}`)
    } else if (rival.workerId === workerId && (before !== null || record.after === rival.session)) {
      check(
        "S3",
        isOver(rival),
        () =>
          `${record.session} takes ${workerId} ${rival.heldUntil} ms before the end of the lease of ${rival.session}`
      )
    }
  }
}
