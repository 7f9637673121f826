/**
 * What one worker owns, and how that changes.
 *
 * @since 0.1.0
 */
import * as Stream from "effect/Stream"
import { difference } from "../model/Assignment.ts"
import type { NodeView } from "../protocol/View.ts"
import type { OwnedPartition } from "./OwnedPartition.ts"
import * as Interpreter from "./Interpreter.ts"

/**
 * The partitions that a worker runs and has not been told to stop, with their tokens.
 *
 * @category models
 * @since 0.1.0
 */
export type Assignment = ReadonlyArray<OwnedPartition>

/**
 * A change of an assignment. A partition that was lost and won again under another token is both removed and added.
 *
 * @category models
 * @since 0.1.0
 */
export interface AssignmentChange {
  readonly assignment: Assignment
  readonly added: Assignment
  readonly removed: Assignment
}

/**
 * Nothing owned.
 *
 * @category constants
 * @since 0.1.0
 */
export const none: Assignment = []

/**
 * The assignment that a view shows: the identical array as before if nothing changed.
 *
 * @category conversions
 * @since 0.1.0
 */
export const of = (view: NodeView, before: Assignment): Assignment => {
  const { plan, running } = view
  const isSame =
    running.length === before.length &&
    running.every((one, i) => before[i]?.token === one.token && before[i]?.id === one.partition)
  if (isSame) return before
  const known = new Map(before.map((one) => [one.id, one]))
  return running.map((holding) => {
    // What runs on may have left the newest list already.
    const one = known.get(holding.partition)
    return one?.token === holding.token ? one : Interpreter.owned(holding, plan)
  })
}

/**
 * What came and what went from one assignment to another.
 *
 * @category combinators
 * @since 0.1.0
 */
export const between = (before: Assignment, after: Assignment): AssignmentChange => ({
  assignment: after,
  ...difference(before, after)
})

/**
 * The changes that a follower of assignments sees: from nothing to the first one, then from each that it saw to the
 * next that it saw. So they add up, also for a follower that is slow.
 *
 * @category combinators
 * @since 0.1.0
 */
export const changes = <E>(assignments: Stream.Stream<Assignment, E>): Stream.Stream<AssignmentChange, E> =>
  Stream.mapAccum(
    assignments,
    () => none,
    (before, after) => [after, [between(before, after)]] as const
  )
