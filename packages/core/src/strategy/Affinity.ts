/**
 * Partitions that would rather be in one zone than in another.
 *
 * @since 0.1.0
 */
import type { Partition } from "../model/Partition.ts"
import type { StrategyInput } from "./Strategy.ts"

/**
 * Where a partition would rather be, or rather not.
 *
 * @category models
 * @since 0.1.0
 */
export interface ZoneAffinity {
  readonly kind: "prefer" | "avoid"
  readonly zone: string
}

/**
 * The wishes of all partitions, by index: whether one has a wish, and whether a worker suits it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Wishes {
  readonly has: (partition: number) => boolean
  readonly suits: (partition: number, worker: number) => boolean
}

/**
 * Asks each partition once.
 *
 * @category constructors
 * @since 0.1.0
 */
export const wishes = (
  { workers, partitions }: StrategyInput,
  affinity: (partition: Partition) => ZoneAffinity | null
): Wishes => {
  const all = partitions.partitions.map(affinity)
  return {
    has: (partition) => (all[partition] ?? null) !== null,
    suits: (partition, worker) => {
      const wish = all[partition] ?? null
      return wish === null || (workers[worker]?.zone === wish.zone) === (wish.kind === "prefer")
    }
  }
}
