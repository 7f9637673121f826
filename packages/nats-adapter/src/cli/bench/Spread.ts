/**
 * How a span that was measured many times is spread.
 *
 * @since 0.1.0
 */

/**
 * The median, and what 99 of 100 stay within; `null` where nothing was measured.
 *
 * @category models
 * @since 0.1.0
 */
export interface Spread {
  readonly count: number
  readonly p50Ms: number | null
  readonly p99Ms: number | null
}

/**
 * The spread of some spans in milliseconds.
 *
 * @category constructors
 * @since 0.1.0
 */
export const of = (samples: ReadonlyArray<number>): Spread => {
  const sorted = samples.toSorted((one, other) => one - other)
  return { count: sorted.length, p50Ms: rankAt(sorted, 0.5), p99Ms: rankAt(sorted, 0.99) }
}

/** The smallest sample that at least so large a part is no larger than. */
const rankAt = (sorted: ReadonlyArray<number>, part: number): number | null => {
  const found = sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)]
  return found === undefined ? null : rounded(found)
}

/**
 * A span to hundredths of a millisecond: clocks tell no more that means anything.
 *
 * @category conversions
 * @since 0.1.0
 */
export const rounded = (ms: number): number => Math.round(ms * 100) / 100

/**
 * The spread in words: `0.41 ms, 99 of 100 within 1.2 ms (of 812)`.
 *
 * @category rendering
 * @since 0.1.0
 */
export const render = ({ count, p50Ms, p99Ms }: Spread): string =>
  p50Ms === null || p99Ms === null
    ? "not measured: too little time"
    : `${shown(p50Ms)}, 99 of 100 within ${shown(p99Ms)} (of ${count})`

/**
 * A span in milliseconds, to two digits where it is short.
 *
 * @category rendering
 * @since 0.1.0
 */
export const shown = (ms: number): string => `${ms < 10 ? Number(ms.toPrecision(2)) : Math.round(ms)} ms`
