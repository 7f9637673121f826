/**
 * Partitions that belong together.
 *
 * An index in range always has a value; `?? 0` only says so to the compiler.
 *
 * @since 0.1.0
 */
import * as Result from "effect/Result"
import type { Partition } from "../model/Partition.ts"
import * as Partitions from "../model/Partition.ts"
import type { PartitionSet } from "../model/PartitionSet.ts"
import * as PartitionSets from "../model/PartitionSet.ts"
import * as Check from "./Check.ts"
import type { AssignmentStrategy, StrategyDraft, StrategyInput } from "./Strategy.ts"
import { StrategyRefused } from "./Strategy.ts"

/** Each group as one partition, and for each partition the place of its group. */
interface Grouping {
  readonly groups: PartitionSet
  readonly groupOf: Int32Array
}

const group = (set: PartitionSet, nameOf: (partition: Partition) => string): Result.Result<Grouping, Error> => {
  const names = set.partitions.map(nameOf)
  const weights = new Map<string, number>()
  names.forEach((name, i) => {
    weights.set(name, (weights.get(name) ?? 0) + (set.equalWeights ? 1 : (set.weights[i] ?? 0)))
  })
  const list = Partitions.normalise(Array.from(weights, ([name, weight]) => ({ keys: [name], weight })))
  if (Result.isFailure(list)) return Result.fail(list.failure)
  const groups = PartitionSets.of(list.success)
  const places = new Map(groups.partitions.map(({ keys }, g) => [keys[0], g]))
  return Result.succeed({ groups, groupOf: Int32Array.from(names, (name) => places.get(name) ?? -1) })
}

/** For each group the worker that has most of it; of several the first. */
const majority = (set: PartitionSet, { groups, groupOf }: Grouping, column: ArrayLike<number>): Int32Array => {
  const shares = Array.from({ length: groups.size }, () => new Map<number, number>())
  groupOf.forEach((g, i) => {
    const worker = column[i] ?? -1
    const share = shares[g]
    if (worker >= 0) share?.set(worker, (share.get(worker) ?? 0) + (set.equalWeights ? 1 : (set.weights[i] ?? 0)))
  })
  return Int32Array.from(shares, (share) => {
    let best = -1
    for (const [worker, load] of share) {
      const most = share.get(best) ?? -1
      if (load > most || (load === most && worker < best)) best = worker
    }
    return best
  })
}

const assignGroups = (strategy: AssignmentStrategy, input: StrategyInput, grouping: Grouping) => {
  const { partitions, previous, hints, previousStandby } = input
  const one = (column: ArrayLike<number>): Int32Array => majority(partitions, grouping, column)
  return Check.run(strategy, {
    ...input,
    partitions: grouping.groups,
    previous: one(previous),
    hints: one(hints),
    previousStandby: previousStandby === null ? null : one(previousStandby)
  })
}

/**
 * Keeps partitions of one group on one worker: each group is assigned as one partition, as heavy as all of it.
 *
 * **Gotchas** Limits on the number of partitions cannot be kept so and are refused.
 *
 * **Example** (All chambers of a tool on one worker)
 *
 * ```ts
 * import { Strategy } from "@parti/core"
 *
 * const strategy = Strategy.coLocate(Strategy.sticky(), ({ keys }) => keys[0] ?? "")
 * ```
 *
 * @category combinators
 * @since 0.1.0
 */
export const coLocate = (
  strategy: AssignmentStrategy,
  nameOf: (partition: Partition) => string
): AssignmentStrategy => {
  const name = `coLocate(${strategy.name})`
  const refuse = (rule: string, detail: string) => new StrategyRefused({ strategy: name, rule, detail })
  const assign = (input: StrategyInput): StrategyDraft | StrategyRefused => {
    const limited = input.workers.find(({ maxPartitions }) => maxPartitions !== null)
    if (limited !== undefined) return refuse("no worker may have maxPartitions", `worker ${limited.id} has`)
    const grouping = group(input.partitions, nameOf)
    if (Result.isFailure(grouping)) return refuse("group names must do as keys", grouping.failure.message)
    const plan = assignGroups(strategy, input, grouping.success)
    if (Result.isFailure(plan)) return Check.refusal(strategy, plan.failure)
    const { owner, standby, statistics } = plan.success
    const { groupOf } = grouping.success
    const spread = (column: Int32Array): Int32Array => groupOf.map((g) => column[g] ?? -1)
    const { deferred, roundsLeft } = statistics
    return { owner: spread(owner), standby: standby === null ? null : spread(standby), deferred, roundsLeft }
  }
  // The function that names the groups is no data, so there is no recipe either.
  const { recipe: _, ...bare } = strategy
  return { ...bare, name, assign }
}
