/**
 * What a law of strategies is made of.
 *
 * @since 0.1.0
 */
import type { AssignInput, AssignmentStrategy, NamedPlan, StrategyInput, StrategyPlan } from "@parti/core/Strategy"
import { assign, prepare, run } from "@parti/core/Strategy"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import * as Arbitrary from "../StrategyArbitrary.ts"

/**
 * What a strategy promises, so that it can be held to it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Claims {
  /** How far loads may be from their fair shares when all weigh the same. Default 0: counts differ by one at most. */
  readonly tolerance: number
  /** The same when weights differ. Default 0.05. */
  readonly weightTolerance: number
  /** The most partitions that one plan moves voluntarily. */
  readonly maxMoves: number
  /** What `goldenPlans` gave when the strategy's `algoVersion` was last raised; `null` when nobody wrote it down. */
  readonly golden: string | null
}

/**
 * A law: a sentence, and the property that says it of a strategy.
 *
 * @category models
 * @since 0.1.0
 */
export interface Law {
  readonly number: number
  readonly title: string
  readonly of: (strategy: AssignmentStrategy, claims: Claims) => fc.IRawProperty<unknown, false>
}

/**
 * Scenes with everything that a strategy must bear: capacities, homes, zones, all kinds of weights.
 *
 * @category arbitraries
 * @since 0.1.0
 */
export const anyScene = Arbitrary.scene({ capacities: true, hints: true, zones: true })

/**
 * A law that holds, or not, for one scene.
 *
 * @category constructors
 * @since 0.1.0
 */
export const sceneLaw = (
  number: number,
  title: string,
  scene: fc.Arbitrary<AssignInput>,
  holds: (strategy: AssignmentStrategy, scene: AssignInput) => void
): Law => ({
  number,
  title,
  of: (strategy) => fc.property(scene, (one) => holds(strategy, one))
})

/**
 * Fails the law with a sentence.
 *
 * @category assertions
 * @since 0.1.0
 */
export function expect(condition: boolean, sentence: () => string): asserts condition {
  if (!condition) throw new Error(sentence())
}

/**
 * Values as they are best read in a failure.
 *
 * @category showing
 * @since 0.1.0
 */
export const show = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) => {
    if (part instanceof Map) return Array.from(part)
    if (ArrayBuffer.isView(part)) return Array.from(part as Int32Array)
    return typeof part === "number" && !Number.isFinite(part) ? String(part) : part
  })

/**
 * Fails unless both say the same.
 *
 * @category assertions
 * @since 0.1.0
 */
export const expectEqual = (actual: unknown, expected: unknown, what: string): void =>
  expect(show(actual) === show(expected), () => `${what}: ${show(actual)} instead of ${show(expected)}`)

const orFail = <A>(result: Result.Result<A, { readonly message: string }>): A => {
  expect(Result.isSuccess(result), () => (Result.isFailure(result) ? result.failure.message : ""))
  return result.success
}

/**
 * The columns of a scene.
 *
 * @category running
 * @since 0.1.0
 */
export const columns = (scene: AssignInput): StrategyInput => orFail(prepare(scene))

/**
 * The strategy's plan for columns; a refusal fails the law.
 *
 * @category running
 * @since 0.1.0
 */
export const planFor = (strategy: AssignmentStrategy, input: StrategyInput): StrategyPlan =>
  orFail(run(strategy, input))

/**
 * The strategy's plan for a scene; a refusal fails the law.
 *
 * @category running
 * @since 0.1.0
 */
export const namedPlanFor = (strategy: AssignmentStrategy, scene: AssignInput): NamedPlan =>
  orFail(assign(strategy, scene))

/**
 * The same columns after a plan: what it gave is what everybody has.
 *
 * @category running
 * @since 0.1.0
 */
export const after = (input: StrategyInput, plan: StrategyPlan): StrategyInput => ({
  ...input,
  previous: plan.owner,
  previousStandby: plan.standby
})

/**
 * The same partitions with other workers. Whoever is gone owns nothing.
 *
 * @category running
 * @since 0.1.0
 */
export const among = (input: StrategyInput, workers: StrategyInput["workers"]): StrategyInput => {
  const places = input.workers.map(({ id }) => workers.findIndex((worker) => worker.id === id))
  const moved = (column: ArrayLike<number>): ReadonlyArray<number> =>
    Array.from({ length: input.partitions.size }, (_, i) => places[column[i] ?? -1] ?? -1)
  const { previous, hints, previousStandby } = input
  return {
    ...input,
    workers,
    previous: moved(previous),
    hints: moved(hints),
    previousStandby: previousStandby === null ? null : moved(previousStandby)
  }
}
