/**
 * Which strategy a dry run asks.
 *
 * @since 0.1.0
 */
import type { Decision } from "@parti/core/Decision"
import * as Strategy from "@parti/core/Strategy"
import * as Result from "effect/Result"

/**
 * A strategy, the number of the decision that it was read from, and why it may be another than the group's.
 *
 * @category models
 * @since 0.1.0
 */
export interface SupposedStrategy {
  readonly strategy: Strategy.AssignmentStrategy
  readonly decision: number | null
  readonly caveat: string | null
}

/**
 * The strategies that can be asked for by name.
 *
 * @category constants
 * @since 0.1.0
 */
export const names = ["sticky", "rendezvous", "consistentHash", "weightedConsistentHash", "roundRobin"] as const

/**
 * The name of such a strategy.
 *
 * @category models
 * @since 0.1.0
 */
export type StrategyName = (typeof names)[number]

const strategies: Readonly<Record<StrategyName, () => Strategy.AssignmentStrategy>> = {
  sticky: () => Strategy.sticky(),
  rendezvous: () => Strategy.rendezvous(),
  consistentHash: () => Strategy.consistentHash(),
  weightedConsistentHash: () => Strategy.weightedConsistentHash(),
  roundRobin: () => Strategy.roundRobin()
}

/**
 * One that was asked for, with its usual options.
 *
 * @category constructors
 * @since 0.1.0
 */
export const named = (name: StrategyName): SupposedStrategy => ({
  strategy: strategies[name](),
  decision: null,
  caveat: null
})

/**
 * The one of the group's newest decision, with the options that it had; `sticky` where nobody can tell.
 *
 * @category constructors
 * @since 0.1.0
 */
export const ofNewest = (newest: Pick<Decision, "number" | "strategy"> | null): SupposedStrategy => {
  if (newest === null) return usual("the log has no decision yet that would tell the group's strategy")
  const { name, recipe } = newest.strategy
  if (recipe === null) return usual(`decision ${newest.number} was made by ${name}, which was made from a function`)
  return Result.match(Strategy.fromRecipe(recipe), {
    onFailure: (why) => usual(`${name}, which made decision ${newest.number}, cannot be made again: ${why}`),
    onSuccess: (strategy) => ({ strategy, decision: newest.number, caveat: null })
  })
}

const usual = (caveat: string): SupposedStrategy => ({ strategy: Strategy.sticky(), decision: null, caveat })
