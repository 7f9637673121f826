/**
 * How partitions change hands: revoke, acknowledge, grant.
 *
 * **Table** (one partition; `want` is where it is to be)
 *
 * | owner                           | wanted: its owner   | wanted: another        | wanted: nobody       |
 * | ------------------------------- | ------------------- | ---------------------- | -------------------- |
 * | nobody, or ended                | granted             | granted                | nobody               |
 * | lives, nothing open             | stays               | revoke opens           | revoke opens         |
 * | lives, open, not acknowledged   | revoke is cancelled | stays open, retargeted | stays open           |
 * | lives, open, acknowledged       | revoke is cancelled | granted                | nobody               |
 *
 * A grant puts `owner = next` with a new token: the version of the plan that grants. A cancelled revoke keeps its token, a
 * retargeted one what opened it.
 *
 * **Guarantees** S2 (tokens rise with each change of owner) and S5 (a grant follows the former owner's acknowledgement or
 * the end of its lease).
 *
 * @since 0.1.0
 */
import type { Version } from "../model/Epoch.ts"
import type { PartitionId } from "../model/Partition.ts"
import * as PartitionSet from "../model/PartitionSet.ts"
import { nobody, type PartitionList } from "../model/Plan.ts"
import type { Row } from "./Roster.ts"

/**
 * The columns of a plan, and what the leader keeps beside them: `openedAt` is the version whose revoke is out (0 where
 * none is).
 *
 * @category models
 * @since 0.1.0
 */
export interface Columns {
  readonly owner: ReadonlyArray<number>
  readonly next: ReadonlyArray<number>
  readonly token: ReadonlyArray<Version>
  readonly openedAt: ReadonlyArray<Version>
}

/**
 * What decides a step: the rows that the columns point into, the version of the plan to be written, where each partition
 * is wanted (`null`: where `next` says), and whether anything may be granted at all.
 *
 * @category models
 * @since 0.1.0
 */
export interface Terms {
  readonly rows: ReadonlyArray<Row>
  readonly version: Version
  readonly wanted: ArrayLike<number> | null
  readonly mayGrant: boolean
}

/**
 * The columns after the step. `awaited`: the rows whose acknowledgement is awaited. `isSettled`: every partition is where
 * it is wanted, or waits for a session that is to come back. `isGivenBack`: a partition stays with its owner because the
 * session that it was to go to has ended, and another target is wanted.
 *
 * @category models
 * @since 0.1.0
 */
export interface Advanced extends Columns {
  readonly awaited: ReadonlyArray<number>
  readonly isSettled: boolean
  readonly isGivenBack: boolean
}

/**
 * One step of all handoffs at once, as far as what is known permits.
 *
 * @category reducers
 * @since 0.1.0
 */
export const advance = (columns: Columns, terms: Terms): Advanced => {
  const owner: Array<number> = []
  const next: Array<number> = []
  const token: Array<Version> = []
  const openedAt: Array<Version> = []
  const awaited = new Set<number>()
  let isSettled = true
  let isGivenBack = false
  for (let p = 0; p < columns.owner.length; p++) {
    const before = at(columns, p)
    const want = wanted(before, terms, p)
    const after = step(before, want, terms)
    owner.push(after.owner)
    next.push(after.next)
    token.push(after.token)
    openedAt.push(after.openedAt)
    if (after.openedAt > (terms.rows[after.owner]?.acknowledged ?? 0)) awaited.add(after.owner)
    if (want !== null && after.owner !== after.next) isSettled = false
    if (terms.wanted === null && before.next !== before.owner && want === before.owner) isGivenBack = true
  }
  return { owner, next, token, openedAt, awaited: [...awaited].sort((a, b) => a - b), isSettled, isGivenBack }
}

/**
 * The same columns over another list of partitions: what is in both keeps its place, what is new has no owner.
 *
 * @category reducers
 * @since 0.1.0
 */
export const relist = (columns: Columns, from: PartitionList, to: PartitionList): Columns => {
  const before = PartitionSet.of(from.partitions)
  const places = PartitionSet.of(to.partitions).ids.map((id) => before.indexOf(id))
  const pick = (column: ReadonlyArray<number>, missing: number) => places.map((place) => column[place] ?? missing)
  return {
    owner: pick(columns.owner, nobody),
    next: pick(columns.next, nobody),
    token: pick(columns.token, 0),
    openedAt: pick(columns.openedAt, 0)
  }
}

/**
 * After a leader's first plan: each revoke that was found open counts as opened by it, since acknowledgements of an
 * earlier term prove nothing.
 *
 * @category constructors
 * @since 0.1.0
 */
export const reopened = (
  owner: ReadonlyArray<number>,
  next: ReadonlyArray<number>,
  version: Version
): ReadonlyArray<Version> => owner.map((one, p) => (one !== nobody && one !== next[p] ? version : 0))

/**
 * What a session is to run by a plan, and whether the plan takes anything from it.
 *
 * @category combinators
 * @since 0.1.0
 */
export const shareOf = (
  columns: Pick<Columns, "owner" | "next" | "token">,
  ids: ReadonlyArray<PartitionId>,
  seat: number
): { readonly mine: ReadonlyMap<PartitionId, Version>; readonly isTakenFrom: boolean } => {
  const mine = new Map<PartitionId, Version>()
  let isTakenFrom = false
  if (seat === nobody) return { mine, isTakenFrom }
  ids.forEach((id, p) => {
    if (columns.owner[p] !== seat) return
    // An owner that is not next may only finish what runs already.
    if (columns.next[p] === seat) mine.set(id, columns.token[p] ?? 0)
    else isTakenFrom = true
  })
  return { mine, isTakenFrom }
}

interface Cell {
  readonly owner: number
  readonly next: number
  readonly token: Version
  readonly openedAt: Version
}

const at = (columns: Columns, p: number): Cell => ({
  owner: columns.owner[p] ?? nobody,
  next: columns.next[p] ?? nobody,
  token: columns.token[p] ?? 0,
  openedAt: columns.openedAt[p] ?? 0
})

/** `null`: it waits, for a session that has ended to come back under its id, or for one to be proven ended. */
const wanted = (cell: Cell, terms: Terms, p: number): number | null => {
  if (terms.wanted !== null) return terms.wanted[p] ?? nobody
  const row = terms.rows[cell.next]
  if (row === undefined) return nobody
  if (!row.hasEnded) return row.standing === "Live" ? cell.next : null
  if (row.heir !== nobody) return row.heir
  const owner = terms.rows[cell.owner]
  return owner?.isEligible === true ? cell.owner : null
}

const step = (cell: Cell, want: number | null, terms: Terms): Cell => {
  const row = terms.rows[cell.owner]
  if (want === null) return cell
  if (row === undefined || row.hasEnded) return grant(cell, want, terms)
  if (want === cell.owner) return { ...cell, next: cell.owner, openedAt: 0 }
  const isAcknowledged = cell.openedAt > 0 && row.acknowledged >= cell.openedAt
  if (isAcknowledged && (terms.mayGrant || want === nobody)) return grant(cell, want, terms)
  return { ...cell, next: want, openedAt: cell.openedAt > 0 ? cell.openedAt : terms.version }
}

const grant = (cell: Cell, want: number, terms: Terms): Cell => {
  if (want === nobody) return { owner: nobody, next: nobody, token: cell.token, openedAt: 0 }
  return terms.mayGrant
    ? { owner: want, next: want, token: terms.version, openedAt: 0 }
    : { ...cell, next: want, openedAt: 0 }
}
