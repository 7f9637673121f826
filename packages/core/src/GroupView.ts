/**
 * The whole group, as the newest plan shows it.
 *
 * @since 0.1.0
 */
export type { GroupPhase, GroupView, GroupWorker, Rebalance } from "./runtime/GroupView.ts"
