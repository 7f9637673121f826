/**
 * What the watch has shown of the workers, and what it proves.
 *
 * **Table**
 *
 * | record of the id                    | how a session of that id stands                                          |
 * | ----------------------------------- | ------------------------------------------------------------------------ |
 * | its own, `live`                     | `Live`, whatever its silence: silence permits an attempt to evict, no more |
 * | its own, `released` or `evicted`    | `Left`, `Crashed`: its lease has ended                                     |
 * | its own, `fenced`                   | `Ending` for a full lease from when that was seen, then `Crashed`          |
 * | another's that came `after` it      | `Crashed`: whoever took the id saw the lease end                           |
 * | another's without that proof        | `Ending` for a full lease from when the other was first seen, then `Crashed` |
 * | none                                | `Gone`: a vanished key is no end; the leader must write `evicted` first    |
 *
 * @since 0.1.0
 */
import type { Session, WorkerRecord } from "../model/Record.ts"
import { absent, type Revision } from "../model/Revision.ts"
import * as WorkerId from "../model/WorkerId.ts"
import type { Config } from "./Config.ts"

/**
 * One worker id as the watch shows it. `seenAt`: when this revision, or its absence, was first seen; `sessionSince`: when
 * this session was. `left`, `crashed`: sessions of this id whose lease is proven to have ended. `isListed`: shown since
 * the present watch was opened. `session`: the last one seen, also after its record has vanished.
 *
 * @category models
 * @since 0.1.0
 */
export interface Member {
  readonly id: WorkerId.WorkerId
  readonly revision: Revision
  readonly record: WorkerRecord | null
  readonly session: Session | null
  readonly seenAt: number
  readonly sessionSince: number
  readonly left: ReadonlyArray<Session>
  readonly crashed: ReadonlyArray<Session>
  readonly isListed: boolean
}

/**
 * All that was seen of the `live` bucket, in the bucket's present life. `openedAt`: since when the present watch has been
 * listening; `incarnationAt`: since when this life of the bucket has been known. `longestLeaseMs`: the longest lease,
 * with its margin, that any record ever claimed: where a record has vanished, nobody knows how long its own was.
 *
 * @category models
 * @since 0.1.0
 */
export interface State {
  readonly incarnation: string | null
  readonly incarnationAt: number
  readonly openedAt: number
  readonly isSynced: boolean
  readonly members: ReadonlyArray<Member>
  readonly longestLeaseMs: number
}

/**
 * How a session stands.
 *
 * @category models
 * @since 0.1.0
 */
export type Standing = "Live" | "Left" | "Crashed" | "Ending" | "Gone"

/**
 * Before the first watch.
 *
 * @category constants
 * @since 0.1.0
 */
export const empty: State = {
  incarnation: null,
  incarnationAt: 0,
  openedAt: 0,
  isSynced: false,
  members: [],
  longestLeaseMs: 0
}

/** So many ended sessions of one id are remembered. */
const rememberedSessions = 8

/**
 * A watch begins to list. In another life of the bucket nothing that was seen before counts.
 *
 * @category reducers
 * @since 0.1.0
 */
export const opened = (state: State, incarnation: string, at: number): State =>
  state.incarnation === incarnation
    ? { ...state, openedAt: at, isSynced: false, members: state.members.map((one) => ({ ...one, isListed: false })) }
    : { ...state, incarnation, incarnationAt: at, openedAt: at, isSynced: false, members: [] }

/**
 * The watch was given another scope: only the own id is followed from here on, or all are listed anew.
 *
 * @category reducers
 * @since 0.1.0
 */
export const narrowed = (state: State, own: WorkerId.WorkerId | null): State => ({
  ...state,
  isSynced: false,
  members: state.members.filter((member) => member.id === own)
})

/**
 * Everything there was has been shown: what was not has vanished.
 *
 * @category reducers
 * @since 0.1.0
 */
export const synced = (state: State, at: number): State => ({
  ...state,
  isSynced: true,
  members: state.members.map((one) =>
    one.isListed || one.record === null ? one : { ...one, record: null, seenAt: at, isListed: true }
  )
})

/**
 * The watch shows a record, or that it is gone. Returns the same state when it is no news.
 *
 * @category reducers
 * @since 0.1.0
 */
export const observed = (
  state: State,
  id: WorkerId.WorkerId,
  revision: Revision,
  record: WorkerRecord | null,
  at: number
): State => {
  const before = find(state, id)
  if (before !== undefined && isOld(before, revision, record)) {
    return before.isListed ? state : { ...state, members: insert(state.members, { ...before, isListed: true }) }
  }
  const sameSession = before?.record?.session !== undefined && before.record.session === record?.session
  const left = record?.state === "released" ? remember(before?.left, record.session) : (before?.left ?? [])
  // Whoever takes an id over names who had it before, also where that one had given it back.
  const former = record?.after ?? null
  const member: Member = {
    id,
    revision,
    record,
    session: record?.session ?? before?.session ?? null,
    seenAt: at,
    sessionSince: sameSession && before !== undefined ? before.sessionSince : at,
    left,
    crashed: remember(
      record?.state === "evicted" ? remember(before?.crashed, record.session) : before?.crashed,
      former === null || left.includes(former) ? null : former
    ),
    isListed: true
  }
  const leaseMs = record === null ? 0 : record.leaseMs + record.marginMs
  const longestLeaseMs = Math.max(state.longestLeaseMs, leaseMs)
  return { ...state, members: insert(state.members, member), longestLeaseMs }
}

/**
 * Looks an id up.
 *
 * @category combinators
 * @since 0.1.0
 */
export const find = (state: State, id: WorkerId.WorkerId): Member | undefined => {
  const index = position(state.members, id)
  const member = state.members[index]
  return member?.id === id ? member : undefined
}

/**
 * How long a session may be unheard of before anybody may act on it: what its record says (the longest that was ever said,
 * where there is none), or the observer's own setting where that is longer.
 *
 * @category combinators
 * @since 0.1.0
 */
export const fullLeaseMs = (config: Config, state: State, record: WorkerRecord | null): number =>
  Math.max(config.leaseMs + config.marginMs, record === null ? state.longestLeaseMs : record.leaseMs + record.marginMs)

/**
 * When a member will have been unheard of for a full lease, given since when the observer itself has been listening.
 *
 * @category combinators
 * @since 0.1.0
 */
export const silentAt = (config: Config, state: State, member: Member, listeningSince: number): number =>
  Math.max(member.seenAt, listeningSince) + fullLeaseMs(config, state, member.record)

/**
 * Whether a member has been unheard of for longer than a healthy one ever is. It may be on its way to being evicted, or one
 * of many in a mass restart; nothing is done to it on this account.
 *
 * @category predicates
 * @since 0.1.0
 */
export const isSuspect = (config: Config, member: Member, listeningSince: number, at: number): boolean =>
  at - Math.max(member.seenAt, listeningSince) > 2 * config.heartbeatIntervalMs + config.marginMs

/**
 * How one session of an id stands now.
 *
 * @category combinators
 * @since 0.1.0
 */
export const standing = (
  config: Config,
  state: State,
  id: WorkerId.WorkerId,
  session: Session,
  listeningSince: number,
  at: number
): Standing => {
  const member = find(state, id)
  if (member === undefined) return "Gone"
  if (member.left.includes(session)) return "Left"
  if (member.crashed.includes(session)) return "Crashed"
  if (member.record === null) return "Gone"
  if (member.record.session === session) {
    if (member.record.state === "live") return "Live"
    return at >= silentAt(config, state, member, listeningSince) ? "Crashed" : "Ending"
  }
  return at >= endingUntil(config, state, member, listeningSince) ? "Crashed" : "Ending"
}

/**
 * When a session that is `Ending` will have ended.
 *
 * @category combinators
 * @since 0.1.0
 */
export const endingUntil = (config: Config, state: State, member: Member, listeningSince: number): number =>
  member.record?.state === "fenced"
    ? silentAt(config, state, member, listeningSince)
    : Math.max(member.sessionSince, listeningSince) + fullLeaseMs(config, state, null)

/** An entry shown again, or one that a newer one has overtaken. A key that is gone is news only once. */
const isOld = (before: Member, revision: Revision, record: WorkerRecord | null): boolean =>
  record === null
    ? before.record === null || (revision !== absent && revision < before.revision)
    : revision < before.revision || (revision === before.revision && before.record !== null)

const remember = (sessions: ReadonlyArray<Session> | undefined, session: Session | null): ReadonlyArray<Session> => {
  const known = sessions ?? []
  return session === null || known.includes(session) ? known : [...known, session].slice(-rememberedSessions)
}

/** Where the id is, or would be: members are kept in the order of their ids. */
const position = (members: ReadonlyArray<Member>, id: WorkerId.WorkerId): number => {
  let low = 0
  let high = members.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const member = members[middle]
    if (member !== undefined && WorkerId.compare(member.id, id) < 0) low = middle + 1
    else high = middle
  }
  return low
}

const insert = (members: ReadonlyArray<Member>, member: Member): ReadonlyArray<Member> => {
  const index = position(members, member.id)
  return members[index]?.id === member.id ? members.with(index, member) : members.toSpliced(index, 0, member)
}
