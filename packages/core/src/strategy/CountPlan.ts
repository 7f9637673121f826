/**
 * The plan when all partitions weigh the same.
 *
 * An index in range always has a value; `?? 0` only says so to the compiler.
 *
 * @since 0.1.0
 */
import type { Wishes } from "./Affinity.ts"
import * as FairShare from "./FairShare.ts"
import * as Move from "./Move.ts"
import * as Quota from "./Quota.ts"
import type { Standing } from "./Standing.ts"

/**
 * How far a load may be from its fair share, as a fraction of it, before anything moves.
 *
 * @category models
 * @since 0.1.0
 */
export interface Tolerance {
  readonly up: number
  readonly down: number
}

/**
 * A plan and what its budget put off.
 *
 * @category models
 * @since 0.1.0
 */
export interface CountPlan {
  readonly owner: Int32Array
  readonly deferred: number
}

// Shares are floats: this much beside a whole number is rounding, not load.
const grain = 1e-9

const bounds = (share: Float64Array, limits: Float64Array, { up, down }: Tolerance) => {
  const atLeast = new Int32Array(share.length)
  const atMost = new Int32Array(share.length)
  for (let j = 0; j < share.length; j++) {
    const one = share[j] ?? 0
    const slack = one * grain
    atLeast[j] = Math.min(Math.floor(one + slack), Math.max(0, Math.ceil(one * (1 - down) - slack)))
    atMost[j] = Math.min(limits[j] ?? 0, Math.max(Math.ceil(one - slack), Math.floor(one * (1 + up) + slack)))
  }
  return { atLeast, atMost }
}

const homingOf = ({ owner, home, kept }: Standing, atLeast: Int32Array): Quota.Homing | null => {
  if (home === null) return null
  const coming = new Int32Array(kept.length)
  const leaving = new Int32Array(kept.length)
  for (let i = 0; i < owner.length; i++) {
    const to = home[i] ?? -1
    if (to < 0) continue
    const from = owner[i] ?? -1
    if (from < 0) coming[to] = (coming[to] ?? 0) + 1
    // A home that wants nothing is no reason to leave.
    else if ((kept[to] ?? 0) < (atLeast[to] ?? 0)) leaving[from] = (leaving[from] ?? 0) + 1
  }
  return { coming, leaving }
}

/**
 * Brings every worker within tolerance of its share with the fewest moves, of which `budget` may be voluntary. Wishes cost
 * no move: they steer what moves anyway.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (standing: Standing, tolerance: Tolerance, budget: number, wishes: Wishes | null): CountPlan => {
  const { capacity, limits, owner, home, kept, unowned } = standing
  const share = FairShare.divide(owner.length, capacity, limits)
  const { atLeast, atMost } = bounds(share, limits, tolerance)
  const homing = homingOf(standing, atLeast)
  const quota = Quota.decide({ kept, unowned, atLeast, atMost, share, homing, budget })
  const moves = quota.voluntary + unowned
  return {
    owner: moves === 0 ? owner : Move.apply({ owner, home, kept, targets: quota.targets, wishes }),
    deferred: quota.deferred
  }
}
