/**
 * Consistent hashing that minds weights.
 *
 * An index in range always has a value; `?? 0` only says so to the compiler.
 *
 * @since 0.1.0
 */
import { assert } from "../model/Assert.ts"
import { checkRing } from "./ConsistentHash.ts"
import * as FairShare from "./FairShare.ts"
import * as Recipe from "./Recipe.ts"
import * as Ring from "./Ring.ts"
import type { AssignmentStrategy, StrategyInput } from "./Strategy.ts"

/**
 * Choices for `weightedConsistentHash`; all are optional.
 *
 * @category models
 * @since 0.1.0
 */
export interface WeightedConsistentHashOptions {
  /** Points on the ring for each worker. Default 150. */
  readonly virtualNodes?: number
  /** Another seed is another ring. Default 0. */
  readonly seed?: number
  /** A worker takes no more once its load is this fraction above its fair share. Default 0.3. */
  readonly overload?: number
}

const assign = (input: StrategyInput, virtualNodes: number, seed: number, overload: number): Int32Array => {
  const { size, weights, totalWeight, equalWeights, heaviestFirst, hashes } = input.partitions
  const capacity = FairShare.capacities(input.workers)
  const perCapacity = (equalWeights ? size : totalWeight) / capacity.reduce((sum, one) => sum + one, 0)
  const bound = capacity.map((one) => (1 + overload) * perCapacity * one)
  const room = FairShare.limits(input.workers, size)
  const loads = new Float64Array(capacity.length)
  const hasRoom = (worker: number): boolean => (room[worker] ?? 0) >= 1
  const isOpen = (worker: number): boolean => hasRoom(worker) && (loads[worker] ?? 0) < (bound[worker] ?? 0)
  const ring = Ring.make(input.workers, virtualNodes, seed)
  const places = Ring.locate(ring, hashes)
  const within = Ring.walk(ring, isOpen)
  // Where limits on counts stand against even loads, those who have room go beyond the bound.
  const beyond = Ring.walk(ring, hasRoom)
  let open = input.workers.reduce((sum, _, worker) => sum + (isOpen(worker) ? 1 : 0), 0)
  const owner = new Int32Array(size)
  for (const i of heaviestFirst) {
    const worker = (open > 0 ? within : beyond).next(places[i] ?? 0)
    owner[i] = worker
    room[worker] = (room[worker] ?? 0) - 1
    loads[worker] = (loads[worker] ?? 0) + (equalWeights ? 1 : (weights[i] ?? 0))
    if (open > 0 && !isOpen(worker)) open -= 1
  }
  return owner
}

/**
 * The heaviest partitions first, each goes to the first worker at or after its hash on a ring of hashes whose load is
 * still below its bound.
 *
 * **Details** A load ends at most one partition above `1 + overload` times the fair share, unless limits on counts forbid
 * it. When a worker comes or goes, partitions between others may move too, since bounds shift.
 *
 * **Example**
 *
 * ```ts
 * import { Strategy } from "@parti/core"
 *
 * const plan = Strategy.assign(Strategy.weightedConsistentHash(), {
 *   workers: [{ id: "a" }, { id: "b" }],
 *   partitions: [{ keys: ["eu"] }, { keys: ["us"] }, { keys: ["asia"] }]
 * })
 * ```
 *
 * @category strategies
 * @since 0.1.0
 */
export const weightedConsistentHash = (options: WeightedConsistentHashOptions = {}): AssignmentStrategy => {
  const { virtualNodes = 150, seed = 0, overload = 0.3 } = options
  checkRing("weightedConsistentHash", virtualNodes, seed)
  assert(
    Number.isFinite(overload) && overload >= 0,
    `weightedConsistentHash: overload ${overload} must be finite and not negative`
  )
  return {
    name: "weightedConsistentHash",
    algoVersion: 1,
    ...Recipe.of("weightedConsistentHash", options),
    assign: (input) => ({ owner: assign(input, virtualNodes, seed, overload) })
  }
}
