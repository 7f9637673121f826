/**
 * What can go wrong, told as advice.
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import * as Data from "effect/Data"
import type { PartitionId } from "../model/Partition.ts"
import type { WorkerId } from "../model/WorkerId.ts"
import type { Outcome, Write } from "../protocol/Command.ts"
import type { Report } from "../protocol/Report.ts"
import * as Reports from "./Reports.ts"
import * as Thrown from "./Thrown.ts"

type WaitingFor = Extract<Outcome, { readonly _tag: "StartFailed" }>["waitingFor"]

const startAdvice: Readonly<Record<WaitingFor, string>> = {
  WorkerId: "every worker id was held by another process; allow more ids, or wait until a lease has ended",
  Leader: "no worker became leader; look at the store's health and at the clocks of the machines",
  Assignment:
    "the leader published no plan for this worker; look at the leader's log for a refused plan or partition list",
  Store: "the store could not be reached; check its address, the credentials and the permissions"
}

/**
 * The worker did not become stable within `startupTimeoutMs`. Everything it had begun was taken back.
 *
 * @category errors
 * @since 0.1.0
 */
export class StartTimedOut extends Data.TaggedError("StartTimedOut")<{
  readonly group: string
  readonly waitingFor: WaitingFor
  readonly afterMs: number
}> {
  /** What to do about it. */
  get advice(): string {
    return startAdvice[this.waitingFor]
  }
  override get message(): string {
    return `worker of group ${this.group} did not start within ${this.afterMs} ms: ${this.advice}`
  }
}

/**
 * The worker has been stopped, or came to its end by itself, and takes no more orders.
 *
 * @category errors
 * @since 0.1.0
 */
export class WorkerStopped extends Data.TaggedError("WorkerStopped")<{
  readonly group: string
  readonly operation: string
}> {
  override get message(): string {
    return `${this.operation}: this worker of group ${this.group} has stopped; make a new one`
  }
}

/**
 * There is no worker of that name that the order could be about.
 *
 * @category errors
 * @since 0.1.0
 */
export class WorkerUnknown extends Data.TaggedError("WorkerUnknown")<{
  readonly workerId: string
  readonly known: ReadonlyArray<WorkerId>
}> {
  override get message(): string {
    const names = this.known.length === 0 ? "none" : this.known.slice(0, 20).join(", ")
    return `there is no worker ${this.workerId} to be drained or undrained; there is ${names}`
  }
}

/**
 * A function of the user's threw, or the promise it returned was rejected; `cause` is what it threw.
 *
 * @category errors
 * @since 0.1.0
 */
export class UserCodeFailed extends Data.TaggedError("UserCodeFailed")<{ readonly cause: unknown }> {
  override get message(): string {
    return tell(this.cause)
  }
}

/**
 * The user's handler of a partition failed or died. It is started again as long as the partition is owned.
 *
 * @category errors
 * @since 0.1.0
 */
export class HandlerFailed extends Data.TaggedError("HandlerFailed")<{
  readonly partition: PartitionId
  /** `null` when the partition was being given up already, so that nothing is started again. */
  readonly retryInMs: number | null
  readonly cause: unknown
}> {
  override get message(): string {
    const again = this.retryInMs === null ? "the partition is being given up" : `again in ${this.retryInMs} ms`
    return `handler of partition ${this.partition} failed; ${again}: ${tell(this.cause)}`
  }
}

/**
 * One of the user's hooks failed, or did not end in time. The worker goes on without it.
 *
 * @category errors
 * @since 0.1.0
 */
export class HookFailed extends Data.TaggedError("HookFailed")<{
  readonly hook: string
  readonly cause: unknown
}> {
  override get message(): string {
    return `hook ${this.hook} failed: ${tell(this.cause)}`
  }
}

/**
 * A watch of the store broke off. It is opened again.
 *
 * @category errors
 * @since 0.1.0
 */
export class WatchFailed extends Data.TaggedError("WatchFailed")<{
  readonly bucket: "live" | "plan"
  readonly retryInMs: number
  readonly cause: unknown
}> {
  override get message(): string {
    return `watch of the ${this.bucket} bucket failed; again in ${this.retryInMs} ms: ${tell(this.cause)}`
  }
}

/**
 * A write failed in a way that waiting does not cure: the value is too large, or the store itself is broken. The worker
 * goes on and tries again.
 *
 * @category errors
 * @since 0.1.0
 */
export class WriteFailed extends Data.TaggedError("WriteFailed")<{
  readonly purpose: Write["purpose"]
  readonly cause: unknown
}> {
  override get message(): string {
    return `write for ${this.purpose} failed: ${tell(this.cause)}`
  }
}

/**
 * The event loop of this process was held up for so long that the worker's lease is in danger: while it is held up nothing
 * is renewed. Beyond `slackMs` handlers are stopped, and soon after that others take over.
 *
 * @category errors
 * @since 0.1.0
 */
export class EventLoopBlocked extends Data.TaggedError("EventLoopBlocked")<{
  readonly delayMs: number
  readonly slackMs: number
}> {
  override get message(): string {
    return (
      `the event loop was blocked for ${this.delayMs} ms, and from ${this.slackMs} ms on the lease cannot be renewed in time; ` +
      "cut long synchronous work into pieces, move it to a worker thread, or choose a longer leaseMs"
    )
  }
}

/**
 * Something that the worker's own state machine reports.
 *
 * @category errors
 * @since 0.1.0
 */
export class ProblemReported extends Data.TaggedError("ProblemReported")<{ readonly report: Report }> {
  override get message(): string {
    return Reports.describe(this.report).message
  }
}

/**
 * A mistake of the program itself ended the worker: its handlers were interrupted, and its lease runs out.
 *
 * @category errors
 * @since 0.1.0
 */
export class WorkerDied extends Data.TaggedError("WorkerDied")<{
  readonly group: string
  readonly cause: unknown
}> {
  override get message(): string {
    return `worker of group ${this.group} ended by a mistake of the program, please report it: ${tell(this.cause)}`
  }
}

/**
 * What the `onError` hook is told.
 *
 * @category errors
 * @since 0.1.0
 */
export type Problem =
  | HandlerFailed
  | HookFailed
  | WatchFailed
  | WriteFailed
  | EventLoopBlocked
  | ProblemReported
  | WorkerDied

/** One line about anything that was thrown. */
const tell = (thrown: unknown): string => {
  if (Cause.isCause(thrown)) return Cause.prettyErrors(thrown)[0]?.message ?? "interrupted"
  return Thrown.describe(thrown)
}
