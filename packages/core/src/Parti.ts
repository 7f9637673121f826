/**
 * A worker of a group, for programs written in Effect.
 *
 * **Example** (What a service does with its worker)
 *
 * ```ts
 * import { Parti } from "@parti/core"
 * import { Effect, Stream } from "effect"
 *
 * // A deployment gives ids back and takes them again; only when fewer are wanted do partitions move first.
 * const stopIntent: Parti.StopIntent = process.env["SCALING_DOWN"] === "true" ? "leave" : "restart"
 *
 * const hooks: Parti.Hooks = {
 *   onStateChanged: ({ from, to }: Parti.StateChange) => Effect.logDebug(`${from} → ${to}`),
 *   onAssignmentChanged: ({ added, removed }: Parti.AssignmentChange) =>
 *     Effect.log(`${added.length} partitions more, ${removed.length} fewer`)
 * }
 * const options: Parti.PartiOptions = { group: "orders", partitions: [{ keys: ["eu"] }], hooks, stopIntent }
 *
 * // Handles what has been taken on, and no more.
 * const handle = Effect.fnUntraced(function* ({ id, isCurrent, revoked, token }: Parti.PartitionContext) {
 *   const firstWork = yield* Parti.FirstWork
 *   const step = Effect.andThen(Effect.promise(() => workOn(id, token)), firstWork)
 *   yield* Effect.raceFirst(Effect.forever(step), revoked)
 *   const reason: Parti.StopReason = yield* revoked
 *   if (reason === "Revoked" && isCurrent()) yield* Effect.log(`${id} goes on elsewhere`)
 * })
 * const drain: Parti.HandlerOptions = { onRevoke: "drain" }
 *
 * const program = Effect.gen(function* () {
 *   const parti = yield* Parti.make(options)
 *   yield* parti.forEachPartition(handle, drain)
 *   yield* Stream.runDrain(parti.stateChanges)
 * })
 * ```
 *
 * **Example** (A page about a worker)
 *
 * ```ts
 * import type { Parti } from "@parti/core"
 * import { Effect } from "effect"
 *
 * const busy: ReadonlyArray<Parti.WorkerState> = ["Scaling", "Rebalancing", "Emergency"]
 *
 * const lineOf = ({ id, token }: Parti.OwnedPartition) => `${id} (token ${token})`
 * const listOf = (assignment: Parti.Assignment) => assignment.map(lineOf).join(", ")
 *
 * const page = (parti: Parti.PartiService) =>
 *   Effect.gen(function* () {
 *     const isBusy = busy.includes(yield* parti.state)
 *     return { isBusy, runs: listOf(yield* parti.assignment) }
 *   })
 *
 * // An order that the store did not take may be given again; a worker that has stopped takes none.
 * const rebalanceSoon = (parti: Parti.PartiService): Effect.Effect<void, Parti.OrderError> =>
 *   Effect.retry(parti.rebalance, { times: 3, while: (error: Parti.OrderError) => error._tag === "StoreUnavailable" })
 * ```
 *
 * **Example** (A test that sees the end of the process)
 *
 * ```ts
 * import { Parti } from "@parti/core"
 * import { Effect } from "effect"
 *
 * const withoutExit = (test: Effect.Effect<void>) =>
 *   Effect.provideService(test, Parti.ProcessExit, Effect.logWarning("the process would end here"))
 * ```
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
