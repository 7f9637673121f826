/**
 * What a node orders. The shell carries these out and reports; it decides nothing.
 *
 * @since 0.1.0
 */
import type { Epoch, Version } from "../model/Epoch.ts"
import type { PartitionId } from "../model/Partition.ts"
import type { Plan } from "../model/Plan.ts"
import type { ControlRecord, LeaderRecord, WorkerRecord } from "../model/Record.ts"
import type { Revision } from "../model/Revision.ts"
import type { WorkerId } from "../model/WorkerId.ts"
import type { Report } from "./Report.ts"

/**
 * Which write an answer is about. The answer carries it back unchanged.
 *
 * @category models
 * @since 0.1.0
 */
export interface Write {
  readonly serial: number
  readonly purpose:
    | "Claim"
    | "Renew"
    | "Release"
    | "Evict"
    | "Fence"
    | "Lead"
    | "RenewLeader"
    | "ReleaseLeader"
    | "Plan"
    | "Control"
  readonly issuedAt: number
  readonly expected: Revision
}

/**
 * How much of the `live` bucket is watched: only the leader's and one's own key, or all of it. Before a worker has an id,
 * it watches all.
 *
 * @category models
 * @since 0.1.0
 */
export type WatchScope = { readonly _tag: "Whole" } | { readonly _tag: "Own"; readonly workerId: WorkerId }

/**
 * Why a handler is told to stop.
 *
 * - `Revoked`: the plan gives the partition to another worker, or to nobody.
 * - `LeaseEnding`: the own lease could not be renewed in time; the partition may come back under the same token.
 * - `LeaseLost`: another session, or the leader, has ended this one.
 * - `Stopping`: the worker is being stopped.
 *
 * @category models
 * @since 0.1.0
 */
export type StopReason = "Revoked" | "LeaseEnding" | "LeaseLost" | "Stopping"

/**
 * Why a node has come to its end. After `Halt` it takes no more events and gives no more commands.
 *
 * @category models
 * @since 0.1.0
 */
export type Outcome =
  | { readonly _tag: "Stopped"; readonly released: boolean }
  | {
      readonly _tag: "StartFailed"
      readonly waitingFor: "WorkerId" | "Leader" | "Assignment" | "Store"
      readonly afterMs: number
    }

/**
 * An order to the shell.
 *
 * **Details**
 *
 * Every `Write…` is answered by exactly one of `WriteAccepted`, `WriteRejected` and `WriteUnknown` with the same `write`.
 * `StartPartition` has no answer. `StopPartition` is answered by exactly one `PartitionEnded`, whenever the handler has
 * come to its end; a run that may still finish what it has in hand is told a second time, with another reason, when the
 * lease ends meanwhile, and both are answered by one. `SetTimer` replaces the timer that was set before; there is one. `Watch` replaces the watch of the
 * `live` bucket; what it shows comes with `serial`: `LiveOpened`, everything there is, `LiveSynced`, then every change.
 * `ReadPartitions` is answered by `PartitionsListed` or `PartitionsFailed`, sooner or later.
 *
 * @category models
 * @since 0.1.0
 */
export type Command =
  | { readonly _tag: "SetTimer"; readonly at: number }
  | { readonly _tag: "Watch"; readonly scope: WatchScope; readonly serial: number }
  | { readonly _tag: "WriteWorker"; readonly write: Write; readonly workerId: WorkerId; readonly record: WorkerRecord }
  | { readonly _tag: "WriteLeader"; readonly write: Write; readonly record: LeaderRecord }
  /** `publishList`: the plan's list is new; its chunks are created before the plan is written. */
  | { readonly _tag: "WritePlan"; readonly write: Write; readonly plan: Plan; readonly publishList: boolean }
  /** An unconditional put: `write.expected` is not compared. */
  | { readonly _tag: "WriteControl"; readonly write: Write; readonly control: ControlRecord }
  /** Removes the lists of partitions that no plan names any more; without an answer. */
  | { readonly _tag: "RemoveLists"; readonly olderThan: Version }
  | { readonly _tag: "StartPartition"; readonly partition: PartitionId; readonly token: Version; readonly epoch: Epoch }
  | {
      readonly _tag: "StopPartition"
      readonly partition: PartitionId
      readonly token: Version
      readonly reason: StopReason
    }
  | { readonly _tag: "ReadPartitions" }
  | { readonly _tag: "Report"; readonly report: Report }
  | { readonly _tag: "Halt"; readonly outcome: Outcome }
