/**
 * What the world may know of a node: read from its state, never decided upon.
 *
 * @since 0.1.0
 */
import type { Epoch, Version } from "../model/Epoch.ts"
import type { PartitionId } from "../model/Partition.ts"
import type { Plan } from "../model/Plan.ts"
import type { Session } from "../model/Record.ts"
import type { WorkerId } from "../model/WorkerId.ts"
import type { Config } from "./Config.ts"
import type { WorkerState } from "./Manager.ts"

/**
 * Whether the store can be reached, apart from the worker's state.
 *
 * @category models
 * @since 0.1.0
 */
export type ConnectionState = { readonly _tag: "Connected" } | { readonly _tag: "Degraded"; readonly since: number }

/**
 * A partition that this worker runs, and the token that proves it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Holding {
  readonly partition: PartitionId
  readonly token: Version
  readonly epoch: Epoch
}

/**
 * A node, seen from outside.
 *
 * @category models
 * @since 0.1.0
 */
export interface NodeView {
  readonly state: WorkerState
  /** The states that the last event led through, in order, the present one last; empty when it changed nothing. */
  readonly entered: ReadonlyArray<WorkerState>
  readonly connection: ConnectionState
  readonly workerId: WorkerId | null
  readonly session: Session | null
  /** When the own lease ends, on the own clock; `null` where there is none. */
  readonly leaseUntil: number | null
  /** Holds the leader's lease, and has taken office. */
  readonly isLeader: boolean
  /** The newest plan seen in the bucket's present life. */
  readonly plan: Plan | null
  /** What runs here, and has not been told to stop. */
  readonly running: ReadonlyArray<Holding>
  /** What has been told to stop, and has not ended yet. */
  readonly ending: ReadonlyArray<Holding>
}

/**
 * Whether handlers may run at an instant of the own clock, whatever they have been told so far.
 *
 * @category combinators
 * @since 0.1.0
 */
export const mayRun = (
  { onStoreLoss }: Pick<Config, "onStoreLoss">,
  leaseUntil: NodeView["leaseUntil"],
  at: number
): boolean => onStoreLoss === "hold" || (leaseUntil !== null && at < leaseUntil)
