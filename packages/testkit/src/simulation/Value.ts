/**
 * What the simulated store holds: records as plain values, without any encoding.
 *
 * @since 0.1.0
 */
import type { ControlRecord, LeaderRecord, Plan, WorkerId, WorkerRecord } from "@parti/core/Protocol"

/**
 * A record under its key, or something that does not decode.
 *
 * @category models
 * @since 0.1.0
 */
export type Value =
  | { readonly _tag: "Worker"; readonly workerId: WorkerId.WorkerId; readonly record: WorkerRecord }
  | { readonly _tag: "Leader"; readonly record: LeaderRecord }
  | { readonly _tag: "Plan"; readonly plan: Plan.Plan }
  | { readonly _tag: "List"; readonly list: Plan.PartitionList }
  | { readonly _tag: "Control"; readonly control: ControlRecord }
  | { readonly _tag: "Garbage" }

/**
 * The key of the leader's record.
 *
 * @category constants
 * @since 0.1.0
 */
export const leaderKey = "leader"

/**
 * The key of the plan.
 *
 * @category constants
 * @since 0.1.0
 */
export const planKey = "plan"

/**
 * The key of a worker's record.
 *
 * @category constructors
 * @since 0.1.0
 */
export const workerKey = (workerId: WorkerId.WorkerId): string => `worker.${workerId}`

/**
 * The key of a list of partitions.
 *
 * @category constructors
 * @since 0.1.0
 */
export const listKey = (version: number): string => `partitions.${version}`

/**
 * The key of an order to the group.
 *
 * @category constructors
 * @since 0.1.0
 */
export const controlKey = (control: ControlRecord): string => {
  switch (control._tag) {
    case "Pause":
      return "control.pause"
    case "Drain":
      return `control.drain.${control.workerId}`
    case "Rebalance":
      return "control.rebalance"
    case "Refresh":
      return "control.refresh"
  }
}
