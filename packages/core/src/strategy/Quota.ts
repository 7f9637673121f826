/**
 * How many partitions each worker is to own, with the fewest moves that bring everybody within bounds.
 *
 * An index in range always has a value; `?? 0` only says so to the compiler.
 *
 * @since 0.1.0
 */

/**
 * The question: what each worker keeps, what must be placed anyway, and the bounds on the answer.
 *
 * Columns are by worker. `atLeast` sums to no more than all partitions and `atMost` to no less, `atLeast <= atMost`.
 *
 * @category models
 * @since 0.1.0
 */
export interface QuotaInput {
  readonly kept: Int32Array
  readonly unowned: number
  readonly atLeast: Int32Array
  readonly atMost: Int32Array
  /** Fair shares: levels are compared in proportion to them. */
  readonly share: Float64Array
  /** Where homes are; `null` when nothing has one. */
  readonly homing: Homing | null
  /** The most that may move voluntarily. */
  readonly budget: number
}

/**
 * How many partitions would rather be elsewhere, by worker.
 *
 * @category models
 * @since 0.1.0
 */
export interface Homing {
  /** How many of the unowned partitions have their home here. */
  readonly coming: Int32Array
  /** How many of its partitions have their home at another worker. */
  readonly leaving: Int32Array
}

/**
 * The answer. `deferred` is what the budget put off.
 *
 * @category models
 * @since 0.1.0
 */
export interface Quota {
  readonly targets: Int32Array
  readonly voluntary: number
  readonly deferred: number
}

const total = (column: Int32Array): number => {
  let sum = 0
  for (let j = 0; j < column.length; j++) sum += column[j] ?? 0
  return sum
}

// How far one column reaches above another, summed where it does.
const above = (column: Int32Array, other: Int32Array): number => {
  let sum = 0
  for (let j = 0; j < column.length; j++) sum += Math.max(0, (column[j] ?? 0) - (other[j] ?? 0))
  return sum
}

// Columns are short, but there are many of them: loops are several times as quick as `map`.
const combine = (one: Int32Array, other: Int32Array, pick: (a: number, b: number) => number): Int32Array => {
  const combined = new Int32Array(one.length)
  for (let j = 0; j < one.length; j++) combined[j] = pick(one[j] ?? 0, other[j] ?? 0)
  return combined
}

const levelled = (low: number, high: number, share: number, level: number): number =>
  Math.max(low, Math.min(high, Math.floor(level * share)))

const needed = (low: Int32Array, high: Int32Array, share: Float64Array, level: number): number => {
  let sum = 0
  for (let j = 0; j < low.length; j++) sum += levelled(low[j] ?? 0, high[j] ?? 0, share[j] ?? 0, level)
  return sum
}

/** The highest level that needs no more than `amount`, so far as whole units can tell. */
const findLevel = (low: Int32Array, high: Int32Array, share: Float64Array, amount: number): Int32Array => {
  const largest = share.reduce((max, one) => Math.max(max, one), 0)
  let below = 0
  let over = high.reduce((max, most, j) => ((share[j] ?? 0) > 0 ? Math.max(max, (most + 1) / (share[j] ?? 1)) : max), 0)
  // Once no worker has two units between the levels, what is left is a choice of single units.
  while ((over - below) * largest >= 1) {
    const middle = (below + over) / 2
    if (needed(low, high, share, middle) <= amount) below = middle
    else over = middle
  }
  return low.map((least, j) => levelled(least, high[j] ?? 0, share[j] ?? 0, below))
}

/** The places of the `count` least values; of equal ones those that come first. Quicker than sorting places. */
const least = (values: Float64Array, count: number): ReadonlyArray<number> => {
  const last = values.slice().sort()[count - 1] ?? Infinity
  const places: Array<number> = []
  let ties = count
  for (let j = 0; j < values.length; j++) if ((values[j] ?? 0) < last) ties -= 1
  for (let j = 0; j < values.length; j++) {
    const value = values[j] ?? 0
    if (value > last || (value === last && ties === 0)) continue
    if (value === last) ties -= 1
    places.push(j)
  }
  return places
}

/** Units left over go where the level is lowest, among equals to the higher `favour`, then to who comes first. */
const giveRest = (
  filled: Int32Array,
  high: Int32Array,
  share: Float64Array,
  left: number,
  favour: Int32Array | null
): void => {
  const next = new Float64Array(filled.length).fill(Infinity)
  for (let j = 0; j < filled.length; j++) {
    if ((filled[j] ?? 0) < (high[j] ?? 0)) next[j] = ((filled[j] ?? 0) + 1) / (share[j] ?? 0)
  }
  if (favour !== null) {
    const last = next.slice().sort()[left - 1] ?? Infinity
    for (let j = 0; j < next.length; j++) {
      const level = next[j] ?? 0
      next[j] = level < last ? -Infinity : level === last ? -(favour[j] ?? 0) : Infinity
    }
  }
  for (const j of least(next, left)) filled[j] = (filled[j] ?? 0) + 1
}

/**
 * Whole numbers between `low` and `high` that sum to `amount` and are as level as can be in proportion to `share`. Where
 * units are left over at one level, those with the higher `favour` get them, then those who come first.
 *
 * @category constructors
 * @since 0.1.0
 */
export const fill = (
  low: Int32Array,
  high: Int32Array,
  share: Float64Array,
  amount: number,
  favour: Int32Array | null
): Int32Array => {
  const filled = findLevel(low, high, share, amount)
  const left = amount - total(filled)
  if (left > 0) giveRest(filled, high, share, left, favour)
  return filled
}

const negative = (column: Int32Array): Int32Array => combine(column, column, (one) => -one)

/** Takes `amount` from those above `to`, as far as they are. */
const lower = (from: Int32Array, to: Int32Array, input: QuotaInput, amount: number): Int32Array => {
  const possible = amount === 0 ? 0 : Math.min(amount, above(from, to))
  if (possible === 0) return from
  const low = combine(from, to, Math.min)
  const stays = input.homing === null ? null : negative(input.homing.leaving)
  return fill(low, from, input.share, total(from) - possible, stays)
}

/** Gives `amount` to those below `to`, as far as they are. */
const raise = (from: Int32Array, to: Int32Array, input: QuotaInput, amount: number): Int32Array => {
  const possible = amount === 0 ? 0 : Math.min(amount, above(to, from))
  if (possible === 0) return from
  const high = combine(from, to, Math.max)
  return fill(from, high, input.share, total(from) + possible, input.homing?.coming ?? null)
}

const shed = (input: QuotaInput, amount: number): Int32Array => {
  const { kept, atMost, atLeast, homing } = input
  const goal = total(kept) - amount
  const within = lower(kept, atMost, input, amount)
  if (homing === null) return lower(within, atLeast, input, total(within) - goal)
  const rest = combine(kept, homing.leaving, (count, leaving) => count - leaving)
  const sent = lower(within, combine(rest, atLeast, Math.max), input, total(within) - goal)
  return lower(sent, atLeast, input, total(sent) - goal)
}

const place = (input: QuotaInput, shed: Int32Array): Int32Array => {
  const { kept, atMost, atLeast, unowned, homing } = input
  const goal = total(kept) + unowned
  const enough = raise(shed, atLeast, input, goal - total(shed))
  if (homing === null) return raise(enough, atMost, input, goal - total(enough))
  const welcome = combine(
    combine(shed, homing.coming, (count, coming) => count + coming),
    atMost,
    Math.min
  )
  const home = raise(enough, welcome, input, goal - total(enough))
  return raise(home, atMost, input, goal - total(home))
}

/**
 * Decides how many partitions each worker is to own.
 *
 * **Details**
 *
 * With `c` what a worker keeps and `U` unowned partitions, no plan within the bounds moves fewer partitions that have an
 * owner than
 *
 *     m = max( sum of max(0, c - atMost), sum of max(0, atLeast - c) - U, 0 )
 *
 * because what is above `atMost` must leave, and what is missing below `atLeast` must come, of which only `U` moves
 * anyway. This many suffice: shed what is above `atMost` and, for the rest of `m`, from workers above `atLeast`; then fill
 * what is missing below `atLeast`, then the room up to `atMost`. No worker that sheds receives.
 *
 * Among equally cheap answers, partitions that have a home elsewhere leave first, and unowned ones go home first;
 * otherwise the highest level is lowered and the lowest raised.
 *
 * @category constructors
 * @since 0.1.0
 */
export const decide = (input: QuotaInput): Quota => {
  const { kept, atMost, atLeast, unowned, budget } = input
  const least = Math.max(above(kept, atMost), above(atLeast, kept) - unowned)
  const voluntary = Math.max(0, Math.min(least, budget))
  return { targets: place(input, shed(input, voluntary)), voluntary, deferred: Math.max(0, least) - voluntary }
}
