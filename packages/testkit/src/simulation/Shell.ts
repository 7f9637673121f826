/**
 * A process's life: it starts, takes up one fact after another, stands still at times, and ends.
 *
 * @since 0.1.0
 */
import { Invariants, Manager, type Event, type Fact, type Node, type Step } from "@parti/core/Protocol"
import * as Configs from "./Configs.ts"
import type { Group } from "./Group.ts"
import * as Following from "./Following.ts"
import * as Orders from "./Orders.ts"
import * as Promptness from "./Promptness.ts"
import * as Purity from "./Purity.ts"
import * as Runs from "./Runs.ts"
import * as Tally from "./Tally.ts"
import * as Trace from "./Trace.ts"
import { check, Violation } from "./Violation.ts"
import * as Watch from "./Watch.ts"
import { later, say, type Process, type Slot, type World } from "./World.ts"

/** No node has this much to do in one second, whatever happens to it. */
const maxStepsPerSecond = 3000

/**
 * A machine starts a process, if it has none.
 *
 * @category combinators
 * @since 0.1.0
 */
export const boot = (group: Group, slot: Slot): void => {
  if (slot.process !== null && slot.process.status !== "Gone") return
  const { world } = group
  slot.boots += 1
  const config = Configs.make(world, slot)
  const process: Process = {
    name: `w${slot.index}.${slot.boots}`,
    slot,
    config,
    runs: new Map(),
    state: world.reducers.initial(config),
    status: "Running",
    pauses: 0,
    inbox: [],
    timer: 0,
    lastAt: 0,
    steps: 0,
    stepsSince: 0,
    second: 0,
    isLeader: false,
    lookedAt: 0,
    following: 0,
    told: null,
    outcome: null
  }
  slot.process = process
  say(world, () => `boot ${process.name}`)
  const reach = reachOf(group, process)
  Orders.watchPlan(group, process, reach)
  reach.fact({ _tag: "Started" })
}

/**
 * A process is gone, and will never do anything again.
 *
 * @category combinators
 * @since 0.1.0
 */
export const kill = (group: Group, process: Process): void => {
  if (process.status === "Gone") return
  say(group.world, () => `gone ${process.name}`)
  process.status = "Gone"
  process.inbox = []
  for (const run of process.runs.values()) Runs.end(group.runs, run)
  const { watches } = group.store
  for (const watch of watches.all) if (watch.process === process) Watch.close(watches, watch)
}

/**
 * A process that runs has arrived, is still within its time for that, or has given up.
 *
 * @category combinators
 * @since 0.1.0
 */
export const checkStarted = ({ now }: World, { config, name, slot, state, status }: Process): void => {
  if (status !== "Running" || state.life._tag !== "Running" || state.life.hasArrived) return
  const waitedMs = slot.clock.own(now) - state.life.startedAt
  check("L4", waitedMs <= config.startupTimeoutMs + graceMs, () => `${name} has been starting for ${waitedMs} ms`)
}

/** A timer fires late by no more than this. */
const graceMs = 100

/**
 * A process stands still for a while; what arrives meanwhile is taken up all at once when it goes on.
 *
 * @category combinators
 * @since 0.1.0
 */
export const pause = (group: Group, process: Process, until: number): void => {
  if (process.status === "Gone") return
  process.status = "Paused"
  process.pauses += 1
  const number = process.pauses
  later(group.world, until, () => {
    if (process.status === "Paused" && process.pauses === number) resume(group, process)
  })
}

/**
 * A process that stood still goes on.
 *
 * @category combinators
 * @since 0.1.0
 */
export const resume = (group: Group, process: Process): void => {
  const { world } = group
  say(world, () => `wakes ${process.name}, ${process.inbox.length} waiting`)
  process.status = "Running"
  Runs.resumed(world, group.runs, group.leases, process)
  // Whether timers or sockets come first is up to the platform.
  if (world.random.chance(0.5)) process.inbox.sort((a, b) => Number(b.isTimer) - Number(a.isTimer))
  for (let job = process.inbox.shift(); job !== undefined; job = process.inbox.shift())
    act(process, job.run, job.isTimer)
  if (process.status === "Running") Runs.checkTold(world, group.leases, process)
}

/**
 * Tells a process something that did not come from its own orders.
 *
 * @category combinators
 * @since 0.1.0
 */
export const tell = (group: Group, process: Process, fact: Fact): void => reachOf(group, process).fact(fact)

const reachOf = (group: Group, process: Process): Orders.Reach => {
  const reach: Orders.Reach = {
    fact: (fact) => act(process, () => take(group, process, fact, reach), fact._tag === "TimerFired"),
    act: (run) => act(process, run, false),
    halt: () => {
      check("Contract", isHaltRight(process), () => `${process.name} halts while ${process.runs.size} handlers run`)
      kill(group, process)
      // Whoever started it starts it again.
      if (process.outcome?._tag === "StartFailed") {
        later(group.world, group.world.now + process.slot.random.between(500, 5000), () => boot(group, process.slot))
      }
    }
  }
  return reach
}

const isHaltRight = ({ outcome, runs }: Process): boolean =>
  runs.size === 0 || (outcome?._tag === "Stopped" && !outcome.released)

const act = (process: Process, run: () => void, isTimer: boolean): void => {
  switch (process.status) {
    case "Running":
      return run()
    case "Paused":
      process.inbox.push({ run, isTimer })
      return
    case "Gone":
      return
  }
}

/** One turn of the loop: a fact is stamped, the node steps, and its orders are carried out. */
const take = (group: Group, process: Process, fact: Fact, reach: Orders.Reach): void => {
  const { world } = group
  const { clock } = process.slot
  const at = clock.own(world.now)
  const event = stamped(fact, at, clock.wall(world.now))
  process.lastAt = at
  checkPace(group, process)
  const step = transition(group, process, event)
  if (world.trace.isOn) {
    const { state } = world.reducers.view(step.state, at)
    say(world, () => `${process.name} ${state} ${Trace.showStep(event, step.commands, step.ignored)}`)
  }
  if (group.options.covers) cover(group, process, event, step.state)
  const before = process.state
  process.state = step.state
  record(group, event, step)
  checkStep(process, event, step, before)
  for (const command of step.commands) Orders.carryOut(group, process, command, reach)
  if (step.ignored === null) Following.proceed(world, process, reach.fact)
  if (process.status === "Running" && process.inbox.length === 0) Runs.checkTold(world, group.leases, process)
}

/** Each frequent kind has a line of its own, where the engine comes to know what it looks like. */
const stamped = (fact: Fact, at: number, wall: number): Event => {
  switch (fact._tag) {
    case "TimerFired":
      return { _tag: "TimerFired", at, wall }
    case "WorkerObserved":
      return { ...fact, at, wall }
    case "LeaderObserved":
      return { ...fact, at, wall }
    case "WriteAccepted":
      return { ...fact, at, wall }
    default:
      return { ...fact, at, wall }
  }
}

/** What a worker asserts of itself after each step, and what is asked of it while it leads. */
const checkStep = (
  { config, name, state }: Process,
  event: Event,
  step: Step<Node.State>,
  before: Node.State
): void => {
  const breach = Invariants.ofStep(config, before, event, step)
  if (breach !== null) throw new Violation(breach.rule, `${name}: ${breach.detail}`)
  const neglected = Promptness.neglected(state)
  check("L3", neglected === null, () => `${name} leads: ${neglected}`)
}

const transition = (group: Group, process: Process, event: Event): Step<Node.State> => {
  const { options, world } = group
  const isProbe = options.probes > 0 && process.steps % options.probes === 0
  return isProbe
    ? Purity.probe(world.reducers, process.config, process.state, event)
    : world.reducers.transition(process.config, process.state, event)
}

const checkPace = ({ world }: Group, process: Process): void => {
  const second = Math.floor(world.now / 1000)
  process.steps += 1
  process.stepsSince = second === process.second ? process.stepsSince + 1 : 1
  process.second = second
  check(
    "Storm",
    process.stepsSince <= maxStepsPerSecond,
    () => `${process.name} takes ${maxStepsPerSecond} steps in a second`
  )
}

const record = ({ world }: Group, event: Event, step: Step<Node.State>): void => {
  const { tally } = world
  Tally.count(tally.events, event._tag)
  if (step.ignored !== null) Tally.count(tally.ignored, step.ignored)
  for (const command of step.commands) Tally.count(tally.commands, command._tag)
}

const cover = ({ world }: Group, process: Process, event: Event, after: Node.State): void => {
  const { cells, phases, transitions } = world.tally
  const { isLeader, plan, state } = world.reducers.view(process.state, process.lastAt)
  Tally.count(cells, `${state} ${event._tag}`)
  if (isLeader && plan !== null) Tally.count(phases, `${plan.phase._tag} ${event._tag}`)
  let here = state
  for (const next of world.reducers.view(after, process.lastAt).entered) {
    check("Contract", Manager.isValidTransition(here, next), () => `${process.name} goes from ${here} to ${next}`)
    Tally.count(transitions, `${here} ${next}`)
    here = next
  }
}
