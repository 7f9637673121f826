/**
 * The pure protocol: one worker as a function from facts to orders. For simulations, model checkers, other shells, and for
 * whoever wants to know why.
 *
 * **Example** (A shell: it takes facts in, carries orders out, and decides nothing)
 *
 * ```ts
 * import {
 *   type Command,
 *   type Config,
 *   type Event,
 *   type Fact,
 *   type Ignored,
 *   Node,
 *   type Outcome,
 *   type Stamp,
 *   type Step,
 *   type WatchScope,
 *   type Write
 * } from "@parti/core/Protocol"
 *
 * interface World {
 *   readonly now: () => Stamp
 *   readonly watch: (scope: WatchScope, serial: number) => void
 *   // Each is answered by `WriteAccepted`, `WriteRejected` or `WriteUnknown`.
 *   readonly send: (write: Write, command: Command) => void
 *   readonly end: (outcome: Outcome) => void
 * }
 *
 * const carryOut = (world: World, command: Command): void => {
 *   if ("write" in command) return world.send(command.write, command)
 *   if (command._tag === "Watch") return world.watch(command.scope, command.serial)
 *   if (command._tag === "Halt") return world.end(command.outcome)
 *   // Timers, handlers, lists and reports go the same way.
 * }
 *
 * const start = (config: Config, world: World) => {
 *   let state = Node.initial(config)
 *   const ignored = new Set<Ignored>()
 *   return (fact: Fact): void => {
 *     const event: Event = { ...fact, ...world.now() }
 *     const step: Step<Node.State> = Node.transition(config, state, event)
 *     state = step.state
 *     if (step.ignored !== null) ignored.add(step.ignored)
 *     for (const command of step.commands) carryOut(world, command)
 *   }
 * }
 * ```
 *
 * **Example** (What a simulation asks of two nodes after every event)
 *
 * ```ts
 * import type { Holding, NodeView } from "@parti/core/Protocol"
 *
 * const isSame = (one: Holding, other: Holding) => one.partition === other.partition
 *
 * // What has been told to stop may still be running.
 * const held = ({ ending, running }: NodeView): ReadonlyArray<Holding> => [...running, ...ending]
 *
 * const doubles = (one: NodeView, other: NodeView) =>
 *   held(one).filter((holding) => held(other).some((theirs) => isSame(holding, theirs)))
 * ```
 *
 * **Example** (Whom a rebalance waits for, from the records themselves)
 *
 * ```ts
 * import type {
 *   Applied,
 *   ControlRecord,
 *   Epoch,
 *   LeaderRecord,
 *   Plan,
 *   Session,
 *   Version,
 *   WorkerRecord
 * } from "@parti/core/Protocol"
 *
 * // What was applied in another epoch does not count.
 * const isBehind = (applied: Applied, epoch: Epoch, version: Version) =>
 *   applied.epoch !== epoch || applied.version < version
 *
 * const awaited = (records: ReadonlyArray<WorkerRecord>, { epoch, version }: Plan.Plan): ReadonlyArray<Session> =>
 *   records
 *     .filter(({ applied, state }) => state === "live" && isBehind(applied, epoch, version))
 *     .map(({ session }) => session)
 *
 * const title = ({ epoch, workerId }: LeaderRecord) => `term ${epoch}, led by ${workerId}`
 *
 * // While a group is paused it waits for an operator, and for nobody else.
 * const isPause = (order: ControlRecord) => order._tag === "Pause" && order.paused
 * ```
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
