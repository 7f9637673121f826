/**
 * What anybody may order a group to do, whichever way the orders reach the store.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Epoch from "../model/Epoch.ts"
import type { Plan } from "../model/Plan.ts"
import type { ControlRecord } from "../model/Record.ts"
import type { WorkerId } from "../model/WorkerId.ts"
import { WorkerUnknown } from "./Errors.ts"

/**
 * The orders to a group. Each waits until it is in the store; what comes of it there the leader decides.
 *
 * @category models
 * @since 0.1.0
 */
export interface GroupOrders<E> {
  /** Asks the leader to read its partition source now. */
  readonly refreshPartitions: Effect.Effect<void, E>
  /** Asks the leader for a rebalance now, without a window. */
  readonly rebalance: Effect.Effect<void, E>
  /** No planned rebalance begins until `resume`; crashes are answered all the same. */
  readonly pause: Effect.Effect<void, E>
  readonly resume: Effect.Effect<void, E>
  /**
   * Moves the partitions of a worker to others and gives it none, until `undrain` or until its process ends. Fails
   * for a worker that the plan does not know.
   */
  readonly drain: (workerId: string) => Effect.Effect<void, E | WorkerUnknown>
  /** Takes the order to drain back. Fails where there is none. */
  readonly undrain: (workerId: string) => Effect.Effect<void, E | WorkerUnknown>
}

/**
 * An order to drain a worker, or to do so no longer.
 *
 * @category models
 * @since 0.1.0
 */
export type DrainOrder = Extract<ControlRecord, { readonly _tag: "Drain" }>

/**
 * What orders are made from: the way into the store, and what is known of the group at the moment.
 *
 * @category models
 * @since 0.1.0
 */
export interface Source<E> {
  readonly give: (operation: string, control: ControlRecord) => Effect.Effect<void, E>
  readonly plan: () => Plan | null
  /** The orders to drain that are in the store, by the worker they are about. */
  readonly drains: () => ReadonlyMap<WorkerId, DrainOrder>
}

/**
 * Makes the orders to one group.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = <E>({ drains, give, plan }: Source<E>): GroupOrders<E> => {
  let lastSerial = 0
  const serial = Effect.gen(function* () {
    const handled = plan()?.handled ?? { rebalance: 0, refresh: 0 }
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
        const workers = plan()?.workers ?? []
        const worker = workers.find(({ id }) => id === workerId)
        if (worker === undefined) return yield* new WorkerUnknown({ workerId, known: workers.map(({ id }) => id) })
        yield* give("drain", { _tag: "Drain", workerId: worker.id, session: worker.session, draining: true })
      }),
    // A worker that was drained is in no plan any more: only the order tells of it.
    undrain: (workerId) =>
      Effect.gen(function* () {
        const drained = [...drains().values()].filter(({ draining }) => draining)
        const order = drained.find((one) => one.workerId === workerId)
        if (order === undefined)
          return yield* new WorkerUnknown({ workerId, known: drained.map((one) => one.workerId) })
        yield* give("undrain", { ...order, draining: false })
      })
  }
}
