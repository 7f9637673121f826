/**
 * Watches a group, and gives it orders, without taking part in it.
 *
 * **Example** (A page for those on call)
 *
 * ```ts
 * import { GroupObserver } from "@parti/core"
 * import { Effect, Stream } from "effect"
 *
 * const seconds = (ms: number) => `${Math.round(ms / 1000)} s`
 * const lineOf = ({ id, record, unchangedMs }: GroupObserver.ObservedWorker) =>
 *   `${id} ${record.state}, silent for ${seconds(unchangedMs)}`
 * const officeOf = (leader: GroupObserver.ObservedLeader | null) =>
 *   leader === null ? "no leader" : `led by ${leader.record.workerId}`
 * const orderOf = ({ workerId, writtenAt }: GroupObserver.ObservedDrain) =>
 *   `${workerId} is drained${writtenAt === null ? "" : ` since ${new Date(writtenAt).toISOString()}`}`
 * // Written by a newer release, or damaged.
 * const unreadable = ({ bucket, key, reason }: GroupObserver.UndecodableRecord) => `${bucket}/${key}: ${reason}`
 *
 * const page = (snapshot: GroupObserver.GroupSnapshot) =>
 *   [
 *     officeOf(snapshot.leader),
 *     ...snapshot.workers.map(lineOf),
 *     ...snapshot.drains.map(orderOf),
 *     ...snapshot.undecodable.map(unreadable)
 *   ].join("\n")
 *
 * const options: GroupObserver.GroupObserverOptions = { requestTimeout: "5 seconds" }
 * const show = ({ changes }: GroupObserver.GroupObserver) => Stream.runForEach(changes, (one) => Effect.log(page(one)))
 * const program = Effect.scoped(Effect.flatMap(GroupObserver.make("orders", options), show))
 * ```
 *
 * **Example** (Drains that somebody has forgotten to take back)
 *
 * ```ts
 * import type { GroupObserver } from "@parti/core"
 * import { Effect } from "effect"
 *
 * // Of orders, whoever gives them needs no more than this.
 * const release = <E>(orders: GroupObserver.GroupOrders<E>, drains: ReadonlyArray<GroupObserver.DrainOrder>) =>
 *   Effect.forEach(drains, ({ workerId }) => orders.undrain(workerId), { discard: true })
 * ```
 *
 * @since 0.1.0
 */
export { type GroupObserver, type GroupObserverOptions, make } from "./runtime/GroupObserver.ts"
export type {
  GroupSnapshot,
  ObservedDrain,
  ObservedLeader,
  ObservedWorker,
  UndecodableRecord
} from "./runtime/GroupSighting.ts"
export type { DrainOrder, GroupOrders } from "./runtime/GroupOrders.ts"
