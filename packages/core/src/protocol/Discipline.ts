/**
 * When a leader ends the session of another: after a full lease of silence, or when one lives but does not let go.
 *
 * **Guarantees** An eviction is only ever an attempt: a compare-and-set on the revision that was silent, which races with
 * the holder's renewal; one of the two fails. A fenced session is waited for by everybody for a full lease.
 *
 * @since 0.1.0
 */
import type { Version } from "../model/Epoch.ts"
import type { Session, WorkerRecord } from "../model/Record.ts"
import * as Revision from "../model/Revision.ts"
import type { WorkerId } from "../model/WorkerId.ts"
import type { Command } from "./Command.ts"
import type { Config } from "./Config.ts"
import type { Sight } from "./Desk.ts"
import * as Draft from "./Draft.ts"
import * as Membership from "./Membership.ts"
import type { Report } from "./Report.ts"
import type { Row } from "./Roster.ts"

/**
 * Since when a session has been waited for to follow the plan to a version.
 *
 * @category models
 * @since 0.1.0
 */
export interface Awaited {
  readonly session: Session
  readonly version: Version
  readonly since: number
}

/**
 * An eviction or a fence that was ordered: not to be ordered again before it is answered (`retryAt` is `null`), or, where
 * it failed, before a moment has passed in which the watch may show why.
 *
 * @category models
 * @since 0.1.0
 */
export interface Order {
  readonly serial: number
  readonly workerId: WorkerId
  readonly record: WorkerRecord
  readonly retryAt: number | null
  /** What is to be said when it was carried out. */
  readonly report: Report
}

/** A session to be ended. */
interface Sentence {
  readonly purpose: "Evict" | "Fence"
  readonly workerId: WorkerId
  readonly expected: Revision.Revision
  readonly record: WorkerRecord
  readonly report: Report
}

/**
 * Keeps account of the living sessions that have not followed the plan in force to the end: those that have something to
 * let go of, and those that renew their lease but are deaf to the plan. One that makes progress is waited for anew.
 *
 * @category reducers
 * @since 0.1.0
 */
export const account = (
  before: ReadonlyArray<Awaited>,
  rows: ReadonlyArray<Row>,
  version: Version,
  at: number
): ReadonlyArray<Awaited> =>
  rows.flatMap((row) => {
    if (row.standing !== "Live" || row.acknowledged >= version) return []
    const known = before.find((one) => one.session === row.session)
    return known !== undefined && row.acknowledged < known.version
      ? [known]
      : [{ session: row.session, version, since: at }]
  })

/**
 * Orders what is due, once.
 *
 * @category reducers
 * @since 0.1.0
 */
export const carryOut = (
  config: Config,
  before: { readonly orders: ReadonlyArray<Order>; readonly writes: number },
  rows: ReadonlyArray<Row>,
  awaited: ReadonlyArray<Awaited>,
  sight: Sight
): { readonly orders: ReadonlyArray<Order>; readonly writes: number; readonly commands: ReadonlyArray<Command> } => {
  const waiting = before.orders.filter((order) => order.retryAt === null || order.retryAt > sight.at)
  const sentences = due(config, rows, awaited, sight)
    .filter((one) => !waiting.some((order) => order.workerId === one.workerId))
    .map((one, index) => ({ ...one, serial: before.writes + 1 + index }))
  return {
    orders: [
      ...waiting,
      ...sentences.map(({ serial, workerId, record, report }) => ({ serial, workerId, record, report, retryAt: null }))
    ],
    writes: before.writes + sentences.length,
    commands: sentences.map(({ serial, purpose, workerId, expected, record }): Command => ({
      _tag: "WriteWorker",
      write: { serial, purpose, issuedAt: sight.at, expected },
      workerId,
      record
    }))
  }
}

/**
 * When the passing of time alone ends a session, or proves one ended.
 *
 * @category combinators
 * @since 0.1.0
 */
export const nextAt = (
  config: Config,
  rows: ReadonlyArray<Row>,
  orders: ReadonlyArray<Order>,
  awaited: ReadonlyArray<Awaited>,
  sight: Sight
): number =>
  rows.reduce((first, row) => {
    const order = orders.find((one) => one.workerId === row.id)
    if (order !== undefined) return Math.min(first, order.retryAt ?? Number.POSITIVE_INFINITY)
    const member = Membership.find(sight.members, row.id)
    const at =
      row.standing === "Ending" && member !== undefined
        ? Membership.endingUntil(config, sight.members, member, sight.listeningSince)
        : dueAt(config, row, awaited, sight)
    return Math.min(first, at)
  }, Number.POSITIVE_INFINITY)

const due = (
  config: Config,
  rows: ReadonlyArray<Row>,
  awaited: ReadonlyArray<Awaited>,
  sight: Sight
): ReadonlyArray<Sentence> =>
  rows.flatMap((row) => {
    if (sight.at < dueAt(config, row, awaited, sight)) return []
    const member = Membership.find(sight.members, row.id)
    const seen = member?.record ?? null
    const record = seen ?? vanished(config, row)
    const expected = member === undefined || seen === null ? Revision.absent : member.revision
    const common = { workerId: row.id, expected }
    if (sight.at < silentAt(config, row, sight)) {
      const waitedMs = sight.at - (awaited.find((one) => one.session === row.session)?.since ?? sight.at)
      return {
        ...common,
        purpose: "Fence" as const,
        record: { ...record, state: "fenced" as const },
        report: { _tag: "WorkerFenced", workerId: row.id, session: row.session, waitedMs }
      }
    }
    const silentMs = sight.at - (member?.seenAt ?? sight.members.openedAt)
    return {
      ...common,
      purpose: "Evict" as const,
      record: { ...record, state: "evicted" as const },
      report: { _tag: "WorkerEvicted", workerId: row.id, session: row.session, silentMs }
    }
  })

const dueAt = (config: Config, row: Row, awaited: ReadonlyArray<Awaited>, sight: Sight): number => {
  const waiting = awaited.find((one) => one.session === row.session)
  const member = Membership.find(sight.members, row.id)
  // One that has stopped renewing is on its way to being evicted, and that is the shorter way.
  const isRenewing = member !== undefined && !Membership.isSuspect(config, member, sight.listeningSince, sight.at)
  const isDeaf = waiting !== undefined && row.standing === "Live" && isRenewing
  const patience = isDeaf ? waiting.since + config.revokeTimeoutMs : Number.POSITIVE_INFINITY
  return Math.min(patience, silentAt(config, row, sight))
}

const silentAt = (config: Config, row: Row, sight: Sight): number => {
  const member = Membership.find(sight.members, row.id)
  switch (row.standing) {
    case "Live":
      return member === undefined
        ? Number.POSITIVE_INFINITY
        : Membership.silentAt(config, sight.members, member, sight.listeningSince)
    case "Gone":
      // A vanished key ends nothing: a full lease counts from when it was noticed, and in this life of the bucket.
      return Math.max(
        Draft.trustedAt(config, sight),
        Math.max(member?.seenAt ?? sight.members.openedAt, sight.listeningSince) +
          Membership.fullLeaseMs(config, sight.members, null)
      )
    case "Left":
    case "Crashed":
    case "Ending":
      return Number.POSITIVE_INFINITY
  }
}

/** What is written where a record has vanished: only its end is of interest. */
const vanished = (config: Config, row: Row): WorkerRecord => ({
  state: "evicted",
  session: row.session,
  after: null,
  attempt: 0,
  leaseMs: config.leaseMs,
  marginMs: config.marginMs,
  instance: "",
  applied: { epoch: 0, version: 0 },
  draining: false,
  capacity: 1,
  zone: null
})
