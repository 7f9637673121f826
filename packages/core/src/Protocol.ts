/**
 * The pure protocol: one worker as a function from facts to orders. For simulations, model checkers, other shells, and for
 * whoever wants to know why.
 *
 * @since 0.1.0
 */
export * as Calculator from "./protocol/Calculator.ts"
export * as Invariants from "./protocol/Invariants.ts"
export * as Manager from "./protocol/Manager.ts"
export * as Node from "./protocol/Node.ts"
export * as Partition from "./model/Partition.ts"
export * as PartitionSet from "./model/PartitionSet.ts"
export * as Plan from "./model/Plan.ts"
export * as Revision from "./model/Revision.ts"
export * as WorkerId from "./model/WorkerId.ts"
export { detectRebalanceType } from "./protocol/RebalanceType.ts"
export type { Command, Outcome, StopReason, WatchScope, Write } from "./protocol/Command.ts"
export type { Config } from "./protocol/Config.ts"
export type { Event, Fact, Stamp, StopIntent } from "./protocol/Event.ts"
export type { Report } from "./protocol/Report.ts"
export type { Ignored, Step } from "./protocol/Step.ts"
export type { Holding, NodeView } from "./protocol/View.ts"
export type { Epoch, Version } from "./model/Epoch.ts"
export type { Applied, ControlRecord, LeaderRecord, Session, WorkerRecord } from "./model/Record.ts"
