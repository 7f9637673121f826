/**
 * Slow and obvious answers, to hold quick ones against.
 *
 * **Example** (Moves of a strategy of one's own, against the least there can be)
 *
 * ```ts
 * import { Strategy } from "@parti/core"
 * import * as StrategyArbitrary from "@parti/testkit/StrategyArbitrary"
 * import * as StrategyOracle from "@parti/testkit/StrategyOracle"
 * import { Result } from "effect"
 * import * as fc from "fast-check"
 * import { assert, it } from "vitest"
 *
 * // Your own in its place.
 * const strategy = Strategy.sticky()
 *
 * // Workers to the power of partitions are looked at: three and six make 729 plans.
 * const inputs = (weights: "equal" | "different") =>
 *   StrategyArbitrary.scene({ maxWorkers: 3, maxPartitions: 6, weights }).map((scene) =>
 *     Result.getOrThrow(Strategy.prepare(scene))
 *   )
 *
 * it("moves no more partitions than it must to be balanced", () => {
 *   const movesLeast = fc.property(inputs("equal"), (input) => {
 *     const { owner } = Result.getOrThrow(Strategy.run(strategy, input))
 *     const counts = StrategyOracle.counts(input, owner)
 *     assert.isAtMost(Math.max(...counts) - Math.min(...counts), 1)
 *     assert.lengthOf(StrategyOracle.moved(input, owner), StrategyOracle.leastMoves(input))
 *   })
 *   fc.assert(movesLeast)
 * })
 *
 * // Where weights differ there is no formula: so look at every plan.
 * it("loads the fullest worker at most twice as much as the best plan does", () => {
 *   const isNearBest = fc.property(inputs("different"), (input) => {
 *     const fullest = (owner: ArrayLike<number>) => Math.max(...StrategyOracle.loads(input, owner))
 *     const { owner } = Result.getOrThrow(Strategy.run(strategy, input))
 *     let best = Infinity
 *     for (const other of StrategyOracle.everyPlan(input)) best = Math.min(best, fullest(other))
 *     assert.isAtMost(fullest(owner), 2 * best)
 *   })
 *   fc.assert(isNearBest)
 * })
 *
 * // A rounding is no breach.
 * const grainOf = (load: ReadonlyArray<number>) => 1e-9 * load.reduce((sum, one) => sum + one, 0)
 *
 * it("gives nobody more than a fair share and one partition, but for partitions that are too heavy for that", () => {
 *   const isFair = fc.property(inputs("different"), (input) => {
 *     const { owner } = Result.getOrThrow(Strategy.run(strategy, input))
 *     const load = StrategyOracle.loadOf(input)
 *     const { giants, perCapacity } = StrategyOracle.fairLevel(input, 0.05)
 *     const heaviest = Math.max(0, ...load.filter((_, i) => !giants.includes(i)))
 *     StrategyOracle.loads(input, owner).forEach((carried, j) => {
 *       const hasGiant = giants.some((i) => owner[i] === j)
 *       if (!hasGiant) assert.isAtMost(carried, perCapacity * 1.05 + heaviest + grainOf(load))
 *     })
 *   })
 *   fc.assert(isFair)
 * })
 *
 * it("never ends further from its bounds than it began", () => {
 *   const isNearer = fc.property(inputs("different"), (input) => {
 *     const { owner } = Result.getOrThrow(Strategy.run(strategy, input))
 *     const violationOf = (plan: ArrayLike<number>) => StrategyOracle.violation(input, plan, 0.05)
 *     assert.isAtMost(violationOf(owner), violationOf(input.previous) + grainOf(StrategyOracle.loadOf(input)))
 *   })
 *   fc.assert(isNearer)
 * })
 * ```
 *
 * @since 0.1.0
 */
import type { StrategyInput } from "@parti/core/Strategy"

/** A column as a plain array of a known length. */
const listOf = (column: ArrayLike<number>, length: number): ReadonlyArray<number> =>
  Array.from({ length }, (_, i) => column[i] ?? -1)

const sum = (all: ReadonlyArray<number>): number => all.reduce((total, one) => total + one, 0)

/**
 * What each partition counts: its weight, or 1 where all weigh the same.
 *
 * @category getters
 * @since 0.1.0
 */
export const loadOf = ({ partitions }: StrategyInput): ReadonlyArray<number> =>
  Array.from(partitions.weights, (weight) => (partitions.equalWeights ? 1 : weight))

/**
 * The load of each worker.
 *
 * @category getters
 * @since 0.1.0
 */
export const loads = (input: StrategyInput, owner: ArrayLike<number>): ReadonlyArray<number> => {
  const load = loadOf(input)
  return input.workers.map((_, j) => sum(load.filter((_, i) => owner[i] === j)))
}

/**
 * How many partitions each worker has.
 *
 * @category getters
 * @since 0.1.0
 */
export const counts = (input: StrategyInput, owner: ArrayLike<number>): ReadonlyArray<number> => {
  const all = listOf(owner, input.partitions.size)
  return input.workers.map((_, j) => all.filter((one) => one === j).length)
}

/**
 * The indices of partitions that have an owner now and another one in the plan.
 *
 * @category getters
 * @since 0.1.0
 */
export const moved = (input: StrategyInput, owner: ArrayLike<number>): ReadonlyArray<number> =>
  listOf(input.previous, input.partitions.size).flatMap((before, i) => (before >= 0 && before !== owner[i] ? [i] : []))

/**
 * The least number of partitions with an owner that must move so that counts of alike workers differ by one at most.
 *
 * @category oracles
 * @since 0.1.0
 */
export const leastMoves = (input: StrategyInput): number => {
  const { size } = input.partitions
  const kept = counts(input, input.previous)
  const least = Math.floor(size / kept.length)
  const most = Math.ceil(size / kept.length)
  const above = sum(kept.map((count) => Math.max(0, count - most)))
  const below = sum(kept.map((count) => Math.max(0, least - count)))
  return Math.max(above, below - (size - sum(kept)), 0)
}

/**
 * Every plan there is: workers to the power of partitions. For the smallest of inputs.
 *
 * @category oracles
 * @since 0.1.0
 */
export const everyPlan = function* (input: StrategyInput): Generator<ReadonlyArray<number>> {
  const { size } = input.partitions
  const base = input.workers.length
  for (let code = 0; code < base ** size; code++) {
    yield Array.from({ length: size }, (_, i) => Math.floor(code / base ** i) % base)
  }
}

/** Capacities as they count: all 0 is all alike. */
const capacitiesOf = ({ workers }: StrategyInput): ReadonlyArray<number> =>
  workers.every(({ capacity }) => capacity === 0) ? workers.map(() => 1) : workers.map(({ capacity }) => capacity)

/**
 * The load that each unit of capacity should carry, and the partitions too heavy to be part of that: as long as the
 * heaviest is heavier than the share of the largest worker and the tolerance, both are left out.
 *
 * @category oracles
 * @since 0.1.0
 */
export const fairLevel = (input: StrategyInput, tolerance: number) => {
  const load = loadOf(input)
  const order = load.map((_, i) => i).sort((a, b) => (load[b] ?? 0) - (load[a] ?? 0) || a - b)
  const largest = capacitiesOf(input).toSorted((a, b) => b - a)
  let giants = 0
  for (;;) {
    const perCapacity = sum(order.slice(giants).map((i) => load[i] ?? 0)) / sum(largest.slice(giants))
    const heaviest = load[order[giants] ?? -1] ?? 0
    const isLast = (largest[giants + 1] ?? 0) === 0
    if (isLast || heaviest <= (1 + tolerance) * perCapacity * (largest[giants] ?? 0)) {
      return { perCapacity, giants: order.slice(0, giants), largest }
    }
    giants += 1
  }
}

/**
 * How far loads are outside `1 ± tolerance` times their fair share, in total. Who has a giant should have nothing else.
 *
 * @category oracles
 * @since 0.1.0
 */
export const violation = (input: StrategyInput, owner: ArrayLike<number>, tolerance: number): number => {
  const load = loadOf(input)
  const capacity = capacitiesOf(input)
  const { perCapacity, giants, largest } = fairLevel(input, tolerance)
  return sum(
    loads(input, owner).map((carried, j) => {
      const rank = giants.findIndex((i) => owner[i] === j)
      const share = perCapacity * (capacity[j] ?? 0)
      if (rank < 0) return Math.max(0, carried - share * (1 + tolerance), share * (1 - tolerance) - carried)
      const fits = Math.min(1, ((1 + tolerance) * (capacity[j] ?? 0)) / (largest[rank] ?? 1))
      return Math.max(0, carried - fits * (load[giants[rank] ?? 0] ?? 0))
    })
  )
}
