/**
 * The handlers that run, in truth, and the rules that they must keep.
 *
 * @since 0.1.0
 */
import type { Partition, Session, StopReason, Version, WorkerRecord } from "@parti/core/Protocol"
import * as Leases from "./Leases.ts"
import * as Plans from "./Plans.ts"
import { check } from "./Violation.ts"
import type { Process, Run, World } from "./World.ts"

/**
 * All handlers that run, by partition, and the highest token under which each partition was ever started.
 *
 * @category models
 * @since 0.1.0
 */
export interface Runs {
  readonly byPartition: Map<Partition.PartitionId, Set<Run>>
  readonly started: Map<Partition.PartitionId, Version>
  startCount: number
}

/**
 * Nothing runs.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (): Runs => ({ byPartition: new Map(), started: new Map(), startCount: 0 })

/**
 * What is known of a process when it starts a handler: its session, and the version of the plan that it goes by.
 *
 * @category models
 * @since 0.1.0
 */
export interface Start {
  readonly process: Process
  readonly session: Session | null
  readonly under: Version
  readonly partition: Partition.PartitionId
  readonly token: Version
}

/**
 * A process starts a handler: of a partition that it was granted, while its lease runs and nobody else runs it.
 *
 * @category combinators
 * @since 0.1.0
 */
export const start = (
  world: World,
  runs: Runs,
  leases: Leases.Leases,
  plans: Plans.Plans,
  { partition, process, session, token, under }: Start
): Run => {
  const who = `${process.name} starts ${partition} under token ${token}`
  const tenure = session === null ? undefined : leases.all.get(session)
  if (session === null || tenure === undefined) {
    check("S1", false, () => `${who} without a session`)
    throw new Error("unreachable")
  }
  check("S1", !process.runs.has(partition), () => `${who} while an older run of it has not ended`)
  check("S1", !Leases.isOver(world, tenure), () => `${who} after its lease`)
  check(
    "S5",
    plans.grants.has(Plans.grantOf(session, partition, token)),
    () => `${who}, which nobody granted to ${session}`
  )
  const highest = runs.started.get(partition) ?? 0
  check("S2", token >= highest, () => `${who} after ${highest}`)
  const run: Run = {
    partition,
    token,
    session,
    under,
    process,
    startedAt: world.now,
    toldAt: null,
    endsAt: Number.POSITIVE_INFINITY,
    isStuck: false,
    isExcused: false
  }
  const others = runs.byPartition.get(partition) ?? new Set()
  checkAlone(world, leases, run, others)
  others.add(run)
  runs.byPartition.set(partition, others)
  runs.started.set(partition, token)
  runs.startCount += 1
  process.runs.set(partition, run)
  return run
}

/**
 * A handler has ended.
 *
 * @category combinators
 * @since 0.1.0
 */
export const end = (runs: Runs, run: Run): void => {
  runs.byPartition.get(run.partition)?.delete(run)
  if (run.process.runs.get(run.partition) === run) run.process.runs.delete(run.partition)
}

/**
 * When a handler that is told to stop will have ended. A well-behaved one is done within its lease wherever that can
 * still be.
 *
 * @category combinators
 * @since 0.1.0
 */
export const tell = (world: World, leases: Leases.Leases, run: Run, reason: StopReason): void => {
  const { slot, config } = run.process
  const { random, habits } = slot
  const isUrgent = reason === "LeaseEnding" || reason === "LeaseLost"
  run.toldAt ??= world.now
  if (world.now < habits.stuckUntil) {
    run.isStuck = true
    run.endsAt = Math.min(run.endsAt, habits.stuckUntil + random.between(0, 100))
    return
  }
  const usual = Math.min(random.between(0, 2 * world.scenario.handlerMs), config.drainTimeoutMs)
  const slow = random.between(0, config.drainTimeoutMs)
  const patience = world.now < habits.slowUntil ? slow : usual
  // An aborted handler uses up to the whole lead; rates differ a little, so not quite.
  const lead = random.between(0, Math.floor(config.fenceLeadMs * 0.8))
  run.endsAt = Math.min(run.endsAt, world.now + (isUrgent ? Math.min(lead, patience + lead) : patience))
  const tenure = leases.all.get(run.session)
  const leaseEndsAt = tenure === undefined ? 0 : slot.clock.whenOwn(tenure.heldUntil) - 1
  if (isUrgent && leaseEndsAt >= world.now) run.endsAt = Math.min(run.endsAt, leaseEndsAt)
}

/**
 * A process goes on after a pause. Handlers that it carried past the end of their lease could not have been stopped.
 *
 * @category combinators
 * @since 0.1.0
 */
export const resumed = (world: World, runs: Runs, leases: Leases.Leases, process: Process): void => {
  for (const run of process.runs.values()) {
    const tenure = leases.all.get(run.session)
    if (tenure === undefined || Leases.isOver(world, tenure)) run.isExcused = true
    else checkAlone(world, leases, run, runs.byPartition.get(run.partition) ?? new Set())
  }
}

/**
 * After a step: no handler that was not told to stop is past the instant at which it had to be told.
 *
 * @category combinators
 * @since 0.1.0
 */
export const checkTold = (world: World, leases: Leases.Leases, process: Process): void => {
  if (process.runs.size === 0 || process.config.onStoreLoss === "hold") return
  for (const run of process.runs.values()) {
    const heldUntil = leases.all.get(run.session)?.heldUntil ?? 0
    check(
      "S1",
      run.toldAt !== null || process.lastAt <= heldUntil - process.config.fenceLeadMs + 1,
      () =>
        `${process.name} has not told ${run.partition} to stop at ${process.lastAt}, and its lease ends at ${heldUntil}`
    )
  }
}

/**
 * What a process says of its handlers in its record must be so: none runs after `released`, and none that the plan it
 * acknowledges has taken.
 *
 * @category combinators
 * @since 0.1.0
 */
export const checkSaid = (plans: Plans.Plans, process: Process, record: WorkerRecord): void => {
  if (process.runs.size === 0) return
  const own = [...process.runs.values()].filter((run) => run.session === record.session)
  check(
    "S5",
    record.state !== "released" || own.length === 0,
    () => `${process.name} releases while ${own.length} handlers run`
  )
  const known = plans.known.get(record.applied.version)
  if (record.state !== "live" || known?.plan.epoch !== record.applied.epoch) return
  for (const run of own) {
    // What was started under a later plan, this one has not taken.
    if (run.under > known.plan.version) continue
    check(
      "S5",
      Plans.isKept(known, run.partition, run.session),
      () => `${process.name} acknowledges ${known.plan.version}, which takes ${run.partition}, while it runs`
    )
  }
}

/** A frozen process runs nothing at this instant; what it does when it wakes is looked at then. */
const checkAlone = (world: World, leases: Leases.Leases, run: Run, others: ReadonlySet<Run>): void => {
  for (const other of others) {
    if (other === run || other.isExcused || run.isExcused || other.process.status !== "Running") continue
    const tenure = leases.all.get(other.session)
    const isPast = tenure === undefined || Leases.isOver(world, tenure)
    // Past its lease only a handler that cannot be stopped may run on, or one that its user told to hold on.
    if (isPast && (other.isStuck || other.process.config.onStoreLoss === "hold")) continue
    const detail = (): string =>
      `${run.partition} runs in ${run.process.name} (${run.token}) and in ${other.process.name} (${other.token}, ` +
      `since ${other.startedAt}, told ${other.toldAt}, ends ${other.endsAt}, lease over: ${isPast})`
    check("S1", false, detail)
  }
}
