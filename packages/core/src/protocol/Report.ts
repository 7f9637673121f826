/**
 * What a node has to say to its people: facts with the values that explain them. Nothing is decided by a report.
 *
 * @since 0.1.0
 */
import type { PartitionId } from "../model/Partition.ts"
import type { Session } from "../model/Record.ts"
import type { Revision } from "../model/Revision.ts"
import type { WorkerId } from "../model/WorkerId.ts"

/**
 * One thing that somebody should know. Each becomes one log line, one count, and, where it is an error, one call of the
 * `onError` hook.
 *
 * @category models
 * @since 0.1.0
 */
export type Report =
  | { readonly _tag: "RecordUndecodable"; readonly key: string; readonly revision: Revision; readonly reason: string }
  | {
      readonly _tag: "NoWorkerIdAvailable"
      readonly holders: ReadonlyArray<{ readonly id: WorkerId; readonly silentMs: number }>
    }
  | { readonly _tag: "WorkerIdTaken"; readonly workerId: WorkerId; readonly silentMs: number }
  | {
      readonly _tag: "SessionLost"
      readonly workerId: WorkerId
      readonly session: Session
      readonly by: "Evicted" | "Fenced" | "Replaced" | "Vanished"
    }
  | {
      readonly _tag: "WorkerEvicted"
      readonly workerId: WorkerId
      readonly session: Session
      readonly silentMs: number
    }
  | { readonly _tag: "WorkerFenced"; readonly workerId: WorkerId; readonly session: Session; readonly waitedMs: number }
  | {
      readonly _tag: "StrategyRefused"
      readonly strategy: string
      readonly rule: string
      readonly detail: string
      readonly retryInMs: number
    }
  | { readonly _tag: "PartitionsRefused"; readonly reason: string }
  | { readonly _tag: "PartitionsEmptyUnconfirmed"; readonly listed: number }
  | { readonly _tag: "IncarnationChanged"; readonly before: string; readonly after: string }
  | { readonly _tag: "PlanLost" }
  | { readonly _tag: "HandlerStuck"; readonly partition: PartitionId; readonly forMs: number }
