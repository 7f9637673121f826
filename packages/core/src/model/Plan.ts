/**
 * The plan: the one record that says who may run which partition now, and who is to run it.
 *
 * @since 0.1.0
 */
import type { Epoch, Version } from "./Epoch.ts"
import type { Partition } from "./Partition.ts"
import type { Session } from "./Record.ts"
import type { WorkerId } from "./WorkerId.ts"

/**
 * What kind of change a rebalance answers.
 *
 * @category models
 * @since 0.1.0
 */
export type RebalanceType = "cold_start" | "restart" | "emergency" | "planned_scale"

/**
 * Why the group is in its phase: the kind of change, or an operator's order.
 *
 * @category models
 * @since 0.1.0
 */
export type PhaseReason = RebalanceType | "requested"

/**
 * What the group is doing, as its leader publishes it. `startedAt` is wall-clock milliseconds, and read only to carry a
 * window over to the next leader, never for longer than `windowMs`.
 *
 * @category models
 * @since 0.1.0
 */
export type Phase =
  | { readonly _tag: "Idle" }
  | { readonly _tag: "Scaling"; readonly reason: RebalanceType; readonly windowMs: number; readonly startedAt: number }
  | { readonly _tag: "Rebalancing"; readonly reason: PhaseReason; readonly startedAt: number }
  | { readonly _tag: "Emergency"; readonly reason: PhaseReason; readonly startedAt: number }

/**
 * A session that the plan knows. Members are those the target was computed for; the others stay listed only while some
 * partition names them.
 *
 * @category models
 * @since 0.1.0
 */
export interface PlanWorker {
  readonly id: WorkerId
  readonly session: Session
  readonly member: boolean
}

/**
 * The partitions the plan is about, in canonical order, under the version that first published this list.
 *
 * @category models
 * @since 0.1.0
 */
export interface PartitionList {
  readonly version: Version
  readonly partitions: ReadonlyArray<Partition>
}

/**
 * Who owns what. `owner`, `next` and `token` run in parallel over the list of partitions: indices into `workers` (or
 * `nobody`), and the version since which the present owner may run it. `owner` and `next` differ only while a handoff is
 * out.
 *
 * `standby`, where the strategy plans one, says who is to take over from `next` when that one is lost: never `next` itself.
 * It permits nothing, and only the next target reads it.
 *
 * `incarnation` names the life of the `live` bucket in which this plan was judged: in another one, silence and absence
 * prove nothing until a full lease has passed. `recovering` says that an earlier plan was lost: nothing is granted until
 * every living session has confirmed this epoch.
 *
 * @category models
 * @since 0.1.0
 */
export interface Plan {
  readonly epoch: Epoch
  readonly version: Version
  readonly leader: { readonly id: WorkerId; readonly session: Session }
  readonly incarnation: string
  readonly recovering: boolean
  readonly phase: Phase
  readonly list: PartitionList
  readonly workers: ReadonlyArray<PlanWorker>
  readonly owner: ReadonlyArray<number>
  readonly next: ReadonlyArray<number>
  readonly token: ReadonlyArray<Version>
  readonly standby?: ReadonlyArray<number>
  readonly handled: { readonly rebalance: number; readonly refresh: number }
}

/**
 * The index that stands for "no worker".
 *
 * @category constants
 * @since 0.1.0
 */
export const nobody = -1
