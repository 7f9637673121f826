/**
 * What the page knows of the group: what it was told, put together.
 *
 * @import { Change } from "../src/cli/ui/Change.ts"
 * @import { HistoryRow } from "../src/cli/ui/HistoryRow.ts"
 * @import { Facts, List, WorkerRow } from "../src/cli/ui/Picture.ts"
 */

/**
 * A partition that came to another owner while the page watched; `at` is the page's own time.
 *
 * @typedef {{ readonly at: number, readonly from: number }} Move
 */

/**
 * `aheadMs`: by how much the server's clock is ahead of the page's.
 *
 * @typedef {object} Model
 * @property {number} aheadMs
 * @property {Facts | null} facts
 * @property {ReadonlyArray<string>} names
 * @property {ReadonlyMap<number, WorkerRow>} workers
 * @property {List} list
 * @property {ReadonlyArray<number>} order The places, by the order of ids: `a.9` before `a.10`.
 * @property {ReadonlyArray<number>} owner
 * @property {ReadonlyMap<number, number>} handoffs
 * @property {ReadonlyArray<HistoryRow>} history
 * @property {ReadonlyMap<number, Move>} moves
 */

/** @typedef {Change & { readonly now: number }} Told */

/** The seat of nobody. */
export const nobody = -1

/** For so long a move is remembered. */
export const rememberedMs = 8000

/** @type {Model} */
export const empty = {
  aheadMs: 0,
  facts: null,
  names: [],
  workers: new Map(),
  list: { version: 0, ids: [], weights: 1 },
  order: [],
  owner: [],
  handoffs: new Map(),
  history: [],
  moves: new Map()
}

/**
 * The model after it was told of a change, at a time of the page's clock.
 *
 * @param {Model} model
 * @param {Told} told
 * @param {number} at
 * @returns {Model}
 */
export const follow = (model, told, at) => {
  const owner = ownerAfter(model.owner, told)
  const isSameList = told.list === undefined
  return {
    aheadMs: told.now - at,
    facts: told.facts ?? model.facts,
    names: told.names === undefined ? model.names : [...model.names, ...told.names],
    workers: workersAfter(model.workers, told),
    list: told.list ?? model.list,
    order: told.list === undefined ? model.order : ordered(told.list),
    owner,
    handoffs: told.handoffs === undefined ? model.handoffs : new Map(told.handoffs),
    history: historyAfter(model.history, told),
    moves: isSameList ? movesAfter(model, told, at) : new Map()
  }
}

/** Numbers by their value: `worker-9` before `worker-10`. */
const natural = new Intl.Collator("en", { numeric: true })

/**
 * @param {List} list
 * @returns {ReadonlyArray<number>}
 */
const ordered = ({ ids }) => [...ids.keys()].sort((one, other) => natural.compare(ids[one] ?? "", ids[other] ?? ""))

/**
 * @param {ReadonlyArray<number>} before
 * @param {Change} change
 * @returns {ReadonlyArray<number>}
 */
const ownerAfter = (before, { moved, owner }) => {
  if (owner !== undefined) return owner
  if (moved === undefined) return before
  const after = [...before]
  for (const [place, seat] of moved) after[place] = seat
  return after
}

/**
 * @param {ReadonlyMap<number, WorkerRow>} before
 * @param {Change} change
 * @returns {ReadonlyMap<number, WorkerRow>}
 */
const workersAfter = (before, { gone = [], workers = [] }) => {
  if (gone.length === 0 && workers.length === 0) return before
  const after = new Map(before)
  for (const seat of gone) after.delete(seat)
  for (const row of workers) after.set(row.seat, row)
  return after
}

/**
 * @param {ReadonlyArray<HistoryRow>} before
 * @param {Change} change
 * @returns {ReadonlyArray<HistoryRow>}
 */
const historyAfter = (before, { forgotten = [], history = [] }) => {
  if (history.length === 0 && forgotten.length === 0) return before
  const after = new Map(before.map((row) => [row.number, row]))
  for (const row of history) after.set(row.number, row)
  for (const number of forgotten) after.delete(number)
  return [...after.values()].sort((one, other) => other.number - one.number)
}

/**
 * @param {Model} model
 * @param {Change} change
 * @param {number} at
 * @returns {ReadonlyMap<number, Move>}
 */
const movesAfter = ({ moves, owner }, { moved = [] }, at) => {
  const isStale = [...moves.values()].some((move) => at - move.at > rememberedMs)
  if (moved.length === 0 && !isStale) return moves
  const after = new Map([...moves].filter(([, move]) => at - move.at <= rememberedMs))
  for (const [place] of moved) after.set(place, { at, from: owner[place] ?? nobody })
  return after
}

/**
 * The server's time at a time of the page.
 *
 * @param {Model} model
 * @param {number} at
 * @returns {number}
 */
export const serverTime = ({ aheadMs }, at) => at + aheadMs

/**
 * How long the window is still open; `null` where there is none.
 *
 * @param {Model} model
 * @param {number} at
 * @returns {number | null}
 */
export const windowLeft = (model, at) => {
  const { phase, windowMs = null } = model.facts ?? {}
  if (phase === undefined || phase.startedAt === null || windowMs === null) return null
  return Math.min(windowMs, Math.max(0, phase.startedAt + windowMs - serverTime(model, at)))
}

/**
 * A worker, and the places of the partitions that it has and of those that it is to get.
 *
 * @typedef {object} Seat
 * @property {number} seat
 * @property {string} name
 * @property {WorkerRow | null} row
 * @property {Array<number>} places
 * @property {Array<number>} arriving
 */

/** @type {WeakMap<Model, ReadonlyArray<Seat>>} */
const seated = new WeakMap()

/**
 * Who sits where: nobody first, then the workers by name.
 *
 * @param {Model} model
 * @returns {ReadonlyArray<Seat>}
 */
export const seats = (model) => {
  const known = seated.get(model) ?? seatsOf(model)
  seated.set(model, known)
  return known
}

/**
 * @param {Model} model
 * @returns {ReadonlyArray<Seat>}
 */
const seatsOf = ({ handoffs, names, order, owner, workers }) => {
  /** @type {Map<number, Seat>} */
  const found = new Map()
  /** @param {number} seat */
  const at = (seat) => {
    const known = found.get(seat)
    if (known !== undefined) return known
    const name = seat === nobody ? "nobody" : (names[seat] ?? "?")
    const made = { seat, name, row: workers.get(seat) ?? null, places: [], arriving: [] }
    found.set(seat, made)
    return made
  }
  at(nobody)
  for (const seat of workers.keys()) at(seat)
  for (const place of order) {
    const seat = owner[place] ?? nobody
    const next = handoffs.get(place) ?? nobody
    at(seat).places.push(place)
    if (next !== nobody && next !== seat) at(next).arriving.push(place)
  }
  return [...found.values()].sort(
    (one, other) => Number(other.seat === nobody) - Number(one.seat === nobody) || natural.compare(one.name, other.name)
  )
}
