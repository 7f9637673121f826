/**
 * Fixed inputs whose plans are written down, so that a change of plans cannot go unnoticed.
 *
 * @since 0.1.0
 */
import { Partition } from "@parti/core/Protocol"
import type { AssignInput, AssignmentStrategy, WorkerInput } from "@parti/core/Strategy"
import * as fc from "fast-check"
import type { Law } from "./Rule.ts"
import { columns, expectEqual, planFor } from "./Rule.ts"

/** How an input is made. Plain arithmetic, which no release of any library changes. */
interface Recipe {
  readonly workers: number
  readonly partitions: number
  readonly weight?: (i: number) => number
  readonly worker?: (j: number) => Omit<WorkerInput, "id">
  /** The place of the owner before, or anything else for nobody. */
  readonly owner?: (i: number) => number
  readonly home?: (i: number) => number
}

const skewed = (i: number): number => 1 / (1 + ((i * 37) % 41))
const fewHuge = (i: number): number => (i % 17 === 0 ? 50 : 1)
const zoned = (j: number) => ({ zone: ["a", "b", "c"][j % 3] ?? "a" })

const recipes: ReadonlyArray<Recipe> = [
  { workers: 1, partitions: 5 },
  { workers: 3, partitions: 0 },
  { workers: 5, partitions: 3 },
  { workers: 3, partitions: 40 },
  { workers: 7, partitions: 100 },
  { workers: 4, partitions: 40, owner: (i) => i % 3 },
  { workers: 9, partitions: 100, owner: (i) => i % 10 },
  { workers: 20, partitions: 120, owner: (i) => i % 10 },
  { workers: 6, partitions: 60, owner: () => 0 },
  { workers: 6, partitions: 61, owner: (i) => (i % 2 === 0 ? i % 7 : -1) },
  { workers: 5, partitions: 50, owner: (i) => i % 4, home: (i) => (i % 5 === 0 ? 4 : -1) },
  { workers: 4, partitions: 50, worker: (j) => ({ capacity: [1, 2, 4, 0][j] ?? 1 }), owner: (i) => i % 5 },
  { workers: 4, partitions: 30, worker: (j) => ({ maxPartitions: 5 + 2 * j }), owner: (i) => i % 3 },
  { workers: 6, partitions: 48, worker: zoned, owner: (i) => i % 6 },
  { workers: 4, partitions: 60, weight: skewed },
  { workers: 5, partitions: 60, weight: skewed, owner: (i) => i % 4 },
  { workers: 8, partitions: 80, weight: fewHuge, owner: (i) => i % 9 },
  { workers: 4, partitions: 40, weight: (i) => 1 + (i % 5), owner: () => 2 },
  { workers: 3, partitions: 30, weight: (i) => i % 3, worker: (j) => ({ capacity: 1 + j }), owner: (i) => i % 3 },
  { workers: 5, partitions: 40, weight: (i) => 2 ** (i % 12), home: (i) => i % 5, owner: (i) => (i % 3 === 0 ? 0 : -1) }
]

const sceneOf = ({ workers, partitions, weight, worker, owner, home }: Recipe): AssignInput => {
  const all = Array.from({ length: partitions }, (_, i) => ({ keys: [`tool-${i}`], weight: weight?.(i) ?? 1 }))
  const some = Array.from({ length: workers }, (_, j) => ({ id: `worker-${j}`, ...worker?.(j) }))
  const pairs = (placeOf: (i: number) => number) =>
    all.map((partition, i) => [Partition.id(partition), `worker-${placeOf(i)}`] as const)
  return {
    workers: some,
    partitions: all,
    previous: owner === undefined ? [] : pairs(owner),
    hints: home === undefined ? [] : pairs(home)
  }
}

/** Runs of equal entries as `entry*times`. */
const runs = (column: Int32Array | null): string => {
  const parts: Array<string> = []
  let start = 0
  for (let i = 1; column !== null && i <= column.length; i++) {
    if (column[i] === column[start]) continue
    parts.push(i - start === 1 ? `${column[start]}` : `${column[start]}*${i - start}`)
    start = i
  }
  return parts.join(" ")
}

/**
 * The strategy's plans for twenty fixed inputs, one a line: places of owners in canonical order, and of standbys if there
 * are any. Write it to a file that is compared in a test; when it changes, raise `algoVersion`.
 *
 * **Example** (Keep the plans of a release)
 *
 * ```ts
 * import { Strategy } from "@parti/core"
 * import { goldenPlans, strategyLaws } from "@parti/testkit/StrategyLaws"
 *
 * const golden = goldenPlans(Strategy.sticky())
 * strategyLaws(Strategy.sticky(), { which: [30], golden })
 * ```
 *
 * @category laws
 * @since 0.1.0
 */
export const goldenPlans = (strategy: AssignmentStrategy): string => {
  const lines = recipes.map((recipe, i) => {
    const { owner, standby } = planFor(strategy, columns(sceneOf(recipe)))
    return [`${i + 1}: ${runs(owner)}`, ...(standby === null ? [] : [`standby ${runs(standby)}`])].join("; ").trimEnd()
  })
  return `${strategy.name}, version ${strategy.algoVersion}\n${lines.join("\n")}\n`
}

/**
 * Law 30.
 *
 * @category laws
 * @since 0.1.0
 */
export const golden: Law = {
  number: 30,
  title: "plans for fixed inputs are those written down, so that leaders of different releases agree",
  of: (strategy, claims) =>
    fc.property(fc.constant(goldenPlans(strategy)), (plans) => expectEqual(plans, claims.golden ?? plans, "the plans"))
}
