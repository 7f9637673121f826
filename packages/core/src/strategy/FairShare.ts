/**
 * What each worker would carry if load could be divided at will.
 *
 * An index in range always has a value; `?? 0` only says so to the compiler.
 *
 * @since 0.1.0
 */
import type { PartitionSet } from "../model/PartitionSet.ts"
import type { StrategyWorker } from "./Strategy.ts"

/**
 * Capacities as they count, in parts of the largest: 0 for a drained worker. If all are 0 they count alike, since somebody
 * must own the partitions.
 *
 * @category getters
 * @since 0.1.0
 */
export const capacities = (workers: ReadonlyArray<StrategyWorker>): Float64Array => {
  const column = new Float64Array(workers.length)
  const largest = workers.reduce((max, worker) => Math.max(max, worker.capacity), 0)
  // Dividing keeps sums finite whatever unit capacities are given in.
  workers.forEach((worker, j) => {
    column[j] = largest > 0 ? worker.capacity / largest : 1
  })
  return column
}

const limitsOf = (workers: ReadonlyArray<StrategyWorker>, capacity: Float64Array): Float64Array => {
  const column = new Float64Array(workers.length)
  workers.forEach((worker, j) => {
    column[j] = capacity[j] === 0 ? 0 : (worker.maxPartitions ?? Infinity)
  })
  return column
}

const sum = (column: Float64Array): number => column.reduce((total, one) => total + one, 0)

/**
 * How many partitions the workers may own together.
 *
 * @category getters
 * @since 0.1.0
 */
export const roomFor = (workers: ReadonlyArray<StrategyWorker>): number => sum(limitsOf(workers, capacities(workers)))

/**
 * The most partitions each worker may own: 0 for a drained one. If the limits are too low together, they are raised for
 * everybody by as much as is needed, in proportion to capacity.
 *
 * @category getters
 * @since 0.1.0
 */
export const limits = (
  workers: ReadonlyArray<StrategyWorker>,
  count: number,
  capacity: Float64Array = capacities(workers)
): Float64Array => {
  const given = limitsOf(workers, capacity)
  const missing = count - sum(given)
  if (missing <= 0) return given
  const all = sum(capacity)
  return given.map((limit, j) => limit + Math.ceil((missing * (capacity[j] ?? 0)) / all))
}

/**
 * Divides `amount` in proportion to capacity, without giving anybody more than its limit: what one cannot take is divided
 * among the others.
 *
 * @category constructors
 * @since 0.1.0
 */
export const divide = (amount: number, capacity: Float64Array, limit: Float64Array): Float64Array => {
  const shares = new Float64Array(capacity.length)
  const full = new Uint8Array(capacity.length)
  for (;;) {
    let left = amount
    let open = 0
    for (let j = 0; j < shares.length; j++) {
      if (full[j] === 1) left -= shares[j] ?? 0
      else open += capacity[j] ?? 0
    }
    let changed = false
    for (let j = 0; j < shares.length; j++) {
      if (full[j] === 1) continue
      const share = open === 0 ? 0 : (left * (capacity[j] ?? 0)) / open
      const most = limit[j] ?? 0
      shares[j] = Math.min(share, most)
      if (share <= most) continue
      full[j] = 1
      changed = true
    }
    if (!changed) return shares
  }
}

/**
 * The fair share of each unit of capacity, and how many partitions are too heavy to be part of it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Level {
  /** So many of the heaviest partitions fill a worker each. */
  readonly giants: number
  /** The load of the others over the capacity of the other workers. */
  readonly perCapacity: number
}

/**
 * Takes out the giants: as long as the heaviest partition left is heavier than `1 + slack` times what the largest worker
 * left would get, both leave the reckoning. Otherwise one heavy partition would raise the mean so far that a newcomer
 * seems to deserve nothing.
 *
 * @category constructors
 * @since 0.1.0
 */
export const level = (set: PartitionSet, capacity: Float64Array, slack: number): Level => {
  const { weights, heaviestFirst, restWeights } = set
  const largest = capacity.slice().sort().reverse()
  const rooms = new Float64Array(largest.length + 1)
  for (let k = largest.length - 1; k >= 0; k--) rooms[k] = (rooms[k + 1] ?? 0) + (largest[k] ?? 0)
  const perCapacity = (k: number): number => (restWeights[k] ?? 0) / (rooms[k] ?? 0)
  let giants = 0
  while (giants < set.size && (rooms[giants + 1] ?? 0) > 0) {
    const weight = weights[heaviestFirst[giants] ?? 0] ?? 0
    if (weight <= (1 + slack) * perCapacity(giants) * (largest[giants] ?? 0)) break
    giants += 1
  }
  return { giants, perCapacity: perCapacity(giants) }
}
