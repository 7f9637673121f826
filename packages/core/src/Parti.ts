/**
 * A worker of a group, for programs written in Effect.
 *
 * @since 0.1.0
 */
export { layer, make, Parti, type PartiOptions, type StartError } from "./runtime/Parti.ts"
export type { OrderError, PartiService } from "./runtime/PartiService.ts"
export type { HandlerOptions } from "./runtime/Handlers.ts"
export type { Hooks, StateChange } from "./runtime/Hooks.ts"
export type { OwnedPartition, PartitionContext } from "./runtime/OwnedPartition.ts"
export { FirstWork } from "./runtime/RebalanceTrace.ts"
export type { Assignment, AssignmentChange } from "./runtime/OwnAssignment.ts"
export { ProcessExit } from "./runtime/Worker.ts"
export type { StopReason } from "./protocol/Command.ts"
export type { StopIntent } from "./protocol/Event.ts"
export type { WorkerState } from "./protocol/Manager.ts"
