/**
 * All that one node knows.
 *
 * @since 0.1.0
 */
import type { Epoch } from "../model/Epoch.ts"
import type { Partition } from "../model/Partition.ts"
import type { Phase, Plan } from "../model/Plan.ts"
import type { Applied, Session } from "../model/Record.ts"
import * as Revision from "../model/Revision.ts"
import type { WorkerId } from "../model/WorkerId.ts"
import type * as Bearing from "./Bearing.ts"
import * as Claim from "./Claim.ts"
import type { Outcome, StopReason, WatchScope } from "./Command.ts"
import * as Connection from "./Connection.ts"
import * as Election from "./Election.ts"
import type { StopIntent } from "./Event.ts"
import * as Holdings from "./Holdings.ts"
import * as Leadership from "./Leadership.ts"
import type { WorkerState } from "./Manager.ts"
import * as Membership from "./Membership.ts"
import type { Drain } from "./Roster.ts"

/**
 * How far the node is in its life.
 *
 * - `Draining`: it leaves, and waits for its partitions to move. `Ending`: its handlers are being stopped. `Releasing`: it
 *   gives back its id, then the office.
 *
 * @category models
 * @since 0.1.0
 */
export type Life =
  | { readonly _tag: "Init" }
  | { readonly _tag: "Running"; readonly startedAt: number; readonly hasArrived: boolean }
  | {
      readonly _tag: "Draining" | "Ending" | "Releasing"
      readonly intent: StopIntent
      readonly since: number
      readonly failure: Extract<Outcome, { readonly _tag: "StartFailed" }> | null
    }
  | { readonly _tag: "Halted" }

/**
 * What the watch of the `plan` bucket has shown. `isReadable`: the newest plan could be decoded; else nobody leads by it,
 * and what it says is not confirmed. `isListed`: shown since the watch was opened.
 *
 * @category models
 * @since 0.1.0
 */
export interface PlanSeen {
  readonly incarnation: string | null
  readonly isSynced: boolean
  readonly isListed: boolean
  readonly isReadable: boolean
  readonly plan: Plan | null
  readonly revision: Revision.Revision
  /** The highest that were ever seen, also in buckets that were lost: what comes next must be higher. */
  readonly highest: Applied
  /** The highest epoch that a former life of the bucket has shown, until this one has shown a plan of its own; 0 before. */
  readonly formerEpoch: Epoch
}

/**
 * The orders in force.
 *
 * @category models
 * @since 0.1.0
 */
export interface Controls {
  readonly isPaused: boolean
  readonly drains: ReadonlyArray<Drain>
  readonly rebalanceSerial: number
  readonly refreshSerial: number
}

/**
 * The own source of partitions. `isEmptyOnce`: it has just said for the first time that there are none any more.
 *
 * @category models
 * @since 0.1.0
 */
export interface Source {
  readonly partitions: ReadonlyArray<Partition> | null
  readonly isEmptyOnce: boolean
}

/**
 * What was last looked at when deciding what runs here: nothing is to be decided anew while it is the same.
 *
 * @category models
 * @since 0.1.0
 */
export interface Followed {
  readonly revision: Revision.Revision
  readonly session: Session | null
  readonly halt: Exclude<StopReason, "Revoked"> | null
  readonly mayStart: boolean
}

/**
 * A key of the `live` bucket that refused a write, and has not been shown since: it may have vanished unseen.
 *
 * @category models
 * @since 0.1.0
 */
export interface Doubt {
  readonly key: WorkerId | "leader"
  readonly since: number
}

/**
 * The state of one node: plain data throughout.
 *
 * @category models
 * @since 0.1.0
 */
export interface State {
  readonly life: Life
  readonly manager: WorkerState
  readonly entered: ReadonlyArray<WorkerState>
  /** The phase to show, once a plan was seen under the present session. */
  readonly phase: Phase["_tag"] | null
  readonly claim: Claim.State
  readonly election: Election.State
  readonly isLeaderListed: boolean
  readonly membership: Membership.State
  readonly connection: Connection.State
  readonly leadership: Leadership.State
  readonly holdings: Holdings.State
  readonly followed: Followed
  readonly plan: PlanSeen
  readonly controls: Controls
  readonly source: Source
  readonly watch: { readonly serial: number; readonly scope: WatchScope }
  readonly doubts: ReadonlyArray<Doubt>
  readonly ghosts: ReadonlyArray<Bearing.Ghost>
  /** Until then a claim that was given up may land, and has to be released. */
  readonly unsureUntil: number
  readonly controlWrites: number
  /** Something was seen that may change what the leader has to say. */
  readonly hasNews: boolean
  readonly timerAt: number | null
}

/**
 * A plan bucket that nothing is known of.
 *
 * @category constants
 * @since 0.1.0
 */
export const unseenPlan: PlanSeen = {
  incarnation: null,
  isSynced: false,
  isListed: false,
  isReadable: true,
  plan: null,
  revision: Revision.absent,
  highest: { epoch: 0, version: 0 },
  formerEpoch: 0
}

/**
 * No orders.
 *
 * @category constants
 * @since 0.1.0
 */
export const noControls: Controls = { isPaused: false, drains: [], rebalanceSerial: 0, refreshSerial: 0 }

/**
 * A source that has not answered.
 *
 * @category constants
 * @since 0.1.0
 */
export const noSource: Source = { partitions: null, isEmptyOnce: false }

/**
 * Before anything has happened.
 *
 * @category constants
 * @since 0.1.0
 */
export const initial: State = {
  life: { _tag: "Init" },
  manager: "Init",
  entered: [],
  phase: null,
  claim: Claim.initial,
  election: Election.initial,
  isLeaderListed: false,
  membership: Membership.empty,
  connection: Connection.initial(0),
  leadership: Leadership.initial,
  holdings: Holdings.initial,
  followed: { revision: Revision.absent, session: null, halt: null, mayStart: false },
  plan: unseenPlan,
  controls: noControls,
  source: noSource,
  watch: { serial: 0, scope: { _tag: "Whole" } },
  doubts: [],
  ghosts: [],
  unsureUntil: 0,
  controlWrites: 0,
  hasNews: false,
  timerAt: null
}
