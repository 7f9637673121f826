/**
 * What a plan costs, against what it must cost.
 *
 * An index in range always has a value; `?? 0` only says so to the compiler.
 *
 * @since 0.1.0
 */
import * as FairShare from "./FairShare.ts"
import type { PlanStatistics, StrategyInput } from "./Strategy.ts"

/** Loads before and after, and what moved between. */
interface Tally {
  readonly kept: Float64Array
  readonly loads: Float64Array
  readonly forced: number
  readonly forcedCount: number
  readonly voluntary: number
  readonly voluntaryCount: number
}

/** Shares of what is not a giant; and the heaviest giant each worker has before and after. */
interface Fair {
  readonly shares: Float64Array
  readonly giantBefore: Float64Array
  readonly giantAfter: Float64Array
}

// Sums of floats in different orders differ by about this much, relatively.
const grain = 1e-9

/** How many partitions each worker has beyond its limit; `null` when nobody has. */
const excessOf = (input: StrategyInput): Float64Array | null => {
  const { workers, partitions, previous } = input
  if (workers.every(({ capacity, maxPartitions }) => capacity > 0 && maxPartitions === null)) return null
  const excess = FairShare.limits(workers, partitions.size).map((limit) => -limit)
  for (let i = 0; i < partitions.size; i++) {
    const before = previous[i] ?? -1
    if (before >= 0) excess[before] = (excess[before] ?? 0) + 1
  }
  return excess.some((one) => one > 0) ? excess : null
}

const tally = (input: StrategyInput, owner: Int32Array): Tally => {
  const { previous } = input
  const { size, weights, equalWeights } = input.partitions
  const excess = excessOf(input)
  const kept = new Float64Array(input.workers.length)
  const loads = new Float64Array(input.workers.length)
  let forced = 0
  let forcedCount = 0
  let voluntary = 0
  let voluntaryCount = 0
  for (let i = 0; i < size; i++) {
    const before = previous[i] ?? -1
    const after = owner[i] ?? -1
    const load = equalWeights ? 1 : (weights[i] ?? 0)
    loads[after] = (loads[after] ?? 0) + load
    const mustLeave = excess !== null && before >= 0 && before !== after && (excess[before] ?? 0) > 0
    if (mustLeave) excess[before] = (excess[before] ?? 0) - 1
    if (before < 0 || mustLeave) {
      forced += load
      forcedCount += 1
      continue
    }
    kept[before] = (kept[before] ?? 0) + load
    if (before === after) continue
    voluntary += load
    voluntaryCount += 1
  }
  return { kept, loads, forced, forcedCount, voluntary, voluntaryCount }
}

const fairOf = (input: StrategyInput, owner: Int32Array): Fair => {
  const { size, weights, equalWeights } = input.partitions
  const capacity = FairShare.capacities(input.workers)
  const giantBefore = new Float64Array(capacity.length)
  const giantAfter = new Float64Array(capacity.length)
  if (equalWeights) {
    const limits = FairShare.limits(input.workers, size)
    return { shares: FairShare.divide(size, capacity, limits), giantBefore, giantAfter }
  }
  const { heaviestFirst } = input.partitions
  const { giants, perCapacity } = FairShare.level(input.partitions, capacity, 0)
  // The lightest first, so that the heaviest has the last word.
  for (let k = giants - 1; k >= 0; k--) {
    const i = heaviestFirst[k] ?? 0
    const before = input.previous[i] ?? -1
    if (before >= 0) giantBefore[before] = weights[i] ?? 0
    giantAfter[owner[i] ?? 0] = weights[i] ?? 0
  }
  return { shares: capacity.map((one) => one * perCapacity), giantBefore, giantAfter }
}

const balance = (loads: Float64Array, fair: Fair): { readonly max: number; readonly min: number } => {
  let max = 0
  let min = Infinity
  for (let j = 0; j < loads.length; j++) {
    const share = Math.max(fair.shares[j] ?? 0, fair.giantAfter[j] ?? 0)
    if (share === 0) continue
    max = Math.max(max, (loads[j] ?? 0) / share)
    min = Math.min(min, (loads[j] ?? 0) / share)
  }
  return min === Infinity ? { max: 1, min: 1 } : { max, min }
}

/**
 * What any plan must move that loads nobody more than `max` times its share and everybody at least `min` times: what is
 * above must leave; what is missing below must come, as far as nothing that moves anyway fills it.
 */
const leastVoluntary = (input: StrategyInput, tally: Tally, fair: Fair, max: number, min: number): number => {
  const whole = input.partitions.equalWeights
  let above = 0
  let below = 0
  for (let j = 0; j < fair.shares.length; j++) {
    const share = fair.shares[j] ?? 0
    const most = max * Math.max(share, fair.giantBefore[j] ?? 0)
    const least = min * share
    const load = tally.kept[j] ?? 0
    above += Math.max(0, load - (whole ? Math.floor(most + grain) : most))
    below += Math.max(0, (whole ? Math.ceil(least - grain) : least) - load)
  }
  // Both sides are sums of floats, and the bound is never above what was moved but for rounding.
  return Math.max(0, Math.min(tally.voluntary, Math.max(above, below - tally.forced)))
}

/**
 * Measures a plan against the owners before it.
 *
 * @category getters
 * @since 0.1.0
 */
export const measure = (
  input: StrategyInput,
  owner: Int32Array,
  budget: { readonly deferred: number; readonly roundsLeft: number } = { deferred: 0, roundsLeft: 0 }
): PlanStatistics => {
  const counted = tally(input, owner)
  const fair = fairOf(input, owner)
  const { max, min } = balance(counted.loads, fair)
  return {
    forced: counted.forced,
    forcedCount: counted.forcedCount,
    voluntary: counted.voluntary,
    voluntaryCount: counted.voluntaryCount,
    lowerBound: leastVoluntary(input, counted, fair, max, min),
    maxOverFair: max,
    minOverFair: min,
    deferred: budget.deferred,
    roundsLeft: budget.roundsLeft
  }
}
