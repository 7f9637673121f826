/**
 * The whole group, as the newest plan shows it.
 *
 * **Example** (One line about a group, for a log)
 *
 * ```ts
 * import type { GroupView } from "@parti/core"
 *
 * const waitOf = ({ endsInMs, tag }: GroupView.GroupPhase) => (endsInMs === null ? tag : `${tag}, ${endsInMs} ms left`)
 * const loadOf = ({ id, partitions }: GroupView.GroupWorker) => `${id}:${partitions}`
 * const costOf = (last: GroupView.Rebalance | null) =>
 *   last === null ? "" : `; last time ${last.moved} moved, and ${last.minimum} had to`
 *
 * const line = (view: GroupView.GroupView) =>
 *   `${waitOf(view.phase)}: ${view.workers.map(loadOf).join(" ")}, ${view.unowned} unowned${costOf(view.lastRebalance)}`
 * ```
 *
 * @since 0.1.0
 */
export type { GroupPhase, GroupView, GroupWorker, Rebalance } from "./runtime/GroupView.ts"
