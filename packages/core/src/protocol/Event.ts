/**
 * What a node is told: facts, in the past tense.
 *
 * @since 0.1.0
 */
import type { Version } from "../model/Epoch.ts"
import type { Partition, PartitionId } from "../model/Partition.ts"
import type { Plan } from "../model/Plan.ts"
import type { ControlRecord, LeaderRecord, WorkerRecord } from "../model/Record.ts"
import type { Revision } from "../model/Revision.ts"
import type { WorkerId } from "../model/WorkerId.ts"
import type { Write } from "./Command.ts"

/**
 * What a worker wants when it stops.
 *
 * - `leave`: its partitions move to others *before* it goes.
 * - `restart`: it stops its handlers, releases its id and is expected back within the window for planned changes.
 *
 * @category models
 * @since 0.1.0
 */
export type StopIntent = "leave" | "restart"

/**
 * When a fact was taken from the queue. `at`: this worker's own clock in milliseconds; it never goes back, and it has
 * advanced by no less than the monotonic and the wall clock have (a suspended machine). `wall`: milliseconds since 1970,
 * used to number plans and to carry a window over, never to judge a lease.
 *
 * @category models
 * @since 0.1.0
 */
export interface Stamp {
  readonly at: number
  readonly wall: number
}

/**
 * A fact, without its stamp.
 *
 * **Details**
 *
 * `LiveOpened` and `PlanOpened` begin a listing of what is there, `LiveSynced` and `PlanSynced` end it; a watch that had
 * to be opened again shows this again. `incarnation` names the bucket's life: another one than before means that the
 * bucket was lost or set back, and that revisions start anew. A record that is gone is `null`. What comes from the `live`
 * bucket carries the serial of the `Watch` it came by.
 *
 * @category models
 * @since 0.1.0
 */
export type Fact =
  | { readonly _tag: "Started" }
  | { readonly _tag: "TimerFired" }
  | {
      readonly _tag: "WorkerObserved"
      readonly serial: number
      readonly workerId: WorkerId
      readonly revision: Revision
      readonly record: WorkerRecord | null
    }
  | {
      readonly _tag: "LeaderObserved"
      readonly serial: number
      readonly revision: Revision
      readonly record: LeaderRecord | null
    }
  | { readonly _tag: "LiveOpened"; readonly serial: number; readonly incarnation: string }
  | { readonly _tag: "LiveSynced"; readonly serial: number }
  | { readonly _tag: "PlanOpened"; readonly incarnation: string }
  | { readonly _tag: "PlanObserved"; readonly revision: Revision; readonly plan: Plan | null }
  | { readonly _tag: "ControlObserved"; readonly control: ControlRecord }
  | { readonly _tag: "PlanSynced" }
  | {
      readonly _tag: "RecordUndecodable"
      readonly bucket: "live" | "plan"
      readonly key: string
      readonly revision: Revision
      readonly reason: string
    }
  | { readonly _tag: "WriteAccepted"; readonly write: Write; readonly revision: Revision }
  /** `Conflict`: the key had moved on. `NotApplied`: the store did not take it, and never will. */
  | { readonly _tag: "WriteRejected"; readonly write: Write; readonly reason: "Conflict" | "NotApplied" }
  /** The write may have landed, or may yet land. */
  | { readonly _tag: "WriteUnknown"; readonly write: Write }
  | { readonly _tag: "PartitionsListed"; readonly partitions: ReadonlyArray<Partition> }
  | { readonly _tag: "PartitionsFailed"; readonly reason: string }
  | { readonly _tag: "PartitionEnded"; readonly partition: PartitionId; readonly token: Version }
  | { readonly _tag: "ControlRequested"; readonly control: ControlRecord }
  | { readonly _tag: "StopRequested"; readonly intent: StopIntent }

/**
 * A fact and when it was taken up.
 *
 * @category models
 * @since 0.1.0
 */
export type Event = Fact & Stamp

/**
 * What became of a write.
 *
 * @category models
 * @since 0.1.0
 */
export type Answer = Extract<Event, { readonly _tag: "WriteAccepted" | "WriteRejected" | "WriteUnknown" }>
