/**
 * Between which loads each worker should be.
 *
 * An index in range always has a value; `?? 0` only says so to the compiler.
 *
 * @since 0.1.0
 */
import type { PartitionSet } from "../model/PartitionSet.ts"
import type { Wishes } from "./Affinity.ts"
import type { Tolerance } from "./CountPlan.ts"
import type { Level } from "./FairShare.ts"
import * as FairShare from "./FairShare.ts"

/**
 * What stays the same while a weighted plan is being made.
 *
 * @category models
 * @since 0.1.0
 */
export interface Frame {
  readonly set: PartitionSet
  readonly capacity: Float64Array
  readonly limits: Float64Array
  readonly tolerance: Tolerance
  readonly wishes: Wishes | null
  readonly level: Level
  /** Capacities, the largest first: what giants are entitled to, one each. */
  readonly largest: Float64Array
  /** A difference of loads that is rounding. */
  readonly grain: number
  /** Partitions lighter than this are not moved to even out loads; 0 when there is no such crowd of them. */
  readonly dust: number
}

/**
 * Bounds on loads, by worker, given who hosts a giant: a host's bound is its giant.
 *
 * @category models
 * @since 0.1.0
 */
export interface Bounds {
  readonly most: Float64Array
  readonly least: Float64Array
  /** The giant that each worker hosts, or -1. */
  readonly giant: Int32Array
}

/**
 * A hundredth of the mean weight. All that is lighter is together less than a hundredth of the load, and where there are
 * more than ten such partitions a worker, crowds of them would move for next to nothing.
 */
const dustOf = ({ size, totalWeight, weights, heaviestFirst }: PartitionSet, workers: number): number => {
  const light = totalWeight / size / 100
  const last = heaviestFirst[size - 1 - 10 * workers] ?? -1
  return last >= 0 && (weights[last] ?? 0) < light ? light : 0
}

/**
 * Reckons what does not depend on owners.
 *
 * @category constructors
 * @since 0.1.0
 */
export const frame = (
  set: PartitionSet,
  capacity: Float64Array,
  limits: Float64Array,
  tolerance: Tolerance,
  wishes: Wishes | null
): Frame => ({
  set,
  capacity,
  limits,
  tolerance,
  wishes,
  level: FairShare.level(set, capacity, tolerance.up),
  largest: capacity.slice().sort().reverse(),
  grain: set.totalWeight * 1e-9,
  dust: dustOf(set, capacity.length)
})

/**
 * The bounds that follow from where the giants are: `hosts` has a worker for each giant, the heaviest first (-1: none). On
 * a worker smaller than it could have, a giant is over its bound.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (frame: Frame, hosts: Int32Array): Bounds => {
  const { set, capacity, tolerance, level, largest } = frame
  const share = capacity.map((one) => one * level.perCapacity)
  const most = share.map((one) => one * (1 + tolerance.up))
  const least = share.map((one) => one * Math.max(0, 1 - tolerance.down))
  const giant = new Int32Array(capacity.length).fill(-1)
  // The heaviest last, so that it has the last word where two are on one worker.
  for (let k = hosts.length - 1; k >= 0; k--) {
    const j = hosts[k] ?? -1
    if (j < 0) continue
    const partition = set.heaviestFirst[k] ?? 0
    const fits = Math.min(1, ((1 + tolerance.up) * (capacity[j] ?? 0)) / (largest[k] ?? 0))
    giant[j] = partition
    most[j] = fits * (set.weights[partition] ?? 0)
    least[j] = 0
  }
  return { most, least, giant }
}

/**
 * How far one load is outside its bounds.
 *
 * @category getters
 * @since 0.1.0
 */
export const outside = ({ most, least }: Bounds, worker: number, load: number): number =>
  Math.max(0, load - (most[worker] ?? 0)) + Math.max(0, (least[worker] ?? 0) - load)

/**
 * Who has the giants, the heaviest first.
 *
 * @category getters
 * @since 0.1.0
 */
export const hostsOf = ({ set, level }: Frame, owner: Int32Array): Int32Array => {
  const hosts = new Int32Array(level.giants)
  for (let k = 0; k < hosts.length; k++) hosts[k] = owner[set.heaviestFirst[k] ?? 0] ?? -1
  return hosts
}

/**
 * How far loads are outside their bounds: above, and below, in total.
 *
 * @category getters
 * @since 0.1.0
 */
export const distance = (
  { most, least }: Bounds,
  loads: Float64Array
): { readonly above: number; readonly below: number } => {
  let above = 0
  let below = 0
  for (let j = 0; j < loads.length; j++) {
    above += Math.max(0, (loads[j] ?? 0) - (most[j] ?? 0))
    below += Math.max(0, (least[j] ?? 0) - (loads[j] ?? 0))
  }
  return { above, below }
}

/**
 * Loads by worker, summed in canonical order so that they depend on the plan alone.
 *
 * @category getters
 * @since 0.1.0
 */
export const loadsOf = (set: PartitionSet, owner: Int32Array, workers: number): Float64Array => {
  const { weights } = set
  const loads = new Float64Array(workers)
  let last = -1
  let load = 0
  // Owners come in runs: a sum that waits for no memory is several times as quick.
  for (let i = 0; i < owner.length; i++) {
    const j = owner[i] ?? -1
    if (j < 0) continue
    if (j !== last) {
      if (last >= 0) loads[last] = load
      load = loads[j] ?? 0
      last = j
    }
    load += weights[i] ?? 0
  }
  if (last >= 0) loads[last] = load
  return loads
}

/**
 * How many partitions each worker has.
 *
 * @category getters
 * @since 0.1.0
 */
export const countsOf = (owner: Int32Array, workers: number): Int32Array => {
  const counts = new Int32Array(workers)
  for (let i = 0; i < owner.length; i++) {
    const j = owner[i] ?? -1
    if (j >= 0) counts[j] = (counts[j] ?? 0) + 1
  }
  return counts
}
