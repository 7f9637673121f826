/**
 * How much a plan may move without need.
 *
 * @since 0.1.0
 */
import { assert } from "../model/Assert.ts"

/**
 * A move budget. It is for voluntary moves alone: partitions without an owner, or whose owner may not keep them, never
 * wait.
 *
 * @category models
 * @since 0.1.0
 */
export interface MoveLimits {
  /** The part of the whole load that may move; at least one partition, unless 0. Default 1. */
  readonly maxMoveFraction?: number
  /** The number of partitions that may move. Default: no limit. */
  readonly maxMoves?: number
}

/**
 * The most partitions that may move when all weigh the same.
 *
 * @category getters
 * @since 0.1.0
 */
export const countOf = ({ maxMoveFraction = 1, maxMoves = Infinity }: MoveLimits, size: number): number =>
  Math.min(maxMoveFraction === 0 ? 0 : Math.max(1, Math.floor(maxMoveFraction * size)), maxMoves)

/**
 * How many plans it takes to move so much; 0 when no plan may move anything, since then it will never be done.
 *
 * @category getters
 * @since 0.1.0
 */
export const roundsFor = (deferred: number, budget: number): number =>
  deferred === 0 || budget === 0 ? 0 : Math.ceil(deferred / budget)

/**
 * Dies on limits that make no sense.
 *
 * @category assertions
 * @since 0.1.0
 */
export const check = (name: string, { maxMoveFraction = 1, maxMoves = Infinity }: MoveLimits): void => {
  assert(
    maxMoveFraction >= 0 && maxMoveFraction <= 1,
    `${name}: maxMoveFraction ${maxMoveFraction} must be between 0 and 1`
  )
  assert(maxMoves >= 0, `${name}: maxMoves ${maxMoves} must not be negative`)
}
