/**
 * Recomputes a logged decision, without a group and without a store.
 *
 * @since 0.1.0
 */
import * as Result from "effect/Result"
import * as Hash from "../model/Hash.ts"
import type { PartitionId } from "../model/Partition.ts"
import * as PartitionSet from "../model/PartitionSet.ts"
import { nobody } from "../model/Plan.ts"
import * as Check from "../strategy/Check.ts"
import { fromRecipe } from "../strategy/Cookbook.ts"
import type { AssignmentStrategy, StrategyInput } from "../strategy/Strategy.ts"
import type { Decision, Evidence, Logged } from "./Decision.ts"
import * as EvidenceText from "./Evidence.ts"

/**
 * Where the two differ: for some partitions, to whom the decision gave them, and to whom the recomputation does.
 *
 * @category models
 * @since 0.1.0
 */
export interface Difference {
  readonly partition: PartitionId
  readonly logged: string | null
  readonly recomputed: string | null
}

/**
 * What came of it.
 *
 * - `Agrees`: the same text of the same answer, byte for byte; `outcome` is its digest.
 * - `Differs`: `count` partitions go elsewhere, the first of which are told; or, with 0, only standbys or costs differ.
 * - `Unreplayable`: it cannot be told, and why.
 *
 * @category models
 * @since 0.1.0
 */
export type Replayed =
  | { readonly _tag: "Agrees"; readonly outcome: string }
  | { readonly _tag: "Differs"; readonly count: number; readonly differences: ReadonlyArray<Difference> }
  | { readonly _tag: "Unreplayable"; readonly why: string }

/** So many differences are told one by one. */
const maxDifferences = 20

/**
 * Recomputes a decision. A strategy that was made from a function has to be handed in.
 *
 * **Details**
 *
 * The evidence is checked against its digest first; then the strategy is made anew from its recipe, and asked the same. What is compared is the text
 * of the whole answer, costs included.
 *
 * **Example**
 *
 * ```ts
 * import { Decision } from "@parti/core"
 * import { Effect } from "effect"
 *
 * const program = Effect.gen(function* () {
 *   const { decisions } = yield* Decision.read
 *   return decisions.map((logged) => Decision.replay(logged))
 * })
 * ```
 *
 * @category running
 * @since 0.1.0
 */
export const run = (logged: Logged, strategy?: AssignmentStrategy): Replayed =>
  Result.match(recompute(logged, strategy), {
    onFailure: (why): Replayed => ({ _tag: "Unreplayable", why }),
    onSuccess: (replayed) => replayed
  })

const recompute = (logged: Logged, given: AssignmentStrategy | undefined): Result.Result<Replayed, string> =>
  Result.gen(function* () {
    const { decision, evidence } = logged
    if (evidence === null) return yield* Result.fail(logged.missing)
    const { partitions } = evidence
    if (partitions === null)
      return yield* Result.fail("its list of partitions was too large, and is no longer in the store")
    if (Hash.digest(EvidenceText.inputsText(decision.strategy, evidence)) !== decision.inputs) {
      return yield* Result.fail("its evidence is not what was decided upon: the digests differ")
    }
    const strategy = yield* strategyOf(decision, given)
    const question = EvidenceText.questionOf(evidence, partitions)
    const answer = question === null ? nothing(evidence) : yield* ask(strategy, question)
    const recomputed = { ...evidence, target: answer.target, standby: answer.standby }
    const text = EvidenceText.outcomeText(recomputed, EvidenceText.costOf(question, recomputed, answer.isDeferred))
    const isSame = text === EvidenceText.outcomeText(evidence, decision.cost) && Hash.digest(text) === decision.outcome
    if (isSame) return { _tag: "Agrees", outcome: decision.outcome }
    return compare(evidence, PartitionSet.of(partitions), answer.target)
  })

const strategyOf = (
  { strategy: { algoVersion, name, recipe } }: Decision,
  given: AssignmentStrategy | undefined
): Result.Result<AssignmentStrategy, string> => {
  const cooked = (): Result.Result<AssignmentStrategy, string> =>
    recipe === null
      ? Result.fail(`strategy ${name} was made from a function; hand it in to replay what it decided`)
      : fromRecipe(recipe)
  const found = given === undefined ? cooked() : Result.succeed(given)
  return Result.flatMap(found, (strategy) =>
    strategy.name === name && strategy.algoVersion === algoVersion
      ? Result.succeed(strategy)
      : Result.fail(
          `it was decided by ${name}, version ${algoVersion}; here is ${strategy.name}, version ${strategy.algoVersion}`
        )
  )
}

interface Answer {
  readonly target: ReadonlyArray<number>
  readonly standby: ReadonlyArray<number> | null
  readonly isDeferred: boolean
}

const ask = (strategy: AssignmentStrategy, question: StrategyInput): Result.Result<Answer, string> =>
  Result.match(Check.run(strategy, question), {
    onFailure: ({ message }) => Result.fail(`the strategy refuses it now: ${message}`),
    onSuccess: ({ owner, standby, statistics }) =>
      Result.succeed({
        target: Array.from(owner),
        standby: standby === null ? null : Array.from(standby),
        isDeferred: statistics.roundsLeft > 0
      })
  })

/** Nobody was there: everything was taken back. */
const nothing = ({ from }: Evidence): Answer => ({ target: from.map(() => nobody), standby: null, isDeferred: false })

const compare = (
  { target, workers }: Evidence,
  { ids }: PartitionSet.PartitionSet,
  recomputed: ReadonlyArray<number>
): Replayed => {
  const nameOf = (index: number | undefined) => workers[index ?? nobody]?.id ?? null
  const differences = ids.flatMap((partition, i) =>
    target[i] === recomputed[i] ? [] : [{ partition, logged: nameOf(target[i]), recomputed: nameOf(recomputed[i]) }]
  )
  return { _tag: "Differs", count: differences.length, differences: differences.slice(0, maxDifferences) }
}
