/**
 * What can go wrong, told as advice.
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
