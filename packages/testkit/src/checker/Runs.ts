/**
 * The handlers that run, in truth, and the rules that they must keep.
 *
 * @since 0.1.0
 */
import {
  Invariants,
  Partition,
  type Plan,
  type StopReason,
  type Version,
  type WorkerRecord
} from "@parti/core/Protocol"
import { Breach, check } from "./Breach.ts"
import { unitMs } from "./Scenario.ts"
import * as Tenures from "./Tenures.ts"
import { slotAt, withSlot, type Mail, type Run, type World } from "./World.ts"

/** What a start or a stop is about. */
interface Subject {
  readonly partition: Partition.PartitionId
  readonly token: Version
}

/**
 * A process starts a handler: of a partition that it was granted, while its lease runs and nobody else runs it.
 *
 * @category combinators
 * @since 0.1.0
 */
export const started = (world: World, index: number, { partition, token }: Subject): World => {
  const slot = slotAt(world, index)
  const { claim } = slot.node
  const session = claim._tag === "Held" ? claim.session : null
  const who = `${session} starts ${partition} under token ${token}`
  const tenure = Tenures.find(world, session)
  check("S1", !slot.runs.some((run) => run.partition === partition), () => `${who}, and an older run has not ended`)
  if (session === null || tenure === undefined || Tenures.isOver(tenure))
    throw new Breach("S1", `${who} after its lease`)
  const places = world.truth.places.map((place) => {
    if (place.id !== partition) return place
    check("S2", token >= place.started, () => `${who} after ${place.started}`)
    const isGranted = token < place.token || (token === place.token && place.grantee === session)
    check("S5", isGranted, () => `${who}, which was granted to ${place.grantee} under ${place.token}`)
    return { ...place, started: token }
  })
  const run: Run = { partition, token, session, isTold: false, isExcused: false }
  const runs = [...slot.runs, run].sort((a, b) => (a.partition < b.partition ? -1 : 1))
  const after = withSlot({ ...world, truth: { ...world.truth, places } }, index, { ...slot, runs })
  checkPermissions(after)
  return after
}

/**
 * A process tells a handler to stop. It will have ended before its lease has, or else when its time for that is over.
 *
 * @category combinators
 * @since 0.1.0
 */
export const told = (world: World, index: number, { partition, token }: Subject, reason: StopReason): World => {
  const slot = slotAt(world, index)
  const run = slot.runs.find((one) => one.partition === partition && one.token === token)
  if (run === undefined) throw new Breach("Contract", `slot ${index} stops ${partition} (${token}), which does not run`)
  const isUrgent = reason === "LeaseEnding" || reason === "LeaseLost"
  check("Contract", isUrgent || !run.isTold, () => `slot ${index} stops ${partition} (${token}) again: ${reason}`)
  const before = slot.inbox.find((mail) => isEndOf(mail, run))
  const mail: Mail = {
    key: -1,
    fact: { _tag: "PartitionEnded", partition, token },
    isHeld: before?.isHeld ?? false,
    // Both a drain and an abort take one unit here.
    until: Math.min(before?.until ?? Number.POSITIVE_INFINITY, unitMs, isUrgent ? leaseLeft(world, run) : unitMs)
  }
  return withSlot(world, index, {
    ...slot,
    runs: slot.runs.map((one) => (one === run ? { ...run, isTold: true } : one)),
    inbox: [...slot.inbox.filter((one) => one !== before), mail]
  })
}

/**
 * A handler has ended.
 *
 * @category combinators
 * @since 0.1.0
 */
export const ended = (world: World, index: number, { partition, token }: Subject): World => {
  const slot = slotAt(world, index)
  const runs = slot.runs.filter((run) => !(run.partition === partition && run.token === token))
  return withSlot(world, index, { ...slot, runs })
}

/**
 * A process goes on after a pause. Handlers that it carried past the end of their lease could not have been stopped.
 *
 * @category combinators
 * @since 0.1.0
 */
export const resumed = (world: World, index: number): World => {
  const slot = slotAt(world, index)
  const runs = slot.runs.map((run) => ({ ...run, isExcused: run.isExcused || isPast(world, run) }))
  return withSlot(world, index, { ...slot, status: "Up", runs })
}

/**
 * Nothing more happens at this instant: nobody runs anything past its lease, nor two the same.
 *
 * @category combinators
 * @since 0.1.0
 */
export const checkRest = (world: World): void => {
  for (const slot of world.slots) {
    if (slot.status !== "Up") continue
    for (const run of slot.runs) {
      check("S1", run.isExcused || !isPast(world, run), () => `${run.session} runs ${run.partition} after its lease`)
    }
  }
  checkPermissions(world)
}

/**
 * What a process says of its handlers in its record must be so: none runs that the plan it acknowledges has taken.
 *
 * @category combinators
 * @since 0.1.0
 */
export const checkSaid = (world: World, index: number, { applied, session, state }: WorkerRecord): void => {
  const { node, runs } = slotAt(world, index)
  const { plan } = node.plan
  if (state !== "live" || plan === null || applied.epoch !== plan.epoch || applied.version !== plan.version) return
  const seat = plan.workers.findIndex((worker) => worker.session === session)
  const kept = keptBy(plan, seat)
  for (const run of runs) {
    check(
      "S5",
      run.session !== session || kept.has(run.partition),
      () => `${session} acknowledges ${plan.version}, which takes ${run.partition}, while it runs`
    )
  }
}

const checkPermissions = (world: World): void => {
  const permissions = world.slots.flatMap((slot) => {
    // What a process had begun before it was paused too long is nobody's to stop.
    const running = slot.status === "Up" ? slot.runs.filter((run) => !run.isExcused) : []
    return [...new Set(running.map((run) => run.session))].flatMap((session) => {
      const tenure = Tenures.find(world, session)
      const partitions = running.flatMap((run) => (run.session === session ? [run.partition] : []))
      return tenure === undefined ? [] : [{ workerId: tenure.workerId, session, running: partitions }]
    })
  })
  const breach = Invariants.ofPermissions(permissions)
  if (breach !== null) throw new Breach(breach.rule, breach.detail)
}

const keptBy = (plan: Plan.Plan, seat: number): ReadonlySet<string> =>
  new Set(
    plan.list.partitions.flatMap((partition, p) =>
      seat >= 0 && plan.owner[p] === seat && plan.next[p] === seat ? [Partition.id(partition)] : []
    )
  )

const isEndOf = ({ fact }: Mail, run: Run): boolean =>
  fact._tag === "PartitionEnded" && fact.partition === run.partition && fact.token === run.token

const leaseLeft = (world: World, run: Run): number => Math.max(0, Tenures.find(world, run.session)?.heldUntil ?? 0)

const isPast = (world: World, run: Run): boolean => {
  const tenure = Tenures.find(world, run.session)
  return tenure === undefined || Tenures.isOver(tenure)
}
