/**
 * What a strategy was asked and what it answered, in the one way of writing that two computations can be compared by.
 *
 * @since 0.1.0
 */
import * as PartitionSet from "../model/PartitionSet.ts"
import { nobody } from "../model/Plan.ts"
import * as RunLength from "../model/RunLength.ts"
import * as Statistics from "../strategy/Statistics.ts"
import type { StrategyInput } from "../strategy/Strategy.ts"
import type { Cost, Evidence, StrategyName } from "./Decision.ts"

/**
 * The question that a strategy was asked, as far as the evidence is whole; `null` where there was nobody to assign to, and hence no
 * question.
 *
 * @category conversions
 * @since 0.1.0
 */
export const questionOf = (
  evidence: Evidence,
  partitions: NonNullable<Evidence["partitions"]>
): StrategyInput | null => {
  const { from, hints, previousStandby, workers } = evidence
  if (workers.length === 0) return null
  const previous = from.map((index) => (index < workers.length ? index : nobody))
  return { workers, partitions: PartitionSet.of(partitions), previous, hints, previousStandby }
}

/**
 * What a target costs. Without a question everything is taken back, which is as little as can be.
 *
 * @category getters
 * @since 0.1.0
 */
export const costOf = (question: StrategyInput | null, evidence: Evidence, isDeferred: boolean): Cost => {
  if (question === null) {
    const moved = evidence.from.filter((index) => index !== nobody).length
    return { moved, minimum: moved, maxOverFair: 0, minOverFair: 0, isDeferred }
  }
  const measured = Statistics.measure(question, Int32Array.from(evidence.target))
  const { forced, lowerBound, maxOverFair, minOverFair, voluntary } = measured
  return { moved: forced + voluntary, minimum: forced + lowerBound, maxOverFair, minOverFair, isDeferred }
}

/**
 * The whole of what was asked, and of whom, as one text.
 *
 * @category encoding
 * @since 0.1.0
 */
export const inputsText = ({ algoVersion, name, recipe }: StrategyName, evidence: Evidence): string =>
  JSON.stringify([
    [name, algoVersion, recipe],
    evidence.workers.map(({ capacity, id, maxPartitions, zone }) => [id, capacity, maxPartitions, zone]),
    evidence.former,
    evidence.fingerprint,
    RunLength.encode(evidence.from),
    RunLength.encode(evidence.hints),
    evidence.previousStandby === null ? null : RunLength.encode(evidence.previousStandby)
  ])

/**
 * What was answered, and what it costs, as one text.
 *
 * @category encoding
 * @since 0.1.0
 */
export const outcomeText = ({ standby, target }: Pick<Evidence, "standby" | "target">, cost: Cost): string =>
  JSON.stringify([
    RunLength.encode(target),
    standby === null ? null : RunLength.encode(standby),
    [cost.moved, cost.minimum, cost.maxOverFair, cost.minOverFair, cost.isDeferred]
  ])
