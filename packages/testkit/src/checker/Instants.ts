/**
 * Time without a clock: every instant is kept relative to now, so that worlds that differ only in the date are the same.
 *
 * **Details**
 *
 * The reducers only add spans to instants and compare them with each other and with now, so they cannot tell one date from
 * another. An instant further in the past than the longest span that is ever added to one is as good as any earlier
 * instant: it is kept at that horizon. A date from which something is due or over, to which nothing is ever added, is
 * past once it has come, and it does not matter since when. All this makes the steady life of a group a cycle of a few
 * states.
 *
 * A date that stands for "never" stays what it is. The wall clock, which only numbers plans, stands still.
 *
 * @since 0.1.0
 */
import type { Interner } from "./Interner.ts"

/**
 * Lets time pass: the same value with every instant in it earlier by so much.
 *
 * @category models
 * @since 0.1.0
 */
export type Shift = <A extends object>(value: A, ms: number) => A

/** An instant beyond this one never comes. */
const never = 1_000_000_000

const date = /Until$|^until$|^(?:look|retry|renew|giveUp|timer)At$/

const instant = /At$|Since$|^since$/

/**
 * A shift of canonical values.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (interner: Interner, horizonMs: number): Shift => {
  const memo = new Map<number, Map<object, object>>()
  const bounds = new Map<string, number | null>()

  /** How far into the past an instant of this name is told from others; `null` for what is none. */
  const boundOf = (key: string): number | null => {
    const known = bounds.get(key)
    if (known !== undefined) return known
    const bound = date.test(key) ? 0 : instant.test(key) ? -horizonMs : null
    bounds.set(key, bound)
    return bound
  }

  const later = (value: unknown, key: string, ms: number, done: Map<object, object>): unknown => {
    if (typeof value === "number") {
      const bound = boundOf(key)
      return bound === null || value >= never ? value : Math.max(value - ms, bound)
    }
    return typeof value === "object" && value !== null ? shift(value, ms, done) : value
  }

  const shift = (value: object, ms: number, done: Map<object, object>): object => {
    const known = done.get(value)
    if (known !== undefined) return known
    const shifted = interner.canonical(
      Array.isArray(value)
        ? value.map((one) => later(one, "", ms, done))
        : isPlan(value)
          ? value
          : Object.fromEntries(Object.entries(value).map(([key, one]) => [key, later(one, key, ms, done)]))
    )
    done.set(value, shifted)
    return shifted
  }

  return <A extends object>(value: A, ms: number): A => {
    const done = memo.get(ms) ?? new Map<object, object>()
    memo.set(ms, done)
    // Only numbers have changed.
    return shift(value, ms, done) as A
  }
}

/** A plan tells the time by the wall clock. */
const isPlan = (value: object): boolean => "owner" in value && "next" in value
