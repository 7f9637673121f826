/**
 * A worker id under a session of this process, and what is written of it.
 *
 * @since 0.1.0
 */
import type { Applied, Session, WorkerRecord } from "../model/Record.ts"
import type { Revision } from "../model/Revision.ts"
import type { WorkerId } from "../model/WorkerId.ts"
import type { Command } from "./Command.ts"
import type { Config } from "./Config.ts"
import type { Lease } from "./Lease.ts"

/**
 * An id under a session of ours. `writes` numbers the writes of this process.
 *
 * @category models
 * @since 0.1.0
 */
export interface Bearing {
  readonly workerId: WorkerId
  readonly session: Session
  readonly after: Session | null
  readonly lease: Lease
}

/**
 * What the record says besides the lease.
 *
 * @category models
 * @since 0.1.0
 */
export interface Content {
  readonly applied: Applied
  readonly draining: boolean
}

/**
 * The order to write the record. The lease has been told of the attempt already.
 *
 * @category constructors
 * @since 0.1.0
 */
export const order = (
  config: Config,
  { after, lease, session, workerId, writes }: Bearing & { readonly writes: number },
  purpose: "Claim" | "Renew" | "Release",
  { at, content }: { readonly at: number; readonly content: Content }
): Command => ({
  _tag: "WriteWorker",
  write: { serial: writes, purpose, issuedAt: at, expected: lease.revision },
  workerId,
  record: {
    state: purpose === "Release" ? "released" : "live",
    session,
    after,
    attempt: lease.attempt,
    leaseMs: config.leaseMs,
    marginMs: config.marginMs,
    instance: config.instance,
    applied: content.applied,
    draining: content.draining,
    capacity: config.capacity,
    ...(config.maxPartitions === null ? {} : { maxPartitions: config.maxPartitions }),
    zone: config.zone,
    ...(config.version === null ? {} : { version: config.version })
  }
})

/**
 * A session of this process that it does not bear: a claim that landed after it was given up, or a renewal after the
 * session was lost. Nobody would renew it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Ghost {
  readonly workerId: WorkerId
  readonly revision: Revision
  readonly record: WorkerRecord
}

/**
 * Whether a record is a ghost's, given the session that is borne.
 *
 * @category predicates
 * @since 0.1.0
 */
export const isGhost = (config: Config, borne: Session | null, record: WorkerRecord | null): record is WorkerRecord =>
  record?.state === "live" && record.session.startsWith(`${config.boot}.`) && record.session !== borne

/**
 * The order to release a ghost. Only once no handler of its session runs any more.
 *
 * @category constructors
 * @since 0.1.0
 */
export const disown = ({ record, revision, workerId }: Ghost, serial: number, at: number): Command => ({
  _tag: "WriteWorker",
  write: { serial, purpose: "Release", issuedAt: at, expected: revision },
  workerId,
  record: { ...record, state: "released" }
})
