/**
 * What is different between two pictures of a group: all that goes to a page that has the first one.
 *
 * @since 0.1.0
 */
import * as Equal from "effect/Equal"
import type { HistoryRow } from "./HistoryRow.ts"
import type { Facts, Handoff, List, Picture, WorkerRow } from "./Picture.ts"

/**
 * The difference; what is left out has not changed.
 *
 * **Details**
 *
 * - `names`: those that are new, to be put after the ones before. `workers`: the rows that are new or different; `gone`: the
 *   seats of those that are there no more.
 * - `list` comes with the whole `owner`; otherwise `moved` has the places whose owner has changed, and who it is.
 * - `handoffs`: all of them. `history`: the rows that are new or different; `forgotten`: the numbers of those that are kept no more.
 *
 * @category models
 * @since 0.1.0
 */
export interface Change {
  readonly facts?: Facts
  readonly names?: ReadonlyArray<string>
  readonly workers?: ReadonlyArray<WorkerRow>
  readonly gone?: ReadonlyArray<number>
  readonly list?: List
  readonly owner?: ReadonlyArray<number>
  readonly moved?: ReadonlyArray<readonly [place: number, owner: number]>
  readonly handoffs?: ReadonlyArray<Handoff>
  readonly history?: ReadonlyArray<HistoryRow>
  readonly forgotten?: ReadonlyArray<number>
}

/**
 * The difference between two pictures; `null` where there is none. Before the first there was nothing.
 *
 * @category conversions
 * @since 0.1.0
 */
export const between = (before: Picture | null, after: Picture): Change | null => {
  if (before === after) return null
  const change: Change = {
    ...(before !== null && Equal.equals(before.facts, after.facts) ? {} : { facts: after.facts }),
    ...(before?.names.length === after.names.length ? {} : { names: after.names.slice(before?.names.length ?? 0) }),
    ...workers(before?.workers ?? [], after.workers),
    ...columns(before, after),
    ...history(before?.history ?? [], after.history)
  }
  return Object.keys(change).length === 0 ? null : change
}

const workers = (before: ReadonlyArray<WorkerRow>, after: ReadonlyArray<WorkerRow>): Change => {
  const known = new Map(before.map((row) => [row.seat, row]))
  const changed = after.filter((row) => !Equal.equals(known.get(row.seat), row))
  for (const { seat } of after) known.delete(seat)
  return {
    ...(changed.length === 0 ? {} : { workers: changed }),
    ...(known.size === 0 ? {} : { gone: [...known.keys()] })
  }
}

const columns = (before: Picture | null, { handoffs, list, owner }: Picture): Change => {
  if (before?.owner === owner && before.list === list) return {}
  const isListed = before !== null && before.list.version === list.version
  const moved = isListed
    ? owner.flatMap((seat, place) => (before.owner[place] === seat ? [] : [[place, seat] as const]))
    : []
  return {
    ...(isListed ? {} : { list, owner }),
    ...(moved.length === 0 ? {} : { moved }),
    ...(before !== null && Equal.equals(before.handoffs, handoffs) ? {} : { handoffs })
  }
}

const history = (before: ReadonlyArray<HistoryRow>, after: ReadonlyArray<HistoryRow>): Change => {
  if (before === after) return {}
  const known = new Map(before.map((row) => [row.number, row]))
  const changed = after.filter((row) => !Equal.equals(known.get(row.number), row))
  for (const { number } of after) known.delete(number)
  return {
    ...(changed.length === 0 ? {} : { history: changed }),
    ...(known.size === 0 ? {} : { forgotten: [...known.keys()] })
  }
}
