/**
 * What is in the store, as plain data. How it is written down is `Codec`'s business.
 *
 * @since 0.1.0
 */
import type { Epoch, Version } from "./Epoch.ts"
import type { WorkerId } from "./WorkerId.ts"

/**
 * One claim of a worker id by one process. Drawn anew for each claim; ownership is the pair of id and session.
 *
 * @category models
 * @since 0.1.0
 */
export type Session = string

/**
 * The newest plan all of whose takings have ended at a worker. It counts only within its epoch.
 *
 * @category models
 * @since 0.1.0
 */
export interface Applied {
  readonly epoch: Epoch
  readonly version: Version
}

/**
 * How a session stands, as its record says it.
 *
 * - `live`: it renews its lease.
 * - `released`: its own last word; every handler has ended.
 * - `evicted`: the leader's word after a full lease of silence.
 * - `fenced`: the leader's word over a session that still renews; everybody waits a full lease before acting on it.
 *
 * @category models
 * @since 0.1.0
 */
export type SessionState = "live" | "released" | "evicted" | "fenced"

/**
 * The record of one worker id: lease, heartbeat and acknowledgement in one.
 *
 * `after` is the session whose lease the claimer saw ended when it took the id: the proof that lets the leader hand on
 * at once what that session owned. `attempt` numbers the writes of a session, so that a lost answer can be told by the
 * watch. `extra` holds the fields that a later release wrote and this one does not know: whoever rewrites the record of
 * somebody else (to evict, to fence) keeps them.
 *
 * `version` and `loopDelayMs` are for people: nobody decides by them.
 *
 * @category models
 * @since 0.1.0
 */
export interface WorkerRecord {
  readonly state: SessionState
  readonly session: Session
  readonly after: Session | null
  readonly attempt: number
  readonly leaseMs: number
  readonly marginMs: number
  readonly instance: string
  readonly applied: Applied
  readonly draining: boolean
  readonly capacity: number
  /** Not there: no limit. */
  readonly maxPartitions?: number
  readonly zone: string | null
  /** The version of the software that the worker runs, in its user's words. Not there: it has not said. */
  readonly version?: string
  /**
   * For how long the event loop was held up at most since the renewal before. Added where a renewal is written down; not
   * there: too short to tell.
   */
  readonly loopDelayMs?: number
  readonly extra?: Readonly<Record<string, unknown>>
}

/**
 * The record of the leader's office. Its lease only keeps candidates patient: safety rests on the plan's chain of
 * compare-and-sets.
 *
 * @category models
 * @since 0.1.0
 */
export interface LeaderRecord {
  readonly state: "live" | "released"
  readonly workerId: WorkerId
  readonly session: Session
  readonly epoch: Epoch
  readonly attempt: number
  readonly leaseMs: number
  readonly marginMs: number
}

/**
 * An order to the group, put by an operator or by any worker. A `serial` tells whether the leader has handled it.
 *
 * @category models
 * @since 0.1.0
 */
export type ControlRecord =
  | { readonly _tag: "Pause"; readonly paused: boolean }
  | { readonly _tag: "Drain"; readonly workerId: WorkerId; readonly session: Session; readonly draining: boolean }
  | { readonly _tag: "Rebalance"; readonly serial: number }
  | { readonly _tag: "Refresh"; readonly serial: number }
