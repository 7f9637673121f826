/**
 * Rendezvous hashing: each partition asks all workers and goes to the one that bids highest.
 *
 * An index in range always has a value; `?? 0` only says so to the compiler.
 *
 * @since 0.1.0
 */
import { assert } from "../model/Assert.ts"
import * as Hash from "../model/Hash.ts"
import * as FairShare from "./FairShare.ts"
import * as Recipe from "./Recipe.ts"
import type { AssignmentStrategy, StrategyInput } from "./Strategy.ts"
import { StrategyRefused } from "./Strategy.ts"

/**
 * Choices for `rendezvous`; all are optional.
 *
 * @category models
 * @since 0.1.0
 */
export interface RendezvousOptions {
  /** Another seed is another placement. Default 0. */
  readonly seed?: number
  /** More bids than this, partitions times workers, are refused, since they take seconds. Default 1e8. */
  readonly maxBids?: number
}

/** Alike workers: the highest hash wins. */
const highest = (hash: number, salts: Uint32Array, room: Float64Array): number => {
  let best = -1
  let most = -1
  for (let j = 0; j < salts.length; j++) {
    const bid = Hash.mix(hash ^ (salts[j] ?? 0))
    if (bid > most && (room[j] ?? 0) >= 1) {
      most = bid
      best = j
    }
  }
  return best
}

/** Of draws u from (0, 1), log(u) / capacity is highest in proportion to capacity. */
const highestFor = (hash: number, salts: Uint32Array, room: Float64Array, capacity: Float64Array): number => {
  let best = -1
  let most = -Infinity
  for (let j = 0; j < salts.length; j++) {
    if ((room[j] ?? 0) < 1) continue
    const bid = Math.log((Hash.mix(hash ^ (salts[j] ?? 0)) + 0.5) / 2 ** 32) / (capacity[j] ?? 1)
    if (bid > most) {
      most = bid
      best = j
    }
  }
  return best
}

const assign = (input: StrategyInput, seed: number): Int32Array => {
  const { size, hashes } = input.partitions
  const capacity = FairShare.capacities(input.workers)
  const room = FairShare.limits(input.workers, size, capacity)
  const areAlike = capacity.every((one) => one === 1 || one === 0)
  const salts = Uint32Array.from(input.workers, ({ id }) => Hash.murmur3(id, seed))
  const owner = new Int32Array(size)
  for (let i = 0; i < size; i++) {
    const hash = hashes[i] ?? 0
    const best = areAlike ? highest(hash, salts, room) : highestFor(hash, salts, room, capacity)
    owner[i] = best
    room[best] = (room[best] ?? 0) - 1
  }
  return owner
}

/**
 * Each partition goes to the worker with the highest hash of both, in proportion to capacity. Weights are ignored.
 *
 * **Details**
 *
 * When a worker joins, partitions move to it alone; when one leaves, only its partitions move. Balance is better than on a
 * ring, but still that of chance. Anybody who knows the workers can tell where a partition is, without any history. Who
 * has reached its limit is passed over.
 *
 * **Gotchas** It takes time in proportion to partitions times workers. Where capacities differ, two engines whose `Math.log`
 * differs in the last bit may disagree.
 *
 * **Example**
 *
 * ```ts
 * import { Strategy } from "@parti/core"
 *
 * const plan = Strategy.assign(Strategy.rendezvous(), {
 *   workers: [{ id: "a" }, { id: "b" }],
 *   partitions: [{ keys: ["eu"] }, { keys: ["us"] }, { keys: ["asia"] }]
 * })
 * ```
 *
 * @category strategies
 * @since 0.1.0
 */
export const rendezvous = (options: RendezvousOptions = {}): AssignmentStrategy => {
  const { seed = 0, maxBids = 1e8 } = options
  assert(Number.isSafeInteger(seed), `rendezvous: seed ${seed} must be a whole number`)
  const name = "rendezvous"
  return {
    name,
    algoVersion: 1,
    ...Recipe.of(name, options),
    assign: (input) => {
      const bids = input.partitions.size * input.workers.length
      const detail = `${bids} bids; choose another strategy, or raise maxBids`
      return bids > maxBids
        ? new StrategyRefused({ strategy: name, rule: `there may be at most ${maxBids} bids`, detail })
        : { owner: assign(input, seed) }
    }
  }
}
