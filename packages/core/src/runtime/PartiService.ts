/**
 * What users see of a worker, and what they can ask of it.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as Epoch from "../model/Epoch.ts"
import type { WorkerId } from "../model/WorkerId.ts"
import type { StopIntent } from "../protocol/Event.ts"
import type { WorkerState } from "../protocol/Manager.ts"
import type { Connection } from "./Connection.ts"
import type { StoreUnavailable } from "./CoordinationStore.ts"
import { type WorkerStopped, WorkerUnknown } from "./Errors.ts"
import * as GroupView from "./GroupView.ts"
import type { HandlerOptions } from "./Handlers.ts"
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
export interface PartiService {
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
   * Runs the handler for each partition while it is owned, until the caller's scope is closed: handlers that drain are
   * given their time then. The worker keeps its partitions, and runs nothing for them: if it is to end as well, `stop` it
   * first, so that they have moved on by then. Several handlers all run.
   */
  readonly forEachPartition: <E, R>(
    handler: (context: PartitionContext) => Effect.Effect<unknown, E, R>,
    options?: HandlerOptions
  ) => Effect.Effect<void, never, Exclude<R, Scope.Scope> | Scope.Scope>
  /** Asks the leader to read its partition source now. */
  readonly refreshPartitions: Effect.Effect<void, OrderError>
  /** Asks the leader for a rebalance now, without a window. */
  readonly rebalance: Effect.Effect<void, OrderError>
  /** No planned rebalance begins until `resume`; crashes are answered all the same. */
  readonly pause: Effect.Effect<void, OrderError>
  readonly resume: Effect.Effect<void, OrderError>
  /**
   * Moves the partitions of a worker to others and gives it none, until `undrain` or until its process ends. Fails
   * for a worker that the plan does not know.
   */
  readonly drain: (workerId: string) => Effect.Effect<void, OrderError | WorkerUnknown>
  /** Takes the order to drain back. Fails where there is none. */
  readonly undrain: (workerId: string) => Effect.Effect<void, OrderError | WorkerUnknown>
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
  const { board, register, stop } = worker
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
    forEachPartition: register,
    ...ordersOf(worker),
    stop: (options) => stop(options?.intent ?? stopIntent)
  }
}

type Orders = Pick<PartiService, "refreshPartitions" | "rebalance" | "pause" | "resume" | "drain" | "undrain">

const ordersOf = ({ board, orders }: Worker): Orders => {
  const { drains, give } = orders
  const plan = Effect.sync(() => board.plans.current().newest)
  let lastSerial = 0
  const serial = Effect.gen(function* () {
    const handled = (yield* plan)?.handled ?? { rebalance: 0, refresh: 0 }
    lastSerial = Epoch.next(yield* Clock.currentTimeMillis, handled.rebalance, handled.refresh, lastSerial)
    return lastSerial
  })
  return {
    refreshPartitions: Effect.flatMap(serial, (each) => give("refreshPartitions", { _tag: "Refresh", serial: each })),
    rebalance: Effect.flatMap(serial, (each) => give("rebalance", { _tag: "Rebalance", serial: each })),
    pause: give("pause", { _tag: "Pause", paused: true }),
    resume: give("resume", { _tag: "Pause", paused: false }),
    drain: (workerId) =>
      Effect.gen(function* () {
        const workers = (yield* plan)?.workers ?? []
        const worker = workers.find(({ id }) => id === workerId)
        if (worker === undefined) return yield* new WorkerUnknown({ workerId, known: workers.map(({ id }) => id) })
        yield* give("drain", { _tag: "Drain", workerId: worker.id, session: worker.session, draining: true })
      }),
    // A worker that was drained is in no plan any more: only the order tells of it.
    undrain: (workerId) =>
      Effect.gen(function* () {
        const drained = [...drains.values()].filter(({ draining }) => draining)
        const order = drained.find((one) => one.workerId === workerId)
        if (order === undefined)
          return yield* new WorkerUnknown({ workerId, known: drained.map((one) => one.workerId) })
        yield* give("undrain", { ...order, draining: false })
      })
  }
}
