/**
 * The default strategy: everybody keeps what they have, and only what balance needs is moved.
 *
 * @since 0.1.0
 */
import { assert } from "../model/Assert.ts"
import type { Partition } from "../model/Partition.ts"
import type { Wishes, ZoneAffinity } from "./Affinity.ts"
import { wishes } from "./Affinity.ts"
import type { Budget } from "./Board.ts"
import type { Tolerance } from "./CountPlan.ts"
import * as CountPlan from "./CountPlan.ts"
import * as MoveLimits from "./MoveLimits.ts"
import * as Recipe from "./Recipe.ts"
import * as Standby from "./Standby.ts"
import * as Standing from "./Standing.ts"
import * as Statistics from "./Statistics.ts"
import type { AssignmentStrategy, StrategyDraft, StrategyInput } from "./Strategy.ts"
import * as WeightPlan from "./WeightPlan.ts"

/**
 * Choices for `sticky`; all are optional.
 *
 * @category models
 * @since 0.1.0
 */
export interface StickyOptions extends MoveLimits.MoveLimits {
  /** One number serves both sides. Default: 0 when all weights are equal, 0.05 otherwise. */
  readonly tolerance?: number | Tolerance
  /** When the workers' limits are too low together: refuse (the default), or exceed them by as little as will do. */
  readonly overflow?: "error" | "exceed"
  /** Plan a standby for each partition, in another zone where there is one. Default: no. */
  readonly standby?: boolean
  /** A pure function. It costs no move: it steers what moves anyway. */
  readonly affinity?: (partition: Partition) => ZoneAffinity | null
}

const toleranceOf = (options: StickyOptions, otherwise: number): Tolerance => {
  const { tolerance = otherwise } = options
  return typeof tolerance === "number" ? { up: tolerance, down: tolerance } : tolerance
}

const wishesOf = (input: StrategyInput, { affinity }: StickyOptions): Wishes | null =>
  affinity === undefined ? null : wishes(input, affinity)

interface StickyDraft extends StrategyDraft {
  readonly owner: Int32Array
}

const assignCounts = (input: StrategyInput, options: StickyOptions): StickyDraft => {
  const budget = MoveLimits.countOf(options, input.partitions.size)
  const standing = Standing.make(input)
  const { owner, deferred } = CountPlan.make(standing, toleranceOf(options, 0), budget, wishesOf(input, options))
  return { owner, deferred, roundsLeft: MoveLimits.roundsFor(deferred, budget) }
}

const unlimited: Budget = { load: Infinity, count: Infinity }

const assignWeights = (input: StrategyInput, options: StickyOptions): StickyDraft => {
  const { maxMoveFraction = 1, maxMoves = Infinity } = options
  const load = maxMoveFraction === 1 ? Infinity : maxMoveFraction * input.partitions.totalWeight
  const assign = (from: StrategyInput, budget: Budget): Int32Array =>
    WeightPlan.make(from, Standing.make(from), toleranceOf(options, 0.05), budget, wishesOf(from, options))
  const owner = assign(input, { load, count: maxMoves })
  if (load === Infinity && maxMoves === Infinity) return { owner }
  // An exchange needs two moves at once. Where the budget does not admit what is left to do, it never will.
  const isStuck = load > 0 && maxMoves > 0 && Statistics.measure(input, owner).voluntaryCount === 0
  if (isStuck) return { owner }
  // What is put off is what would move from here if there were no budget.
  const next = { ...input, previous: owner }
  const { voluntary, voluntaryCount } = Statistics.measure(next, assign(next, unlimited))
  const rounds = Math.max(MoveLimits.roundsFor(voluntary, load), MoveLimits.roundsFor(voluntaryCount, maxMoves))
  return { owner, deferred: voluntary, roundsLeft: rounds }
}

const assign = (input: StrategyInput, options: StickyOptions): StrategyDraft => {
  const draft = input.partitions.equalWeights ? assignCounts(input, options) : assignWeights(input, options)
  return options.standby === true ? { ...draft, standby: Standby.make(input, draft.owner) } : draft
}

const checkOptions = (options: StickyOptions): void => {
  MoveLimits.check("sticky", options)
  const { up, down } = toleranceOf(options, 0)
  for (const one of [up, down]) {
    assert(Number.isFinite(one) && one >= 0, `sticky: tolerance ${one} must be finite and not negative`)
  }
}

/**
 * Moves as little as balance allows: the default.
 *
 * **Details**
 *
 * When all weights are equal the result is exact: counts in proportion to capacity, never more than one apart for equal
 * workers, and of all plans with that balance one with the fewest moves. It takes time O(P + N log P) for P partitions and
 * N workers.
 *
 * When weights differ, loads come within 5 % of their fair shares where whole partitions allow it, and what moves is close
 * to the least possible. A partition heavier than a whole share gets a worker of its own.
 *
 * A plan that is within tolerance stays as it is. A worker that comes back gets what it had, if it is hinted at. What has
 * lost its owner goes to its standby, as far as balance allows.
 *
 * **Gotchas** Only upper *and* lower tolerance keep a newcomer from getting nothing. Wishes and homes are never a reason to
 * move.
 *
 * **Example**
 *
 * ```ts
 * import { Strategy } from "@parti/core"
 *
 * const strategy = Strategy.sticky({ tolerance: 0.1, maxMoveFraction: 0.05, standby: true })
 * ```
 *
 * @category strategies
 * @since 0.1.0
 */
export const sticky = (options: StickyOptions = {}): AssignmentStrategy => {
  checkOptions(options)
  return {
    name: "sticky",
    algoVersion: 1,
    ...Recipe.of("sticky", options),
    overflow: options.overflow ?? "error",
    assign: (input) => assign(input, options)
  }
}
