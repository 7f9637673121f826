/**
 * Where a rebalance starts: who keeps what, and where the rest would best go.
 *
 * An index in range always has a value; `?? 0` only says so to the compiler.
 *
 * @since 0.1.0
 */
import * as FairShare from "./FairShare.ts"
import type { StrategyInput } from "./Strategy.ts"

/**
 * The start of a rebalance. Columns `owner` and `home` are by partition (-1: none), the others by worker.
 *
 * @category models
 * @since 0.1.0
 */
export interface Standing {
  readonly capacity: Float64Array
  /** The most partitions each may own. */
  readonly limits: Float64Array
  /** Whoever may keep it; what a drained or overfull worker must give away has no owner here. */
  readonly owner: Int32Array
  /** `null` when nothing has a home. */
  readonly home: Int32Array | null
  readonly kept: Int32Array
  readonly unowned: number
}

/**
 * Where each partition would best go if it must move; `null` when that is nowhere for all. One without an owner goes
 * where it is ready to run, or where it was before; one that merely moves goes where it was before.
 *
 * @category getters
 * @since 0.1.0
 */
export const homes = (input: StrategyInput, owner: Int32Array, limits: Float64Array): Int32Array | null => {
  const { hints, previousStandby } = input
  if (hints.length === 0 && previousStandby === null) return null
  const home = new Int32Array(owner.length)
  let any = false
  for (let i = 0; i < owner.length; i++) {
    const from = owner[i] ?? -1
    const standby = previousStandby === null || from >= 0 ? -1 : (previousStandby[i] ?? -1)
    const ready = standby >= 0 && (limits[standby] ?? 0) > 0
    const to = ready ? standby : (hints[i] ?? -1)
    // A home that is drained or full has no room, and needs no care here.
    const isElsewhere = to >= 0 && to !== from
    home[i] = isElsewhere ? to : -1
    any ||= isElsewhere
  }
  return any ? home : null
}

/** Takes from whoever has more than its limit what comes last. */
const trim = (owner: Int32Array, kept: Int32Array, limits: Float64Array): number => {
  let taken = 0
  for (let i = owner.length - 1; i >= 0; i--) {
    const j = owner[i] ?? -1
    if (j < 0 || (kept[j] ?? 0) <= (limits[j] ?? 0)) continue
    owner[i] = -1
    kept[j] = (kept[j] ?? 0) - 1
    taken += 1
  }
  return taken
}

/**
 * Lets everybody keep what they have, up to their limit.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (input: StrategyInput): Standing => {
  const { size } = input.partitions
  const capacity = FairShare.capacities(input.workers)
  const limits = FairShare.limits(input.workers, size, capacity)
  const owner = new Int32Array(size).fill(-1)
  owner.set(input.previous)
  const kept = new Int32Array(limits.length)
  let unowned = 0
  for (let i = 0; i < size; i++) {
    const j = owner[i] ?? -1
    if (j < 0) unowned += 1
    else kept[j] = (kept[j] ?? 0) + 1
  }
  if (kept.some((count, j) => count > (limits[j] ?? 0))) unowned += trim(owner, kept, limits)
  return { capacity, limits, owner, home: homes(input, owner, limits), kept, unowned }
}
