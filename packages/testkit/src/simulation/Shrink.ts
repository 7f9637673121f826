/**
 * How the faults of a failing simulation are cut down to those that suffice.
 *
 * @since 0.1.0
 */
import type { Options } from "./Group.ts"
import * as Simulation from "./Simulation.ts"

/**
 * Leaves out faults as long as the same rule is still broken, and returns the run with the fewest. `budgetMs` bounds the
 * search in real time, so what is returned may not be the smallest.
 *
 * @category combinators
 * @since 0.1.0
 */
export const shrink = (
  failing: Simulation.Report,
  options: Options,
  budgetMs: number,
  nowMs: () => number
): Simulation.Report => {
  const deadline = nowMs() + budgetMs
  let best = failing
  let kept = failing.faults.filter((fault) => fault.at <= failing.simulatedMs).map((fault) => fault.index)
  const attempt = (only: ReadonlyArray<number>): boolean => {
    const report = Simulation.run({ ...failing.task, only: new Set(only) }, options)
    if (report.violation?.rule !== failing.violation?.rule) return false
    best = report
    kept = [...only]
    return true
  }
  if (kept.length < failing.faults.length) attempt(kept)
  for (let size = Math.ceil(kept.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < kept.length;) {
      if (nowMs() > deadline) return best
      const isDropped = attempt([...kept.slice(0, from), ...kept.slice(from + size)])
      if (!isDropped) from += size
    }
  }
  return best
}
