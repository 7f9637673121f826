/**
 * What can go wrong, told as advice.
 *
 * **Example** (Which problems somebody is called for)
 *
 * ```ts
 * import { Errors, Parti } from "@parti/core"
 * import { Effect } from "effect"
 *
 * // What the worker tries again by itself, and what it cannot help.
 * type Passing = Errors.HandlerFailed | Errors.HookFailed | Errors.WatchFailed | Errors.ProblemReported
 * type Urgent = Errors.EventLoopBlocked | Errors.WorkerDied | Errors.WriteFailed
 *
 * const isUrgent = (problem: Urgent | Passing): problem is Urgent =>
 *   ["EventLoopBlocked", "WorkerDied", "WriteFailed"].includes(problem._tag)
 *
 * // A handler of promises is wrapped: what it threw is within.
 * const thrown = ({ cause }: Errors.HandlerFailed): unknown =>
 *   cause instanceof Errors.UserCodeFailed ? cause.cause : cause
 *
 * const needsOperator = ({ _tag }: Errors.Report): boolean => _tag === "HandlerStuck" || _tag === "NoWorkerIdAvailable"
 *
 * const onError = (problem: Errors.Problem) => {
 *   if (isUrgent(problem)) return Effect.logFatal(problem.message)
 *   if (problem._tag === "ProblemReported" && needsOperator(problem.report)) return Effect.logFatal(problem.message)
 *   return Effect.logWarning(problem.message, problem._tag === "HandlerFailed" ? thrown(problem) : "")
 * }
 * const worker = Parti.make({ group: "orders", partitions: [{ keys: ["eu"] }], hooks: { onError } })
 * ```
 *
 * **Example** (How a process ends whose worker did not start)
 *
 * ```ts
 * import type { Errors, Parti } from "@parti/core"
 *
 * // A restart does not cure these: sysexits calls it EX_CONFIG, and systemd can be told not to try again.
 * type Lasting = Errors.ConfigInvalid | Errors.StoreMisconfigured
 *
 * const lasting: ReadonlyArray<Parti.StartError["_tag"]> = ["ConfigInvalid", "StoreMisconfigured"] satisfies ReadonlyArray<
 *   Lasting["_tag"]
 * >
 *
 * // What to do about it, for whoever reads the log.
 * const adviceOn = (error: Errors.StartTimedOut | Errors.PartitionSourceFailed | Errors.WorkerStopped | Lasting): string =>
 *   error._tag === "StartTimedOut" ? error.advice : error.message
 *
 * const exitCodeOf = (error: Parti.StartError): number => (lasting.includes(error._tag) ? 78 : 75)
 * ```
 *
 * **Example** (Orders that name somebody who has gone)
 *
 * ```ts
 * import { type Errors, Parti } from "@parti/core"
 * import { Effect } from "effect"
 *
 * const listed = ({ known }: Errors.WorkerUnknown) => Effect.logWarning(`there are only ${known.join(", ")}`)
 * const drain = (id: string) =>
 *   Effect.flatMap(Parti.Parti, (parti) => parti.drain(id)).pipe(Effect.catchTag("WorkerUnknown", listed))
 * ```
 *
 * **Example** (Records that another release has written)
 *
 * ```ts
 * import { Decision, type Errors } from "@parti/core"
 * import { Result } from "effect"
 *
 * const reasonOf = ({ reason }: Errors.RecordUndecodable) => `skipped: ${reason}`
 * const lineOf = (bytes: Uint8Array) =>
 *   Result.match(Decision.decode(bytes), { onSuccess: ({ version }) => `plan ${version}`, onFailure: reasonOf })
 * ```
 *
 * @since 0.1.0
 */
export { RecordUndecodable } from "./model/Codec.ts"
export { ConfigInvalid } from "./model/PartiConfig.ts"
export { DuplicatePartition, PartitionInvalid } from "./model/Partition.ts"
export { WorkerIdInvalid } from "./model/WorkerId.ts"
export type { Report } from "./protocol/Report.ts"
export { RevisionMismatch, StoreMisconfigured, StoreUnavailable, ValueTooLarge } from "./runtime/CoordinationStore.ts"
export {
  EventLoopBlocked,
  HandlerFailed,
  HookFailed,
  type Problem,
  ProblemReported,
  StartTimedOut,
  UserCodeFailed,
  WatchFailed,
  WorkerDied,
  WorkerStopped,
  WorkerUnknown,
  WriteFailed
} from "./runtime/Errors.ts"
export { PartitionSourceFailed } from "./runtime/PartitionSource.ts"
