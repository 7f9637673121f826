/**
 * Watches a group, and gives it orders, without taking part in it.
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
