/**
 * What strategies move and how they balance, over scenarios that everybody meets.
 *
 * **Example** (What a change of a strategy does to groups like ours)
 *
 * ```ts
 * import { Strategy } from "@parti/core"
 * import * as StrategyReport from "@parti/testkit/StrategyReport"
 *
 * // We scale from ten to twelve and back; these come beside the steps of all reports.
 * const ours: ReadonlyArray<StrategyReport.Step> = [[10, 12], [12, 10]]
 *
 * // No two of our partitions weigh the same.
 * const weights = StrategyReport.weightLaws.filter((law) => law !== "equal")
 * const options: StrategyReport.ReportOptions = {
 *   partitions: 2000,
 *   steps: [...StrategyReport.standardSteps, ...ours],
 *   weights
 * }
 *
 * const rows = StrategyReport.strategyReport([Strategy.sticky(), alphabetical], options)
 * console.log(StrategyReport.format(rows))
 *
 * // What moved beyond what any plan as well balanced must move.
 * const waste = ({ least, moved }: StrategyReport.ReportRow): number => moved - least
 * const worst = rows.toSorted((one, other) => waste(other) - waste(one))[0]
 * ```
 *
 * **Example** (A scenario of one's own: machines of two sizes, through a day)
 *
 * ```ts
 * import { Strategy } from "@parti/core"
 * import * as StrategyReport from "@parti/testkit/StrategyReport"
 * import { Result } from "effect"
 *
 * const movedThroughDay = (law: StrategyReport.WeightLaw, workersByHour: ReadonlyArray<number>): number => {
 *   let input = StrategyReport.firstInput(StrategyReport.partitionsOf(law, 1000), 10)
 *   let moved = 0
 *   for (const count of workersByHour) {
 *     const { owner } = Result.getOrThrow(Strategy.run(alphabetical, input))
 *     // Every other machine is twice as large.
 *     const workers = StrategyReport.workersOf(count).map((worker, j) => ({ ...worker, capacity: 1 + (j % 2) }))
 *     input = { ...StrategyReport.nextInput(input, owner, count), workers }
 *     moved += Result.getOrThrow(Strategy.run(alphabetical, input)).statistics.voluntaryCount
 *   }
 *   return moved
 * }
 * const moved = StrategyReport.weightLaws.map((law) => `${law}: ${movedThroughDay(law, [12, 20, 20, 12, 10])}`)
 * ```
 *
 * @since 0.1.0
 */
import { Partition, PartitionSet } from "@parti/core/Protocol"
import type { AssignmentStrategy, PlanStatistics, StrategyInput } from "@parti/core/Strategy"
import { normaliseWorkers, run } from "@parti/core/Strategy"
import * as Result from "effect/Result"

/**
 * How weights are distributed.
 *
 * - `equal`: all weigh 1.
 * - `log-normal`: sigma 1; the heaviest of ten thousand weighs about 40 times the median.
 * - `zipf`: the n-th heaviest weighs `n ** -0.6`.
 * - `few huge`: one in two hundred weighs 100 times the others.
 *
 * @category models
 * @since 0.1.0
 */
export type WeightLaw = "equal" | "log-normal" | "zipf" | "few huge"

/**
 * All of them.
 *
 * @category models
 * @since 0.1.0
 */
export const weightLaws: ReadonlyArray<WeightLaw> = ["equal", "log-normal", "zipf", "few huge"]

/**
 * From how many workers to how many.
 *
 * @category models
 * @since 0.1.0
 */
export type Step = readonly [from: number, to: number]

/**
 * The steps of the standard report.
 *
 * @category models
 * @since 0.1.0
 */
export const standardSteps: ReadonlyArray<Step> = [
  [3, 4],
  [10, 9],
  [10, 11],
  [10, 20],
  [50, 51],
  [200, 201],
  [200, 199]
]

/**
 * Which scenarios. All is optional.
 *
 * @category models
 * @since 0.1.0
 */
export interface ReportOptions {
  /** Default 10,000. */
  readonly partitions?: number
  readonly weights?: ReadonlyArray<WeightLaw>
  readonly steps?: ReadonlyArray<Step>
}

/**
 * One strategy in one scenario. Fractions are of the whole load.
 *
 * @category models
 * @since 0.1.0
 */
export interface ReportRow {
  readonly strategy: string
  readonly weights: WeightLaw
  readonly step: Step
  /** All that moved, and what any plan as well balanced as this one must move. */
  readonly moved: number
  readonly least: number
  /** What a plan with exact balance must move. */
  readonly exact: number
  readonly maxOverFair: number
  readonly minOverFair: number
}

/** Numbers in (0, 1) that look random and are always the same. */
const drawer = (): (() => number) => {
  let state = 0x2545f491
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0
    const bits = Math.imul(state ^ (state >>> 13), 0x297a2d39)
    return (((bits ^ (bits >>> 16)) >>> 0) + 0.5) / 2 ** 32
  }
}

const weightsOf = (law: WeightLaw, count: number): ReadonlyArray<number> => {
  const draw = drawer()
  const normal = () => Math.sqrt(-2 * Math.log(draw())) * Math.cos(2 * Math.PI * draw())
  const of: Record<WeightLaw, (i: number) => number> = {
    equal: () => 1,
    "log-normal": () => Math.exp(normal()),
    zipf: (i) => (i + 1) ** -0.6,
    "few huge": (i) => (i % 200 === 0 ? 100 : 1)
  }
  return Array.from({ length: count }, (_, i) => of[law](i))
}

/**
 * As many partitions as asked for, chambers of tools, with weights of this kind; always the same ones.
 *
 * @category constructors
 * @since 0.1.0
 */
export const partitionsOf = (law: WeightLaw, count: number): PartitionSet.PartitionSet =>
  PartitionSet.of(
    Result.getOrThrow(
      Partition.normalise(
        weightsOf(law, count).map((weight, i) => ({ keys: [`tool${Math.floor(i / 8)}`, `chamber${i % 8}`], weight }))
      )
    )
  )

/**
 * As many alike workers as asked for: `worker-0000` and so on.
 *
 * @category constructors
 * @since 0.1.0
 */
export const workersOf = (count: number): StrategyInput["workers"] =>
  Result.getOrThrow(
    normaliseWorkers(Array.from({ length: count }, (_, j) => ({ id: `worker-${String(j).padStart(4, "0")}` })))
  )

/**
 * A scene without a past.
 *
 * @category constructors
 * @since 0.1.0
 */
export const firstInput = (partitions: PartitionSet.PartitionSet, workers: number): StrategyInput => ({
  workers: workersOf(workers),
  partitions,
  previous: [],
  hints: [],
  previousStandby: null
})

/**
 * The scene in which a plan is in force and the last workers have left, or others joined after them.
 *
 * @category constructors
 * @since 0.1.0
 */
export const nextInput = (input: StrategyInput, owner: Int32Array, workers: number): StrategyInput => ({
  ...input,
  workers: workersOf(workers),
  previous: owner.map((j) => (j < workers ? j : -1))
})

const measured = (strategy: AssignmentStrategy, first: StrategyInput, [, to]: Step): PlanStatistics => {
  const before = Result.getOrThrow(run(strategy, first))
  return Result.getOrThrow(run(strategy, nextInput(first, before.owner, to))).statistics
}

const rowOf = (
  strategy: AssignmentStrategy,
  weights: WeightLaw,
  step: Step,
  set: PartitionSet.PartitionSet
): ReportRow => {
  const [from, to] = step
  const statistics = measured(strategy, firstInput(set, from), step)
  const total = set.equalWeights ? set.size : set.totalWeight
  return {
    strategy: strategy.name,
    weights,
    step,
    moved: (statistics.forced + statistics.voluntary) / total,
    least: (statistics.forced + statistics.lowerBound) / total,
    exact: Math.abs(to - from) / Math.max(from, to),
    maxOverFair: statistics.maxOverFair,
    minOverFair: statistics.minOverFair
  }
}

/**
 * Tries strategies in the standard scenarios: workers join or leave, with partitions of all kinds of weights. Nothing is
 * drawn at random: the same strategies give the same report.
 *
 * @category running
 * @since 0.1.0
 */
export const strategyReport = (
  strategies: ReadonlyArray<AssignmentStrategy>,
  options: ReportOptions = {}
): ReadonlyArray<ReportRow> => {
  const { partitions = 10_000, weights = weightLaws, steps = standardSteps } = options
  return weights.flatMap((law) => {
    const set = partitionsOf(law, partitions)
    return steps.flatMap((step) => strategies.map((strategy) => rowOf(strategy, law, step, set)))
  })
}

const percent = (fraction: number): string => `${(100 * fraction).toFixed(2)} %`

const cells = ({ strategy, weights, step, moved, least, exact, maxOverFair, minOverFair }: ReportRow) => [
  weights,
  `${step[0]} → ${step[1]}`,
  strategy,
  percent(moved),
  percent(least),
  percent(exact),
  maxOverFair.toFixed(3),
  minOverFair.toFixed(3)
]

const head = ["weights", "workers", "strategy", "moved", "least so", "least exact", "max/fair", "min/fair"]

/**
 * The report as a Markdown table. `least so` is what any plan as well balanced must move, `least exact` what exact balance
 * would take.
 *
 * @category showing
 * @since 0.1.0
 */
export const format = (rows: ReadonlyArray<ReportRow>): string => {
  const lines = [head, ...rows.map(cells)]
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)))
  const render = (line: ReadonlyArray<string>): string =>
    `| ${line.map((cell, column) => (column < 3 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join(" | ")} |`
  const rule = `| ${widths.map((width, column) => (column < 3 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`)).join(" | ")} |`
  const [first = [], ...rest] = lines
  return [render(first), rule, ...rest.map(render)].join("\n")
}
