/**
 * A lease on one key of the `live` bucket, as its holder reckons it.
 *
 * @since 0.1.0
 */
import * as Revision from "../model/Revision.ts"
import type { Config } from "./Config.ts"
import type { Answer } from "./Event.ts"

/**
 * One write of the key whose fate is open: its answer may still come, or may have been lost.
 *
 * @category models
 * @since 0.1.0
 */
export interface Attempt {
  readonly serial: number
  readonly attempt: number
  readonly sentAt: number
}

/**
 * What a holder knows of its own key.
 *
 * **Details**
 *
 * - `revision`: the newest one known to be ours; each write expects it.
 * - `heldUntil`: permission ends here, on the own clock. It counts from the instant the last *accepted* attempt was sent,
 *   so that a slow answer can only shorten it.
 * - `attempt`: the number of the last attempt. Each write has its own, also a repeated one: the watch tells which landed.
 * - `open`: the attempts that may have landed, or may land yet.
 * - `pending`: the serial of the write that has not been answered.
 * - `renewAt`: when the next write is due, once nothing is pending.
 *
 * @category models
 * @since 0.1.0
 */
export interface Lease {
  readonly revision: Revision.Revision
  readonly heldUntil: number
  readonly attempt: number
  readonly open: ReadonlyArray<Attempt>
  readonly pending: number | null
  readonly renewAt: number
}

/** So many attempts are remembered; an older one has long been overtaken by a revision that refuses it. */
const rememberedAttempts = 16

/**
 * A key that is about to be written for the first time, over the given revision.
 *
 * @category constructors
 * @since 0.1.0
 */
export const unheld = (revision: Revision.Revision, at: number): Lease => ({
  revision,
  heldUntil: at,
  attempt: 0,
  open: [],
  pending: null,
  renewAt: at
})

/**
 * The lease after one more write was ordered. The record must carry the new `attempt`.
 *
 * @category reducers
 * @since 0.1.0
 */
export const attempted = (config: Config, lease: Lease, serial: number, at: number): Lease => {
  const attempt = lease.attempt + 1
  return {
    ...lease,
    attempt,
    open: [...lease.open, { serial, attempt, sentAt: at }].slice(-rememberedAttempts),
    pending: serial,
    renewAt: at + config.heartbeatIntervalMs
  }
}

/**
 * What the store answered.
 *
 * **Details**
 *
 * A refusal neither extends the lease nor gives it up: it may come from an own attempt that landed unseen. The watch
 * decides, and until then we try again at a measured pace. Where nobody knows whether the write landed, its attempt stays
 * open, and the next one is due at once.
 *
 * @category reducers
 * @since 0.1.0
 */
export const answered = (config: Config, lease: Lease, answer: Answer): Lease => {
  const { serial } = answer.write
  const sent = lease.open.find((one) => one.serial === serial)
  const isPending = lease.pending === serial
  const settled: Lease = isPending ? { ...lease, pending: null } : lease
  switch (answer._tag) {
    case "WriteAccepted":
      return sent === undefined ? settled : confirmed(config, settled, sent, answer.revision)
    case "WriteRejected":
      return {
        ...settled,
        open: lease.open.filter((one) => one !== sent),
        renewAt: Math.min(lease.renewAt, answer.at + retryMs(config))
      }
    case "WriteUnknown":
      return isPending ? { ...settled, renewAt: Math.min(lease.renewAt, answer.at) } : settled
  }
}

/**
 * Whether an answer is about a write of this lease.
 *
 * @category predicates
 * @since 0.1.0
 */
export const isOurs = (lease: Lease, answer: Answer): boolean =>
  // The watch may have shown the attempt before its answer came: it is no longer open then, and still pending.
  lease.pending === answer.write.serial || lease.open.some((one) => one.serial === answer.write.serial)

/**
 * The watch shows the key under our own session: what landed is known now, also where the answer was lost.
 *
 * @category reducers
 * @since 0.1.0
 */
export const observed = (config: Config, lease: Lease, attempt: number, revision: Revision.Revision): Lease => {
  const sent = lease.open.find((one) => one.attempt === attempt)
  return sent === undefined
    ? { ...lease, revision: Math.max(lease.revision, revision) }
    : confirmed(config, lease, sent, revision)
}

/**
 * The key has vanished (aged away, purged, its bucket lost). That ends nothing: the next attempt creates it again.
 *
 * @category reducers
 * @since 0.1.0
 */
export const vanished = (lease: Lease, at: number): Lease => ({
  ...lease,
  revision: Revision.absent,
  open: [],
  renewAt: Math.min(lease.renewAt, at)
})

/**
 * Whether a deletion that the watch shows is the loss of the record we know of: not one of an earlier record, shown again.
 * One that was found by a listing has no revision.
 *
 * @category predicates
 * @since 0.1.0
 */
export const isLoss = (lease: Lease, revision: Revision.Revision): boolean =>
  lease.revision !== Revision.absent && (revision === Revision.absent || revision >= lease.revision)

/**
 * Whether the lease permits anything at this instant.
 *
 * @category predicates
 * @since 0.1.0
 */
export const isHeld = (lease: Lease, at: number): boolean => at < lease.heldUntil

/**
 * How long to wait after a refusal: a fraction of the heartbeat, so that an outage of the store costs little of the lease.
 *
 * @category combinators
 * @since 0.1.0
 */
export const retryMs = (config: Config): number => Math.max(20, config.heartbeatIntervalMs / 10)

/** An older revision of an older attempt never shortens what a newer one gave. */
const confirmed = (config: Config, lease: Lease, sent: Attempt, revision: Revision.Revision): Lease => ({
  ...lease,
  revision: Math.max(lease.revision, revision),
  heldUntil: Math.max(lease.heldUntil, sent.sentAt + config.leaseMs - config.marginMs),
  open: lease.open.filter((one) => one.attempt > sent.attempt)
})
