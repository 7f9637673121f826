/**
 * Workers on a ring of hashes.
 *
 * An index in range always has a value; `?? 0` only says so to the compiler.
 *
 * @since 0.1.0
 */
import * as Hash from "../model/Hash.ts"
import * as Radix from "../model/Radix.ts"
import * as FairShare from "./FairShare.ts"
import type { StrategyWorker } from "./Strategy.ts"

/**
 * Points in ascending order, and the worker that each belongs to.
 *
 * @category models
 * @since 0.1.0
 */
export interface Ring {
  readonly points: Uint32Array
  readonly workers: Uint32Array
}

const pick = (column: Uint32Array, order: Uint32Array): Uint32Array => {
  const picked = new Uint32Array(order.length)
  for (let place = 0; place < order.length; place++) picked[place] = column[order[place] ?? 0] ?? 0
  return picked
}

/**
 * Puts each worker on the ring at `virtualNodes` points on average, in proportion to capacity; a drained one at none.
 *
 * **Details** Where a worker's points are depends on its id and the seed alone. Workers that share a point (there are only
 * 2^32) have it in the order of their ids.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (workers: ReadonlyArray<StrategyWorker>, virtualNodes: number, seed: number): Ring => {
  const capacity = FairShare.capacities(workers)
  const used = capacity.filter((one) => one > 0)
  const mean = used.reduce((sum, one) => sum + one, 0) / used.length
  const counts = Array.from(capacity, (one) => (one > 0 ? Math.max(1, Math.round((virtualNodes * one) / mean)) : 0))
  const size = counts.reduce((sum, count) => sum + count, 0)
  const hashes = new Uint32Array(size)
  const owners = new Uint32Array(size)
  let at = 0
  workers.forEach(({ id }, j) => {
    // Two hashes, so that two workers have all points in common only once in 2^64.
    const start = Hash.murmur3(id, seed)
    const step = Hash.murmur3(id, ~seed) | 1
    for (let node = 0; node < (counts[j] ?? 0); node++) {
      hashes[at] = Hash.mix((start + Math.imul(node, step)) | 0)
      owners[at] = j
      at += 1
    }
  })
  const order = Radix.order(hashes)
  return { points: pick(hashes, order), workers: pick(owners, order) }
}

/**
 * For each hash, the place of the first point at or after it, around the ring. The hashes must ascend.
 *
 * @category getters
 * @since 0.1.0
 */
export const locate = (ring: Ring, hashes: Uint32Array): Uint32Array => {
  const places = new Uint32Array(hashes.length)
  let place = 0
  for (let i = 0; i < hashes.length; i++) {
    while (place < ring.points.length && (ring.points[place] ?? 0) < (hashes[i] ?? 0)) place++
    places[i] = place === ring.points.length ? 0 : place
  }
  return places
}

/**
 * Finds the next point whose worker is still open, from any place on, as workers close one after the other.
 *
 * @category models
 * @since 0.1.0
 */
export interface Walk {
  readonly next: (place: number) => number
}

/**
 * A walk round the ring. `isOpen` may turn from true to false for a worker, never back; somebody is always open.
 *
 * @category constructors
 * @since 0.1.0
 */
export const walk = (ring: Ring, isOpen: (worker: number) => boolean): Walk => {
  // Each place points to one further on that may be open. Paths are halved as they are walked, so that closed stretches
  // are crossed once and not once for each partition.
  const onward = Radix.ascending(ring.points.length)
  const next = (start: number): number => {
    let place = start
    for (;;) {
      const to = onward[place] ?? 0
      if (to === place) {
        const worker = ring.workers[place] ?? 0
        if (isOpen(worker)) return worker
        onward[place] = (place + 1) % onward.length
      } else {
        onward[place] = onward[to] ?? 0
        place = to
      }
    }
  }
  return { next }
}
