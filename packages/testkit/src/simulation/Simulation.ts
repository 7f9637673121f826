/**
 * One simulation, from its seed to its verdict.
 *
 * @since 0.1.0
 */
import * as Bucket from "./Bucket.ts"
import * as Calm from "./Calm.ts"
import * as Fault from "./Fault.ts"
import * as Group from "./Group.ts"
import * as Scenario from "./Scenario.ts"
import * as Shell from "./Shell.ts"
import * as Store from "./Store.ts"
import * as Storm from "./Storm.ts"
import * as Tally from "./Tally.ts"
import { check, Violation } from "./Violation.ts"
import { later, processes, say } from "./World.ts"

/**
 * What came of a simulation. `restAfterMs` is how long after the end of the faults the group had come to rest.
 *
 * @category models
 * @since 0.1.0
 */
export interface Report {
  readonly task: Task
  readonly scenario: Scenario.Scenario
  readonly violation: Violation | null
  readonly faults: ReadonlyArray<Fault.Fault>
  readonly simulatedMs: number
  readonly workerMs: number
  readonly steps: number
  readonly restAfterMs: number
  readonly grants: number
  readonly moves: number
  readonly plans: number
  readonly terms: number
  readonly tally: Tally.Tally
  readonly trace: ReadonlyArray<string>
}

/**
 * What to simulate: a seed, for how long with faults, and which of its faults: only some, by their index (`null` for all),
 * none of the kinds in `without`, many of those in `focus`.
 *
 * @category models
 * @since 0.1.0
 */
export interface Task {
  readonly seed: number
  readonly faultyMs: number
  readonly only: ReadonlySet<number> | null
  readonly without: ReadonlySet<Fault.FaultKind>
  readonly focus: ReadonlyArray<Fault.FaultKind>
}

/** How long a group at rest is watched for anything that still moves. */
const restMs = 60_000

/** A group that has been quiet for so long is at rest: what was known has been taken up. */
const quietSeconds = 15

/**
 * Runs a simulation to its end, or until a rule is broken.
 *
 * @category combinators
 * @since 0.1.0
 */
export const run = (task: Task, options: Group.Options): Report => {
  const scenario = Scenario.draw(task.seed, task.faultyMs, task.focus)
  const all = Fault.schedule(task.seed, scenario.rates, task.faultyMs, scenario.slots)
  const faults = all.filter((fault) => (task.only?.has(fault.index) ?? true) && !task.without.has(fault.kind))
  const group = Group.make(scenario, options)
  const course: Course = { group, workerMs: 0, quietSeconds: 0, restAt: null, isOver: false, atRest: null }
  let violation: Violation | null = null
  try {
    prepare(course, faults)
    play(course)
    checkBusy(group)
  } catch (cause) {
    violation = cause instanceof Violation ? cause : new Violation("Defect", describe(cause))
    say(group.world, () => violation?.message ?? "")
  }
  const { plans, world } = group
  return {
    task,
    scenario,
    violation,
    faults,
    simulatedMs: world.now,
    workerMs: course.workerMs,
    steps: Tally.total(world.tally.events),
    restAfterMs: course.restAt === null ? 0 : course.restAt - task.faultyMs,
    grants: plans.grantCount,
    moves: plans.moveCount,
    plans: plans.writeCount,
    terms: plans.termCount,
    tally: world.tally,
    trace: world.trace.lines
  }
}

const describe = (cause: unknown): string => (cause instanceof Error ? (cause.stack ?? cause.message) : String(cause))

/** A simulation under way. */
interface Course {
  readonly group: Group.Group
  workerMs: number
  quietSeconds: number
  restAt: number | null
  isOver: boolean
  atRest: { readonly picture: string; readonly writes: number } | null
}

const prepare = (course: Course, faults: ReadonlyArray<Fault.Fault>): void => {
  const { group } = course
  const { scenario, slots } = group.world
  const { world } = group
  const isTogether = world.random.chance(0.5)
  for (const slot of slots.slice(0, scenario.startWith)) {
    later(world, isTogether ? 1 : world.random.between(1, 5000), () => Shell.boot(group, slot))
  }
  for (const fault of faults) {
    later(world, fault.at, () => {
      say(world, () => `fault ${Fault.show(fault)}`)
      if (Storm.strike(group, fault)) Tally.count(world.tally.faults, fault.kind)
    })
  }
  later(world, 1000, () => eachSecond(course))
  later(world, scenario.faultyMs, () => Calm.begin(group))
}

const play = (course: Course): void => {
  const { world } = course.group
  while (!course.isOver) {
    const next = world.queue.take()
    if (next === undefined) throw new Error("nothing is left to happen")
    world.now = next.at
    world.trace.now = next.at
    next.run()
  }
}

const eachSecond = (course: Course): void => {
  const { group } = course
  const { store, world } = group
  const present = processes(world)
  course.workerMs += 1000 * present.length
  for (const process of present) Shell.checkStarted(world, process)
  if (world.now % 10_000 < 1000) Store.age(world, store)
  if (world.random.chance(0.05)) Bucket.save(world.random.pick([world.live, world.plan]))
  if (world.isCalm) settle(course)
  later(world, world.now + 1000, () => eachSecond(course))
}

const settle = (course: Course): void => {
  const { group } = course
  const { world } = group
  Calm.tend(group)
  const unrest = Calm.unrest(group)
  if (course.restAt === null || course.atRest === null) {
    const sinceMs = world.now - Math.max(world.scenario.faultyMs, world.aftermathAt)
    check(
      "L1",
      unrest === null || sinceMs <= Calm.boundMs(group),
      () => `${sinceMs} ms after the last of the storm ${unrest}`
    )
    course.quietSeconds = unrest === null && world.aftermath === 0 ? course.quietSeconds + 1 : 0
    if (course.quietSeconds < quietSeconds) return
    course.restAt = world.now
    course.atRest = { picture: Calm.picture(group), writes: Calm.writes(group) }
    return say(world, () => `rest: ${course.atRest?.picture}`)
  }
  check("L2", unrest === null, () => `the group was at rest, and now ${unrest}`)
  const { picture, writes } = course.atRest
  check(
    "L2",
    Calm.picture(group) === picture,
    () => `the group was at rest with ${picture}, and now has ${Calm.picture(group)}`
  )
  if (world.now - course.restAt < restMs) return
  const most = Calm.idleWrites(group, restMs)
  const written = Calm.writes(group) - writes
  check("L2", written <= most, () => `the group at rest has written ${written} times, at most ${most} were due`)
  course.isOver = true
}

/** A simulation in which nothing happens proves nothing. */
const checkBusy = ({ plans, runs }: Group.Group): void => {
  check("Idle", plans.termCount > 0, () => "nobody was ever elected")
  check("Idle", runs.startCount > 0, () => "no partition was ever run")
}
