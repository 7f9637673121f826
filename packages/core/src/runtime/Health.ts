/**
 * Whether a worker lives, and whether it is ready, as a platform asks that starts and stops processes.
 *
 * **Table**
 *
 * | what | live | ready |
 * | --- | --- | --- |
 * | the worker starts | yes | no |
 * | it takes part in its group, with partitions or without | yes | yes |
 * | the store is away, and its lease still holds | yes | yes |
 * | its lease is over: nothing runs here until it is renewed | yes | no |
 * | it was evicted or fenced, and claims again | yes | no |
 * | it is stopping, or was stopped | yes | no |
 * | a mistake of the program has ended it, or it could not start | no | no |
 * | its loop has not turned for three full leases | no | no |
 *
 * A restart cures none of what is live: it would only take from a worker what it can have again when the store is back.
 *
 * @since 0.1.0
 */
import type { WorkerState } from "../protocol/Manager.ts"

/**
 * What health is judged by. `mayRun`: whether handlers may run now. `silentMs`: since when the worker's loop has not
 * turned. `end`: how the worker has ended, if it has.
 *
 * @category models
 * @since 0.1.0
 */
export interface Status {
  readonly state: WorkerState
  readonly mayRun: boolean
  readonly silentMs: number
  readonly end: End | null
}

/**
 * How a worker has ended: because somebody wanted that, or by itself.
 *
 * @category models
 * @since 0.1.0
 */
export type End = "Stopped" | "StartFailed" | "Died"

/**
 * An answer, and why it is no; no reasons where it is yes.
 *
 * @category models
 * @since 0.1.0
 */
export interface Verdict {
  readonly ok: boolean
  readonly reasons: ReadonlyArray<string>
}

/**
 * How a worker is. One that does not live should be restarted; one that is not ready should be waited for.
 *
 * @category models
 * @since 0.1.0
 */
export interface Health {
  readonly live: Verdict
  readonly ready: Verdict
}

/**
 * What health depends on.
 *
 * @category models
 * @since 0.1.0
 */
export interface Patience {
  readonly leaseMs: number
  readonly marginMs: number
}

/**
 * Before there is a worker: the process lives, and is not ready.
 *
 * @category constants
 * @since 0.1.0
 */
export const starting: Health = {
  live: { ok: true, reasons: [] },
  ready: { ok: false, reasons: ["the worker has not started yet"] }
}

/**
 * Judges a worker.
 *
 * @category conversions
 * @since 0.1.0
 */
export const judge = (patience: Patience, status: Status): Health => {
  const ill = illness(patience, status)
  return { live: verdict(ill), ready: verdict([...ill, ...unreadiness(status)]) }
}

const verdict = (reasons: ReadonlyArray<string>): Verdict => ({ ok: reasons.length === 0, reasons })

/** Full leases for which the loop may stand still: a stop of the machine must not look like one of the program. */
const patientLeases = 3

const illness = ({ leaseMs, marginMs }: Patience, { end, silentMs }: Status): ReadonlyArray<string> => {
  switch (end) {
    case "Died":
      return ["the worker has ended by a mistake of the program; its log says which"]
    case "StartFailed":
      return ["the worker could not start; its log says why"]
    case "Stopped":
      return []
    case null:
      return silentMs > patientLeases * (leaseMs + marginMs)
        ? [`the worker's loop has not turned for ${silentMs} ms: the event loop is blocked, or the worker hangs`]
        : []
  }
}

const unreadiness = ({ end, mayRun, state }: Status): ReadonlyArray<string> => {
  if (end !== null) return ["the worker has ended"]
  switch (state) {
    case "Shutdown":
      return ["the worker is stopping"]
    case "Init":
    case "ClaimingId":
    case "Election":
    case "WaitingAssignment":
      return [`the worker does not take part in its group yet: it is in the state ${state}`]
    case "Stable":
    case "Scaling":
    case "Rebalancing":
    case "Emergency":
      return mayRun
        ? []
        : ["the lease is over and could not be renewed: nothing runs here until the store takes writes"]
  }
}
