/**
 * What users see of a worker, and what they can ask of it.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { WorkerId } from "../model/WorkerId.ts"
import type { StopIntent } from "../protocol/Event.ts"
import * as Explanation from "../protocol/Explanation.ts"
import type { WorkerState } from "../protocol/Manager.ts"
import type { Connection } from "./Connection.ts"
import type { StoreUnavailable } from "./CoordinationStore.ts"
import type { WorkerStopped } from "./Errors.ts"
import * as GroupOrders from "./GroupOrders.ts"
import * as GroupView from "./GroupView.ts"
import type { HandlerOptions } from "./Handlers.ts"
import type * as Logbook from "./Logbook.ts"
import type { Health } from "./Health.ts"
import * as OwnAssignment from "./OwnAssignment.ts"
import type { PartitionContext } from "./OwnedPartition.ts"
import type { Worker } from "./Worker.ts"

/**
 * Why an order to the group was not taken.
 *
 * @category errors
 * @since 0.1.0
 */
export type OrderError = StoreUnavailable | WorkerStopped

/**
 * One worker. Values show what this worker knows; streams show the current value first, then every change, and end with
 * the worker.
 *
 * @category models
 * @since 0.1.0
 */
export interface PartiService extends GroupOrders.GroupOrders<OrderError> {
  /** The name that this worker holds now, or `null`. After the loss of its lease it may get another. */
  readonly workerId: Effect.Effect<WorkerId | null>
  readonly state: Effect.Effect<WorkerState>
  readonly stateChanges: Stream.Stream<WorkerState>
  /** Whether the store accepts this worker's writes. */
  readonly connection: Effect.Effect<Connection>
  readonly connectionChanges: Stream.Stream<Connection>
  readonly isLeader: Effect.Effect<boolean>
  readonly leaderChanges: Stream.Stream<boolean>
  /** Whether this worker lives and is ready, with the reasons where it does not or is not. */
  readonly health: Effect.Effect<Health>
  /** What this worker may run now. */
  readonly assignment: Effect.Effect<OwnAssignment.Assignment>
  /** From nothing to the current assignment, then from each to the next: what was added and removed adds up. */
  readonly assignmentChanges: Stream.Stream<OwnAssignment.AssignmentChange>
  /** The whole group, as the newest plan that this worker has seen shows it. */
  readonly group: Effect.Effect<GroupView.GroupView>
  readonly groupChanges: Stream.Stream<GroupView.GroupView>
  /**
   * Why a partition is where it is: who has it, since when, and the moves that the log of decisions remembers. Read from
   * the store anew each time.
   */
  readonly explain: (partitionId: string) => Effect.Effect<Explanation.Explanation, Logbook.ReadError>
  /** The log itself: the last 64 decisions, and the plan in force. */
  readonly logbook: Effect.Effect<Logbook.Logbook, Logbook.ReadError>
  /**
   * Runs the handler for each partition while it is owned, until the caller's scope is closed: handlers that drain are
   * given their time then. The worker keeps its partitions, and runs nothing for them: if it is to end as well, `stop` it
   * first, so that they have moved on by then. Several handlers all run.
   */
  readonly forEachPartition: <E, R>(
    handler: (context: PartitionContext) => Effect.Effect<unknown, E, R>,
    options?: HandlerOptions
  ) => Effect.Effect<void, never, Exclude<R, Scope.Scope> | Scope.Scope>
  /**
   * Stops the worker, and waits until it has stopped: at most `shutdownTimeoutMs`, and 10 seconds more for hooks that
   * hang. Of several stops the first decides the intent; default: the worker's own, `stopIntent`.
   */
  readonly stop: (options?: { readonly intent?: StopIntent | undefined }) => Effect.Effect<void>
}

/**
 * What users see of a worker.
 *
 * @category conversions
 * @since 0.1.0
 */
export const of = (worker: Worker, stopIntent: StopIntent = "leave"): PartiService => {
  const { board, logbook, register, stop } = worker
  const orders = GroupOrders.make({
    give: worker.orders.give,
    plan: () => board.plans.current().newest,
    drains: () => worker.orders.drains
  })
  const now = Effect.map(Clock.currentTimeMillis, (wallMs) => (plans: GroupView.Plans) => GroupView.at(plans, wallMs))
  return {
    workerId: Effect.sync(board.workerId.current),
    state: Effect.sync(board.state.current),
    stateChanges: board.state.changes,
    connection: Effect.sync(board.connection.current),
    connectionChanges: board.connection.changes,
    health: worker.health,
    isLeader: Effect.sync(board.isLeader.current),
    leaderChanges: board.isLeader.changes,
    assignment: Effect.sync(board.assignment.current),
    assignmentChanges: OwnAssignment.changes(board.assignment.changes),
    group: Effect.map(now, (viewAt) => viewAt(board.plans.current())),
    groupChanges: Stream.mapEffect(board.plans.changes, (plans) => Effect.map(now, (viewAt) => viewAt(plans))),
    explain: (partitionId) =>
      Effect.map(logbook, ({ decisions, plan }) => Explanation.of(partitionId, decisions, plan)),
    logbook,
    forEachPartition: register,
    ...orders,
    stop: (options) => stop(options?.intent ?? stopIntent)
  }
}
