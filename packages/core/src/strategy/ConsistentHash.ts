/**
 * Consistent hashing: where a partition goes depends on nothing but who is there.
 *
 * An index in range always has a value; `?? 0` only says so to the compiler.
 *
 * @since 0.1.0
 */
import { assert } from "../model/Assert.ts"
import * as FairShare from "./FairShare.ts"
import * as Recipe from "./Recipe.ts"
import * as Ring from "./Ring.ts"
import type { AssignmentStrategy, StrategyInput } from "./Strategy.ts"

/**
 * Choices for `consistentHash`; all are optional.
 *
 * @category models
 * @since 0.1.0
 */
export interface ConsistentHashOptions {
  /** Points on the ring for each worker. More are smoother and slower. Default 150. */
  readonly virtualNodes?: number
  /** Another seed is another ring. Default 0. */
  readonly seed?: number
  /** How far above its fair share a worker may be loaded, as a fraction of it; `null` (the default) for no bound. */
  readonly boundedLoad?: number | null
}

/**
 * Dies on choices that make no ring.
 *
 * @category assertions
 * @since 0.1.0
 */
export const checkRing = (name: string, virtualNodes: number, seed: number): void => {
  assert(
    Number.isSafeInteger(virtualNodes) && virtualNodes >= 1,
    `${name}: virtualNodes ${virtualNodes} must be a whole number of at least 1`
  )
  assert(Number.isSafeInteger(seed), `${name}: seed ${seed} must be a whole number`)
}

const boundsOf = (input: StrategyInput, boundedLoad: number | null): Float64Array => {
  const limits = FairShare.limits(input.workers, input.partitions.size)
  if (boundedLoad === null) return limits
  const share = FairShare.divide(input.partitions.size, FairShare.capacities(input.workers), limits)
  return limits.map((limit, j) => Math.min(limit, Math.ceil((share[j] ?? 0) * (1 + boundedLoad))))
}

const assign = (input: StrategyInput, virtualNodes: number, seed: number, boundedLoad: number | null): Int32Array => {
  const ring = Ring.make(input.workers, virtualNodes, seed)
  const room = boundsOf(input, boundedLoad)
  const { next } = Ring.walk(ring, (worker) => (room[worker] ?? 0) >= 1)
  const places = Ring.locate(ring, input.partitions.hashes)
  const owner = new Int32Array(places.length)
  for (let i = 0; i < owner.length; i++) {
    const worker = next(places[i] ?? 0)
    room[worker] = (room[worker] ?? 0) - 1
    owner[i] = worker
  }
  return owner
}

/**
 * Each partition goes to the first worker at or after its hash on a ring of hashes. Weights are ignored.
 *
 * **Details**
 *
 * When a worker joins, partitions move to it alone; when one leaves, only its partitions move. The price is balance: the
 * fullest worker is well above the mean, the more so the fewer partitions each has. With `boundedLoad` a worker that has
 * reached its bound is passed over, which bounds the load and moves somewhat more.
 *
 * **Example** (No worker above 1.15 times the mean)
 *
 * ```ts
 * import { Strategy } from "@parti/core"
 *
 * const plan = Strategy.assign(Strategy.consistentHash({ boundedLoad: 0.15 }), {
 *   workers: [{ id: "a" }, { id: "b" }],
 *   partitions: [{ keys: ["eu"] }, { keys: ["us"] }, { keys: ["asia"] }]
 * })
 * ```
 *
 * @category strategies
 * @since 0.1.0
 */
export const consistentHash = (options: ConsistentHashOptions = {}): AssignmentStrategy => {
  const { virtualNodes = 150, seed = 0, boundedLoad = null } = options
  checkRing("consistentHash", virtualNodes, seed)
  assert(
    boundedLoad === null || (Number.isFinite(boundedLoad) && boundedLoad >= 0),
    `consistentHash: boundedLoad ${boundedLoad} must be finite and not negative, or null`
  )
  return {
    name: "consistentHash",
    algoVersion: 1,
    ...Recipe.of("consistentHash", options),
    assign: (input) => ({ owner: assign(input, virtualNodes, seed, boundedLoad) })
  }
}
