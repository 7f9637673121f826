/**
 * A simulated group: the world, and those who judge it.
 *
 * @since 0.1.0
 */
import * as Bucket from "./Bucket.ts"
import * as DriftingClock from "./DriftingClock.ts"
import * as EventQueue from "./EventQueue.ts"
import * as Leases from "./Leases.ts"
import * as Network from "./Network.ts"
import * as Plans from "./Plans.ts"
import * as Random from "./Random.ts"
import * as Runs from "./Runs.ts"
import type { Scenario } from "./Scenario.ts"
import * as Source from "./Source.ts"
import * as Store from "./Store.ts"
import * as Tally from "./Tally.ts"
import * as Trace from "./Trace.ts"
import type { Flaws, Reducers, Slot, World } from "./World.ts"

/**
 * All of a simulation.
 *
 * @category models
 * @since 0.1.0
 */
export interface Group {
  readonly world: World
  readonly store: Store.Store
  readonly leases: Leases.Leases
  readonly plans: Plans.Plans
  readonly runs: Runs.Runs
  readonly options: Options
}

/**
 * How a simulation is run, apart from its scenario.
 *
 * **Details** `covers` counts the cells of the state tables; `probes` is after how many steps one is checked for purity,
 * 0 for never.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  readonly reducers: Reducers
  readonly flaws: Flaws
  readonly traces: boolean
  readonly covers: boolean
  readonly probes: number
}

/**
 * A group of machines without a process, before anything has happened.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (scenario: Scenario, options: Options): Group => {
  const leases = Leases.make()
  const plans = Plans.make()
  const first = Store.firstRevision(0)
  const world: World = {
    now: 0,
    isCalm: false,
    aftermath: 0,
    aftermathAt: 0,
    scenario,
    reducers: options.reducers,
    flaws: options.flaws,
    random: Random.make(scenario.seed, "world"),
    queue: EventQueue.make(),
    trace: Trace.make(options.traces),
    tally: Tally.make(),
    slots: Array.from({ length: scenario.slots }, (_, index) => makeSlot(scenario, index)),
    source: Source.make(scenario),
    live: Bucket.make("live", first),
    plan: Bucket.make("plan", first)
  }
  const judge: Store.Judge = {
    written: (request) => {
      const { value } = request
      if (value._tag === "Worker") Leases.written(world, leases, request, value.workerId, value.record)
      if (value._tag === "Plan") Plans.written(world, plans, leases, request, value.plan)
    },
    listRemoved: (version) => Plans.listRemoved(plans, version),
    planLost: (restored) => Plans.lose(plans, restored)
  }
  return { world, store: Store.make(Network.make(scenario), judge), leases, plans, runs: Runs.make(), options }
}

const makeSlot = (scenario: Scenario, index: number): Slot => {
  const random = Random.make(scenario.seed, `slot/${index}`)
  const { timing, otherTiming } = scenario
  const permitted = Math.min(timing.marginMs / timing.leaseMs, otherTiming.marginMs / otherTiming.leaseMs)
  // Two clocks that differ by this much to either side differ by a little less than what is permitted.
  const rate = 1 + (random.next() * 2 - 1) * permitted * 0.48 * scenario.drift
  const skewMs = Math.round((random.next() * 2 - 1) * scenario.skewMs)
  return {
    index,
    instance: `host-${index}`,
    clock: DriftingClock.make(random.between(1000, 5_000_000), rate, skewMs),
    random,
    habits: { slowUntil: 0, stuckUntil: 0 },
    process: null,
    boots: 0,
    twinOf: null,
    sourceFailsUntil: 0,
    sourceOddUntil: 0,
    sourceDiffersUntil: 0,
    oddity: 0
  }
}
