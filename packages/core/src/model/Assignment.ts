/**
 * What one worker has.
 *
 * @since 0.1.0
 */
import type { Epoch, Version } from "./Epoch.ts"
import * as Partition from "./Partition.ts"
import type { Plan } from "./Plan.ts"
import type { Session } from "./Record.ts"

/**
 * A partition that a worker has, and the token that proves it.
 *
 * @category models
 * @since 0.1.0
 */
export interface AssignedPartition {
  readonly id: Partition.PartitionId
  readonly partition: Partition.Partition
  readonly token: Version
}

/**
 * The partitions that a plan lets one session run, in canonical order.
 *
 * @category models
 * @since 0.1.0
 */
export interface Assignment {
  readonly epoch: Epoch
  readonly version: Version
  readonly partitions: ReadonlyArray<AssignedPartition>
}

/**
 * How one assignment differs from another.
 *
 * @category models
 * @since 0.1.0
 */
export interface Difference {
  readonly added: ReadonlyArray<AssignedPartition>
  readonly removed: ReadonlyArray<AssignedPartition>
}

/**
 * What a worker has before it has seen a plan.
 *
 * @category constants
 * @since 0.1.0
 */
export const none: Assignment = { epoch: 0, version: 0, partitions: [] }

/**
 * What a plan gives to a session: the partitions that it owns and is to keep. Those that it owns and must give back are
 * not among them.
 *
 * @category constructors
 * @since 0.1.0
 */
export const ofPlan = (plan: Plan, session: Session): Assignment => {
  const { epoch, list, next, owner, token, version } = plan
  const self = plan.workers.findIndex((worker) => worker.session === session)
  const { ids } = Partition.index(list.partitions)
  const partitions = list.partitions.flatMap((partition, i) => {
    const [id, since] = [ids[i], token[i]]
    const isHeld = self !== -1 && owner[i] === self && next[i] === self && id !== undefined && since !== undefined
    return isHeld ? [{ id, partition, token: since }] : []
  })
  return { epoch, version, partitions }
}

/**
 * What came and what went. A partition whose token changed was somebody else's in between: it is in both.
 *
 * @category getters
 * @since 0.1.0
 */
export const difference = (before: Assignment, after: Assignment): Difference => ({
  added: without(after, before),
  removed: without(before, after)
})

const without = (some: Assignment, others: Assignment): ReadonlyArray<AssignedPartition> => {
  const tokens = new Map(others.partitions.map(({ id, token }) => [id, token]))
  return some.partitions.filter(({ id, token }) => tokens.get(id) !== token)
}
