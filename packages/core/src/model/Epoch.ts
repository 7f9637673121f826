/**
 * The two counters that order what leaders say.
 *
 * @since 0.1.0
 */

/**
 * The number of a leader's term. Rises with every leader, also when a bucket was lost.
 *
 * @category models
 * @since 0.1.0
 */
export type Epoch = number

/**
 * The number of a plan. Rises with every plan, also from term to term. A partition's fencing token is the version of the
 * plan that granted it to its present owner.
 *
 * @category models
 * @since 0.1.0
 */
export type Version = number

/**
 * The next epoch or version: higher than the last one and than everything else that was seen, and never behind the wall
 * clock, so that numbers go on rising even when the store has forgotten them.
 *
 * @category constructors
 * @since 0.1.0
 */
export const next = (wallMs: number, ...seen: ReadonlyArray<number>): number =>
  seen.reduce((highest, one) => Math.max(highest, one + 1), Math.max(1, Math.floor(wallMs)))
