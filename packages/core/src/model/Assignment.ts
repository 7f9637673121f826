/**
 * What one worker has, and how that changes.
 *
 * @since 0.1.0
 */
import type { Version } from "./Epoch.ts"
import type { PartitionId } from "./Partition.ts"

/**
 * A partition that a worker has, and the token that proves it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Tenure {
  readonly id: PartitionId
  readonly token: Version
}

/**
 * How one assignment differs from another.
 *
 * @category models
 * @since 0.1.0
 */
export interface Difference<A> {
  readonly added: ReadonlyArray<A>
  readonly removed: ReadonlyArray<A>
}

/**
 * What came and what went. A partition whose token changed was somebody else's in between: it is in both.
 *
 * @category combinators
 * @since 0.1.0
 */
export const difference = <A extends Tenure>(before: ReadonlyArray<A>, after: ReadonlyArray<A>): Difference<A> => ({
  added: without(after, before),
  removed: without(before, after)
})

const without = <A extends Tenure>(some: ReadonlyArray<A>, others: ReadonlyArray<A>): ReadonlyArray<A> => {
  const tokens = new Map(others.map(({ id, token }) => [id, token]))
  return some.filter(({ id, token }) => tokens.get(id) !== token)
}
