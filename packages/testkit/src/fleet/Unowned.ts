/**
 * How long partitions had nobody, by cause.
 *
 * @since 0.1.0
 */
import type { Gap } from "./Ownership.ts"

/**
 * How often something was the cause, for how long together, and for how long at worst.
 *
 * @category models
 * @since 0.1.0
 */
export interface Share {
  readonly count: number
  readonly totalMs: number
  readonly worstMs: number
}

/**
 * The time in which partitions that had had an owner had none, summed over all partitions.
 *
 * **Details**
 *
 * `byCause` has the time before the first owner as well, under `Start`. `open`: what has no owner now.
 *
 * @category models
 * @since 0.1.0
 */
export interface Unowned {
  readonly totalMs: number
  readonly worst: Gap | null
  readonly byCause: Readonly<Record<string, Share>>
  readonly open: ReadonlyArray<Gap>
}

/**
 * Sums up.
 *
 * @category conversions
 * @since 0.1.0
 */
export const of = (gaps: ReadonlyArray<Gap>): Unowned => {
  const byCause: Record<string, Share> = {}
  let totalMs = 0
  let worst: Gap | null = null
  for (const gap of gaps) {
    const before = byCause[gap.cause] ?? { count: 0, totalMs: 0, worstMs: 0 }
    byCause[gap.cause] = {
      count: before.count + 1,
      totalMs: before.totalMs + gap.ms,
      worstMs: Math.max(before.worstMs, gap.ms)
    }
    if (gap.cause === "Start") continue
    totalMs += gap.ms
    if (worst === null || gap.ms > worst.ms) worst = gap
  }
  return { totalMs, worst, byCause, open: gaps.filter(({ isOpen }) => isOpen) }
}
