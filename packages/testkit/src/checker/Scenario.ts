/**
 * What a small world consists of, and how much may go wrong in it.
 *
 * @since 0.1.0
 */
import { type Config, Partition, WorkerId } from "@parti/core/Protocol"
import type { AssignmentStrategy } from "@parti/core/Strategy"
import * as Result from "effect/Result"
import type { Budget } from "./World.ts"

/**
 * A small world before anything has happened in it.
 *
 * **Details**
 *
 * `slots` machines share the worker `ids`: as many as that, each has its own; fewer, and they draw. The first `settled` of
 * them make up a group at rest when the search begins; none means that the search begins with all of them starting.
 * `moves`: the strategy gives each partition to another worker whenever it is asked. `longLease`: the slot whose lease is
 * twice as long as the others'.
 *
 * @category models
 * @since 0.1.0
 */
export interface Scenario {
  readonly name: string
  readonly slots: number
  readonly ids: ReadonlyArray<WorkerId.WorkerId>
  readonly settled: number
  /** What the sources list in turn. */
  readonly listings: ReadonlyArray<ReadonlyArray<Partition.Partition>>
  readonly moves: boolean
  readonly remembersId: boolean
  readonly candidates: number
  readonly longLease: number | null
  readonly budget: Budget
}

/**
 * The shortest span there is: the reducers never try again sooner.
 *
 * @category constants
 * @since 0.1.0
 */
export const unitMs = 20

const heartbeatIntervalMs = 2 * unitMs
const leaseMs = 6 * unitMs
const marginMs = unitMs
const shutdownTimeoutMs = 6 * unitMs

/**
 * How long any observer must have heard nothing before it may act on it, where all leases are of the usual length.
 *
 * @category constants
 * @since 0.1.0
 */
export const fullLeaseMs = leaseMs + marginMs

/**
 * Longer than any span that is ever added to an instant.
 *
 * @category getters
 * @since 0.1.0
 */
export const horizonMs = (scenario: Scenario): number => longest(scenario) * leaseMs + 2 * marginMs

/**
 * Nothing may go wrong.
 *
 * @category constants
 * @since 0.1.0
 */
export const none: Budget = {
  total: 0,
  lose: 0,
  mute: 0,
  late: 0,
  slow: 0,
  lag: 0,
  linger: 0,
  undecided: 0,
  crash: 0,
  pause: 0,
  cut: 0,
  vanish: 0,
  live: 0,
  plan: 0,
  boot: 0,
  leave: 0,
  restart: 0,
  order: 0,
  source: 0
}

/**
 * What is chosen of a world.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options extends Omit<Scenario, "name" | "ids" | "listings" | "budget"> {
  readonly ids: number
  readonly partitions: number
}

/**
 * A world; unless it is said otherwise, of two workers and one partition, everything at rest, and nothing goes wrong.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (name: string, options: Partial<Options>, budget: Partial<Budget>): Scenario => {
  const { ids = options.slots ?? 2, partitions = 1, slots = 2, ...others } = options
  return {
    name,
    slots,
    settled: slots,
    moves: false,
    remembersId: true,
    candidates: 2,
    longLease: null,
    ...others,
    ids: Array.from({ length: ids }, (_, index) => Result.getOrThrow(WorkerId.parse(`w${index}`))),
    listings: listings(partitions),
    budget: { ...none, ...budget }
  }
}

/** All partitions, and all but the last. */
const listings = (count: number): Scenario["listings"] => {
  const all = Array.from({ length: count }, (_, index) => ({ keys: [`p${index}`], weight: 1 }))
  return [all, all.slice(0, -1)].map((list) => Result.getOrThrow(Partition.normalise(list)))
}

/**
 * The configuration of one process.
 *
 * @category constructors
 * @since 0.1.0
 */
export const config = (scenario: Scenario, slot: number, boots: number): Config => {
  const { ids } = scenario
  const factor = scenario.longLease === slot ? 2 : 1
  return {
    group: "checked",
    boot: `s${slot}b${boots}`,
    seed: 1,
    workerId: ids.length === scenario.slots ? (ids[slot] ?? null) : null,
    workerIds: ids,
    instance: scenario.remembersId ? `s${slot}` : "",
    capacity: 1,
    maxPartitions: null,
    zone: null,
    version: null,
    heartbeatIntervalMs,
    leaseMs: factor * leaseMs,
    marginMs,
    fenceLeadMs: unitMs,
    requestTimeoutMs: 2 * unitMs,
    electionJitterMs: 0,
    candidates: scenario.candidates,
    onStoreLoss: "fence",
    degradedPreset: "balanced",
    degradedAfterMs: never,
    recoverAfterMs: never,
    coldStart: "eager",
    coldStartWindowMs: 0,
    plannedWindowMs: 0,
    restartWindowMs: 0,
    drainWindowMs: 0,
    restartRatio: 1,
    minRebalanceIntervalMs: 0,
    settleAfterMs: null,
    expectedWorkers: null,
    gatherMs: 0,
    drainTimeoutMs: unitMs,
    revokeTimeoutMs: 4 * unitMs,
    startupTimeoutMs: never,
    shutdownTimeoutMs,
    strategy: scenario.moves ? moving : keeping
  }
}

/** A span that does not end while anybody looks. */
const never = 2_000_000_000

const longest = (scenario: Scenario): number => (scenario.longLease === null ? 1 : 2)

/** Each partition goes to the worker after the one that has it. */
const moving: AssignmentStrategy = {
  name: "moving",
  algoVersion: 1,
  assign: ({ partitions, previous, workers }) => ({
    owner: partitions.ids.map((_, p) => ((previous[p] ?? -1) + 1 + (previous[p] === -1 ? p : 0)) % workers.length)
  })
}

/** Each partition stays where it is, unless its owner has more than its part. */
const keeping: AssignmentStrategy = {
  name: "keeping",
  algoVersion: 1,
  assign: ({ partitions, previous, workers }) => {
    const most = Math.ceil(partitions.size / workers.length)
    const load = workers.map(() => 0)
    const add = (worker: number): number => {
      load[worker] = (load[worker] ?? 0) + 1
      return worker
    }
    const kept = partitions.ids.map((_, p) => {
      const before = previous[p] ?? -1
      return before >= 0 && (load[before] ?? most) < most ? add(before) : -1
    })
    const idlest = (): number => load.indexOf(Math.min(...load))
    return { owner: kept.map((one) => (one >= 0 ? one : add(idlest()))) }
  }
}
