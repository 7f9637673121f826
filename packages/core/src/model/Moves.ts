/**
 * What a rebalance moved, against what it had to.
 *
 * @since 0.1.0
 */
import * as PartitionSet from "./PartitionSet.ts"
import type { Plan } from "./Plan.ts"
import type { WorkerId } from "./WorkerId.ts"

/**
 * How many partitions changed from one worker to another, and how few would have done.
 *
 * @category models
 * @since 0.1.0
 */
export interface Moves {
  readonly moved: number
  readonly minimum: number
}

/**
 * Compares what two plans aim at. A partition that is new, or had no owner, does not move; neither does one whose worker
 * came back under its old id.
 *
 * **Details**
 *
 * `minimum` is the least number of moves that leads from the first plan to workers with as many partitions each as in the
 * second, whichever worker has which number: what nobody can undercut who wants the same balance. It counts partitions;
 * a strategy that balances weights may need more moves than it says, and never fewer.
 *
 * @category constructors
 * @since 0.1.0
 */
export const between = (previous: Plan, next: Plan): Moves => {
  const pairs = pairsOf(previous, next)
  const has = tally(aims(next))
  const had = tally(pairs.map(({ before }) => before))
  const remaining = new Set([...has.keys(), ...next.workers.flatMap(({ id, member }) => (member ? [id] : []))])
  const hadAndRemain = new Map([...had].filter(([worker]) => remaining.has(worker)))
  return {
    moved: pairs.filter(({ after, before }) => before !== after).length,
    minimum: pairs.length - mostKept(descending(hadAndRemain), descending(has))
  }
}

interface Pair {
  readonly before: WorkerId
  readonly after: WorkerId
}

/** The workers of each partition that both plans give to some worker. */
const pairsOf = (previous: Plan, next: Plan): ReadonlyArray<Pair> => {
  const [from, to] = [aims(previous), aims(next)]
  const { indexOf } = PartitionSet.of(next.list.partitions)
  return PartitionSet.of(previous.list.partitions).ids.flatMap((partition, i) => {
    const before = from[i] ?? null
    const after = to[indexOf(partition)] ?? null
    return before === null || after === null ? [] : [{ before, after }]
  })
}

/** Which worker each partition is meant for. */
const aims = ({ next, workers }: Plan): ReadonlyArray<WorkerId | null> =>
  next.map((index) => workers[index]?.id ?? null)

const tally = (aimed: ReadonlyArray<WorkerId | null>): ReadonlyMap<WorkerId, number> => {
  const counts = new Map<WorkerId, number>()
  for (const worker of aimed) if (worker !== null) counts.set(worker, (counts.get(worker) ?? 0) + 1)
  return counts
}

const descending = (counts: ReadonlyMap<WorkerId, number>): ReadonlyArray<number> =>
  [...counts.values()].sort((a, b) => b - a)

/** Whoever had most may keep most: no other pairing of the two keeps more. */
const mostKept = (had: ReadonlyArray<number>, has: ReadonlyArray<number>): number =>
  had.reduce((kept, count, i) => kept + Math.min(count, has[i] ?? 0), 0)
