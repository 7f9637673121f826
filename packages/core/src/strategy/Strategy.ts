/**
 * What a strategy is given and what it answers.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import type { PartitionSet } from "../model/PartitionSet.ts"

/**
 * A worker, as strategies see it.
 *
 * @category models
 * @since 0.1.0
 */
export interface StrategyWorker {
  readonly id: string
  /** Its part of the load, relative to the others. 0 drains it: it gets nothing, and what it has goes to others. */
  readonly capacity: number
  /** The most partitions it may own; `null` for no limit. */
  readonly maxPartitions: number | null
  readonly zone: string | null
}

/**
 * All that a strategy may look at. Owners are indices into `workers`, or -1 for none, in columns that run in parallel to
 * the partitions.
 *
 * @category models
 * @since 0.1.0
 */
export interface StrategyInput {
  /** At least one; ordered by id (code units), no id twice. */
  readonly workers: ReadonlyArray<StrategyWorker>
  readonly partitions: PartitionSet
  /** Who owns each partition now; empty when nobody owns any. */
  readonly previous: ArrayLike<number>
  /** Where each partition would best go if it must move: its last owner before that one left. Empty when none is known. */
  readonly hints: ArrayLike<number>
  /** Who stands by for each partition now; `null` when nobody does. */
  readonly previousStandby: ArrayLike<number> | null
}

/**
 * A strategy's answer: an owner for each partition and, if it plans standbys, who takes over when the owner is lost (-1
 * where nobody can).
 *
 * `deferred` and `roundsLeft` say what a move budget put off: how much, and how many more rounds it will take.
 *
 * @category models
 * @since 0.1.0
 */
export interface StrategyDraft {
  readonly owner: ArrayLike<number>
  readonly standby?: ArrayLike<number> | null
  readonly deferred?: number
  readonly roundsLeft?: number
}

/**
 * What a plan costs and what it brings.
 *
 * **Details**
 *
 * Amounts are sums of weight; where all weights are equal, each partition counts 1. A move is *forced* when the partition
 * has no owner, or its owner may not keep it (drained, or above its hard cap), else *voluntary*.
 *
 * `lowerBound` is what any plan of this balance must move voluntarily. `maxOverFair` and `minOverFair` are the highest
 * and the lowest load, each over its worker's fair share, which is in proportion to capacity. A partition that is heavier
 * than a whole share is the fair share of the worker that has it, and no part of the others'.
 *
 * @category models
 * @since 0.1.0
 */
export interface PlanStatistics {
  readonly forced: number
  readonly forcedCount: number
  readonly voluntary: number
  readonly voluntaryCount: number
  readonly lowerBound: number
  readonly maxOverFair: number
  readonly minOverFair: number
  readonly deferred: number
  readonly roundsLeft: number
}

/**
 * A plan that was checked: each partition has one owner, who exists.
 *
 * @category models
 * @since 0.1.0
 */
export interface StrategyPlan {
  readonly owner: Int32Array
  readonly standby: Int32Array | null
  readonly statistics: PlanStatistics
}

/**
 * How a strategy was made, as plain data: enough to make it again elsewhere. `of` is the strategy that this one wraps.
 *
 * @category models
 * @since 0.1.0
 */
export interface StrategyRecipe {
  readonly name: string
  readonly options: Readonly<Record<string, unknown>>
  readonly of?: StrategyRecipe
}

/**
 * A way to assign partitions to workers.
 *
 * **Contract** `assign` is pure: the same input gives the same answer, in every process and in every round; it changes
 * nothing it was given. It need not check its input; its answer is checked before it is used.
 *
 * @category models
 * @since 0.1.0
 */
export interface AssignmentStrategy {
  readonly name: string
  /** Rises when the same input gives another plan, so that leaders of different releases can tell. */
  readonly algoVersion: number
  /** What to do when the hard caps together are too low: refuse (the default), or go beyond them. */
  readonly overflow?: "error" | "exceed"
  /** Not there: it cannot be made again from data alone. A wrapper must not pass on the one of what it wraps. */
  readonly recipe?: StrategyRecipe
  readonly assign: (input: StrategyInput) => StrategyDraft | StrategyRefused
}

/**
 * A strategy broke a rule, or refused. The group keeps the plan it has.
 *
 * @category errors
 * @since 0.1.0
 */
export class StrategyRefused extends Data.TaggedError("StrategyRefused")<{
  readonly strategy: string
  readonly rule: string
  readonly detail: string
}> {
  override get message(): string {
    return `strategy ${this.strategy} is refused: ${this.rule}; ${this.detail}`
  }
}

/**
 * There is nobody to assign to. A plan without owners would be an outage, so none is made.
 *
 * @category errors
 * @since 0.1.0
 */
export class NoWorkers extends Data.TaggedError("NoWorkers")<{ readonly partitions: number }> {
  override get message(): string {
    return `there is no worker to own ${this.partitions} partitions; wait until one has joined`
  }
}

/**
 * The workers may own fewer partitions than there are.
 *
 * @category errors
 * @since 0.1.0
 */
export class CapacityExceeded extends Data.TaggedError("CapacityExceeded")<{
  readonly partitions: number
  readonly capacity: number
}> {
  override get message(): string {
    return (
      `${this.partitions} partitions, but the workers may own ${this.capacity} together; ` +
      `add workers, raise maxPartitions, or choose overflow: "exceed"`
    )
  }
}

/**
 * A worker breaks a rule; the message names it, the field and the value.
 *
 * @category errors
 * @since 0.1.0
 */
export class WorkerInvalid extends Data.TaggedError("WorkerInvalid")<{
  readonly id: string
  readonly field: "capacity" | "maxPartitions" | "id"
  readonly rule: string
  readonly value: unknown
}> {
  override get message(): string {
    return `${this.field} ${String(this.value)} of worker ${this.id} is not usable: ${this.rule}`
  }
}

/**
 * Why there is no plan.
 *
 * @category errors
 * @since 0.1.0
 */
export type StrategyError = StrategyRefused | NoWorkers | CapacityExceeded | WorkerInvalid
