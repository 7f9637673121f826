/**
 * Strategies made from a function.
 *
 * @since 0.1.0
 */
import type { PartitionId } from "../model/Partition.ts"
import * as FairShare from "./FairShare.ts"
import type { AssignmentStrategy, StrategyDraft, StrategyInput } from "./Strategy.ts"
import { StrategyRefused } from "./Strategy.ts"

/**
 * What a simple strategy is given: ids in canonical order.
 *
 * @category models
 * @since 0.1.0
 */
export interface SimpleInput {
  /** Who may own something; drained workers are left out. */
  readonly workers: ReadonlyArray<string>
  readonly partitions: ReadonlyArray<{ readonly id: PartitionId; readonly weight: number }>
  /** Who owns what now. */
  readonly previous: ReadonlyMap<PartitionId, string>
}

/**
 * What a simple strategy answers: for each worker the ids of its partitions. Workers without partitions may be left out.
 *
 * @category models
 * @since 0.1.0
 */
export type SimpleAnswer = ReadonlyMap<string, Iterable<string>> | { readonly [worker: string]: Iterable<string> }

const simplify = ({ workers, partitions, previous }: StrategyInput): SimpleInput => {
  const owners = new Map<PartitionId, string>()
  partitions.ids.forEach((id, i) => {
    const owner = workers[previous[i] ?? -1]
    if (owner !== undefined) owners.set(id, owner.id)
  })
  const capacity = FairShare.capacities(workers)
  return {
    workers: workers.filter((_, j) => (capacity[j] ?? 0) > 0).map(({ id }) => id),
    partitions: partitions.ids.map((id, i) => ({ id, weight: partitions.weights[i] ?? 0 })),
    previous: owners
  }
}

const entriesOf = (answer: SimpleAnswer): Iterable<readonly [string, Iterable<string>]> =>
  answer instanceof Map ? answer : Object.entries(answer)

const draftOf = (strategy: string, input: StrategyInput, answer: SimpleAnswer): StrategyDraft | StrategyRefused => {
  const { partitions, workers } = input
  const refuse = (rule: string, detail: string) => new StrategyRefused({ strategy, rule, detail })
  const places = new Map(workers.map(({ id }, j) => [id, j]))
  const owner = new Int32Array(partitions.size).fill(-1)
  for (const [worker, ids] of entriesOf(answer)) {
    const j = places.get(worker)
    for (const id of ids) {
      if (j === undefined) return refuse("it must know its workers", `partition ${id} got ${worker}, who is not here`)
      const i = partitions.indexOf(id)
      if (i < 0) return refuse("it must know its partitions", `worker ${worker} got ${id}, which does not exist`)
      const other = workers[owner[i] ?? -1]
      if (other !== undefined) return refuse("no partition may be owned twice", `${id} got ${other.id} and ${worker}`)
      owner[i] = j
    }
  }
  const lost = partitions.ids[owner.indexOf(-1)]
  return lost === undefined ? { owner } : refuse("no partition may be lost", `nobody got ${lost}`)
}

/**
 * Makes a strategy from a function from ids to ids. What it answers is checked: every partition once, known workers only.
 *
 * **Example** (The first worker does everything)
 *
 * ```ts
 * import { Strategy } from "@parti/core"
 *
 * const first = Strategy.fromFunction("first", ({ workers: [first, ...others], partitions }) => ({
 *   ...Object.fromEntries(others.map((worker) => [worker, []])),
 *   [first ?? ""]: partitions.map(({ id }) => id)
 * }))
 * ```
 *
 * **Gotchas** The function must be pure. An order that depends on anything but ids (a clock, a random number, who arrived
 * first) makes two leaders disagree, and partitions move for nothing.
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromFunction = (name: string, assign: (input: SimpleInput) => SimpleAnswer): AssignmentStrategy => ({
  name,
  algoVersion: 1,
  assign: (input) => draftOf(name, input, assign(simplify(input)))
})

/**
 * Makes a strategy from a function on columns: an index into `workers` for each partition. Fast, and nothing is named.
 *
 * **Example** (Whoever comes first keeps everything)
 *
 * ```ts
 * import { Strategy } from "@parti/core"
 *
 * const greedy = Strategy.fromColumns("greedy", ({ partitions, previous }) =>
 *   Int32Array.from(partitions.ids, (_, place) => Math.max(0, previous[place] ?? 0))
 * )
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromColumns = (name: string, assign: (input: StrategyInput) => ArrayLike<number>): AssignmentStrategy => ({
  name,
  algoVersion: 1,
  assign: (input) => ({ owner: assign(input) })
})
