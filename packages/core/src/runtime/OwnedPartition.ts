/**
 * A partition, as the one who runs it sees it.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import type { Epoch, Version } from "../model/Epoch.ts"
import type { Partition, PartitionId } from "../model/Partition.ts"
import type { StopReason } from "../protocol/Command.ts"

/**
 * A partition that this worker may run, and the token that proves it.
 *
 * @category models
 * @since 0.1.0
 */
export interface OwnedPartition {
  readonly partition: Partition
  readonly id: PartitionId
  /** The fencing token: rises with each change of owner. Whatever the handler writes to should refuse a lower one. */
  readonly token: Version
  readonly epoch: Epoch
}

/**
 * What a handler is given.
 *
 * @category models
 * @since 0.1.0
 */
export interface PartitionContext extends OwnedPartition {
  /** Completes when the handler is told to stop, with the reason. Of use with `onRevoke: "drain"`. */
  readonly revoked: Effect.Effect<StopReason>
  /**
   * Whether the worker's lease holds at this very instant, by its own clock. After a pause of the process, or a blocked
   * event loop, it says no before anybody could have told the handler. It costs next to nothing: ask before each effect that
   * nothing else guards. A process may be paused right after the answer: only the token protects against that.
   */
  readonly isCurrent: () => boolean
}
