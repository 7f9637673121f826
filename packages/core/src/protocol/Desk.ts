/**
 * What lies before a leader when it decides.
 *
 * @since 0.1.0
 */
import type { Epoch, Version } from "../model/Epoch.ts"
import type { Partition } from "../model/Partition.ts"
import type { Session } from "../model/Record.ts"
import type { WorkerId } from "../model/WorkerId.ts"
import type * as Calculator from "./Calculator.ts"
import type * as Membership from "./Membership.ts"
import type { Drain } from "./Roster.ts"

/**
 * What a leader keeps beside the plan in force. It is lost with the term, and rebuilt from the plan.
 *
 * - `openedAt`: see `Handoff.Columns`. - `home`: for each partition its last owner that left, to return it to.
 * - `work`: what the target in force was computed for. - `isDeferred`: something is left to be moved, by a move budget or because whom it was for has ended.
 *
 * @category models
 * @since 0.1.0
 */
export interface Kept {
  readonly calculator: Calculator.State
  readonly openedAt: ReadonlyArray<Version>
  readonly home: ReadonlyArray<WorkerId | null>
  readonly work: string
  readonly isDeferred: boolean
}

/**
 * What the leader sees when it drafts.
 *
 * @category models
 * @since 0.1.0
 */
export interface Sight {
  readonly at: number
  readonly wall: number
  readonly self: { readonly workerId: WorkerId; readonly session: Session }
  readonly epoch: Epoch
  readonly members: Membership.State
  readonly listeningSince: number
  readonly tookOfficeAt: number
  /** The version of the first plan of this office; 0 before there is one. */
  readonly firstVersion: Version
  readonly lastVersion: Version
  readonly source: ReadonlyArray<Partition> | null
  readonly drains: ReadonlyArray<Drain>
  readonly isPaused: boolean
  readonly rebalanceSerial: number
  readonly refreshSerial: number
}
