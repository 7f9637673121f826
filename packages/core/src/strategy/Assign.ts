/**
 * Assigning by names, for scripts, tests and curious people. The leader of a group works on columns and calls `run`.
 *
 * @since 0.1.0
 */
import * as Result from "effect/Result"
import * as Column from "../model/Column.ts"
import * as Lazy from "../model/Lazy.ts"
import type { DuplicatePartition, PartitionId, PartitionInput, PartitionInvalid } from "../model/Partition.ts"
import * as Partition from "../model/Partition.ts"
import * as PartitionSet from "../model/PartitionSet.ts"
import * as Check from "./Check.ts"
import type { AssignmentStrategy, PlanStatistics, StrategyError, StrategyInput, StrategyWorker } from "./Strategy.ts"
import { WorkerInvalid } from "./Strategy.ts"

/**
 * A worker as callers write it. Without a capacity it counts 1, without `maxPartitions` it has no limit.
 *
 * @category models
 * @since 0.1.0
 */
export interface WorkerInput {
  readonly id: string
  readonly capacity?: number
  readonly maxPartitions?: number | null
  readonly zone?: string | null
}

/**
 * Workers, partitions, and what is known of the past. Names that are not here (any more) are ignored. A partition that
 * `previous` lists under two workers counts for the one whose id comes first.
 *
 * @category models
 * @since 0.1.0
 */
export interface AssignInput {
  readonly workers: ReadonlyArray<WorkerInput>
  readonly partitions: ReadonlyArray<PartitionInput>
  readonly previous?: Iterable<readonly [partition: string, worker: string]>
  readonly hints?: Iterable<readonly [partition: string, worker: string]>
  readonly previousStandby?: Iterable<readonly [partition: string, worker: string]>
}

/**
 * Who owns what, by name: partitions in canonical order, workers by id, the idle ones included.
 *
 * @category models
 * @since 0.1.0
 */
export interface NamedPlan {
  readonly owners: ReadonlyMap<PartitionId, string>
  readonly partitions: ReadonlyMap<string, ReadonlyArray<PartitionId>>
  /** Who stands by; empty when the strategy plans no standbys. */
  readonly standbys: ReadonlyMap<PartitionId, string>
  readonly statistics: PlanStatistics
}

const byId = (a: StrategyWorker, b: StrategyWorker): number => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)

const sameWorker = (a: StrategyWorker, b: StrategyWorker): boolean =>
  Object.is(a.capacity, b.capacity) && a.maxPartitions === b.maxPartitions && a.zone === b.zone

/**
 * Orders workers by id and drops repetitions.
 *
 * **Example**
 *
 * ```ts
 * import { Strategy } from "@parti/core"
 *
 * const workers = Strategy.normaliseWorkers([{ id: "b", capacity: 2 }, { id: "a" }])
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const normaliseWorkers = (
  workers: ReadonlyArray<WorkerInput>
): Result.Result<ReadonlyArray<StrategyWorker>, WorkerInvalid> => {
  const distinct: Array<StrategyWorker> = []
  const whole = workers.map(({ id, capacity = 1, maxPartitions = null, zone = null }) => ({
    id,
    capacity,
    maxPartitions,
    zone
  }))
  for (const worker of whole.sort(byId)) {
    const last = distinct.at(-1)
    if (last?.id !== worker.id) {
      distinct.push(worker)
    } else if (!sameWorker(last, worker)) {
      const rule = "it is listed twice, with different capacity, limit or zone"
      return Result.fail(new WorkerInvalid({ id: worker.id, field: "id", rule, value: worker.id }))
    }
  }
  return Result.succeed(distinct)
}

const nothing = new Int32Array(0)

const column = (
  pairs: Iterable<readonly [string, string]> | undefined,
  workers: ReadonlyArray<StrategyWorker>,
  set: PartitionSet.PartitionSet
): Int32Array => {
  if (pairs === undefined) return nothing
  const places = new Map(workers.map(({ id }, j) => [id, j]))
  const filled = new Int32Array(set.size).fill(-1)
  let expected = 0
  let isInOrder = true
  let last: string | undefined
  let j: number | undefined
  for (const [partition, worker] of pairs) {
    // What an older plan says comes in canonical order: then each follows the one before it, and need not be looked up.
    const i: number = isInOrder && set.ids[expected] === partition ? expected : set.indexOf(partition)
    isInOrder = i === expected
    expected = i + 1
    // Owners come in runs.
    if (worker !== last) j = places.get(worker)
    last = worker
    if (i < 0 || j === undefined) continue
    const other = filled[i] ?? -1
    filled[i] = other < 0 ? j : Math.min(other, j)
  }
  return filled
}

type Unusable = WorkerInvalid | PartitionInvalid | DuplicatePartition

const columnsOf = (
  input: AssignInput,
  setOf: (list: AssignInput["partitions"]) => Result.Result<PartitionSet.PartitionSet, Unusable>
): Result.Result<StrategyInput, Unusable> => {
  const workers = normaliseWorkers(input.workers)
  if (Result.isFailure(workers)) return Result.fail(workers.failure)
  const set = setOf(input.partitions)
  if (Result.isFailure(set)) return Result.fail(set.failure)
  const { previous, hints, previousStandby } = input
  return Result.succeed({
    workers: workers.success,
    partitions: set.success,
    previous: column(previous, workers.success, set.success),
    hints: column(hints, workers.success, set.success),
    previousStandby: previousStandby === undefined ? null : column(previousStandby, workers.success, set.success)
  })
}

const kept = (list: AssignInput["partitions"]) => Result.map(Partition.normalise(list), PartitionSet.of)

const borrowed = (list: AssignInput["partitions"]) => Result.map(Partition.tabulate(list), PartitionSet.ofTable)

/**
 * Turns names into columns.
 *
 * **Example**
 *
 * ```ts
 * import { Strategy } from "@parti/core"
 *
 * const input = Strategy.prepare({
 *   workers: [{ id: "a" }, { id: "b" }],
 *   partitions: [{ keys: ["eu"] }, { keys: ["us"] }],
 *   previous: [["eu", "a"]]
 * })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const prepare = (
  input: AssignInput
): Result.Result<StrategyInput, WorkerInvalid | PartitionInvalid | DuplicatePartition> => columnsOf(input, kept)

const named = (ids: ReadonlyArray<PartitionId>, workers: ReadonlyArray<StrategyWorker>, owner: Int32Array) => {
  const names = new Map<PartitionId, string>()
  ids.forEach((id, i) => {
    const worker = workers[owner[i] ?? -1]
    if (worker !== undefined) names.set(id, worker.id)
  })
  return names
}

const grouped = (ids: ReadonlyArray<PartitionId>, workers: ReadonlyArray<StrategyWorker>, owner: Int32Array) => {
  const filled = new Int32Array(workers.length)
  for (const worker of owner) filled[worker] = (filled[worker] ?? 0) + 1
  const lists = workers.map((_, j) => Column.ofLength<PartitionId>(filled[j] ?? 0))
  // From behind, so that what counts down are the places themselves.
  for (let i = ids.length - 1; i >= 0; i--) {
    const worker = owner[i] ?? 0
    const place = (filled[worker] ?? 0) - 1
    const list = lists[worker]
    const id = ids[i]
    if (list === undefined || id === undefined) continue
    list[place] = id
    filled[worker] = place
  }
  return new Map(workers.map(({ id }, j) => [id, lists[j] ?? []]))
}

/**
 * Assigns by names.
 *
 * **Example**
 *
 * ```ts
 * import { Strategy } from "@parti/core"
 *
 * const plan = Strategy.assign(Strategy.sticky(), {
 *   workers: [{ id: "a" }, { id: "b", capacity: 2 }],
 *   partitions: [{ keys: ["tool-1"] }, { keys: ["tool-2"] }, { keys: ["tool-3"] }]
 * })
 * ```
 *
 * @category running
 * @since 0.1.0
 */
export const assign = (
  strategy: AssignmentStrategy,
  input: AssignInput
): Result.Result<NamedPlan, StrategyError | PartitionInvalid | DuplicatePartition> => {
  // What is answered has nothing of the list but names, so that it needs no copy of it.
  const prepared = columnsOf(input, borrowed)
  if (Result.isFailure(prepared)) return Result.fail(prepared.failure)
  const { workers, partitions } = prepared.success
  const plan = Check.run(strategy, prepared.success)
  if (Result.isFailure(plan)) return Result.fail(plan.failure)
  const { owner, standby, statistics } = plan.success
  const { ids } = partitions
  // Maps by partition cost more than the plan itself, and few callers want all of them.
  const owners = Lazy.once(() => named(ids, workers, owner))
  const lists = Lazy.once(() => grouped(ids, workers, owner))
  const standbys = Lazy.once(() => named(ids, workers, standby ?? nothing))
  return Result.succeed({
    get owners() {
      return owners()
    },
    get partitions() {
      return lists()
    },
    get standbys() {
      return standbys()
    },
    statistics
  })
}
