/**
 * Many simulations, and what they come to together.
 *
 * @since 0.1.0
 */
import { Node } from "@parti/core/Protocol"
import type { Options } from "./Group.ts"
import * as Simulation from "./Simulation.ts"
import * as Tally from "./Tally.ts"

/**
 * The production reducers in an honest world.
 *
 * @category constants
 * @since 0.1.0
 */
export const honest: Options = {
  reducers: { initial: Node.initial, transition: Node.transition, view: Node.view },
  flaws: {},
  traces: false,
  covers: false,
  probes: 997
}

/**
 * What a campaign came to. `worstRestMs` is the longest that a group took to come to rest.
 *
 * @category models
 * @since 0.1.0
 */
export interface Summary {
  readonly tally: Tally.Tally
  readonly failures: Array<Simulation.Report>
  seeds: number
  simulatedMs: number
  workerMs: number
  steps: number
  grants: number
  moves: number
  plans: number
  terms: number
  worstRestMs: number
  worstRestSeed: number
}

/**
 * Which simulations to run. `goesOn` after a failure.
 *
 * @category models
 * @since 0.1.0
 */
export interface Range extends Pick<Simulation.Task, "faultyMs" | "without" | "focus"> {
  readonly from: number
  readonly seeds: number
  readonly goesOn: boolean
}

/**
 * Runs the simulations of consecutive seeds, and tells of each. Stops at the first failure unless told to go on.
 *
 * @category combinators
 * @since 0.1.0
 */
export const run = (
  range: Range,
  options: Options,
  told: (report: Simulation.Report) => void = () => undefined
): Summary => {
  const summary = empty()
  for (let seed = range.from; seed < range.from + range.seeds; seed++) {
    const report = Simulation.run({ ...range, seed, only: null }, options)
    include(summary, report)
    told(report)
    if (report.violation !== null && !range.goesOn) break
  }
  return summary
}

/**
 * A campaign that has not begun.
 *
 * @category constructors
 * @since 0.1.0
 */
export const empty = (): Summary => ({
  tally: Tally.make(),
  failures: [],
  seeds: 0,
  simulatedMs: 0,
  workerMs: 0,
  steps: 0,
  grants: 0,
  moves: 0,
  plans: 0,
  terms: 0,
  worstRestMs: 0,
  worstRestSeed: 0
})

/**
 * Adds one simulation to a summary.
 *
 * @category combinators
 * @since 0.1.0
 */
export const include = (summary: Summary, report: Simulation.Report): void => {
  summary.seeds += 1
  summary.simulatedMs += report.simulatedMs
  summary.workerMs += report.workerMs
  summary.steps += report.steps
  summary.grants += report.grants
  summary.moves += report.moves
  summary.plans += report.plans
  summary.terms += report.terms
  Tally.add(summary.tally, report.tally)
  if (report.violation !== null) summary.failures.push(report)
  if (report.restAfterMs <= summary.worstRestMs) return
  summary.worstRestMs = report.restAfterMs
  summary.worstRestSeed = report.scenario.seed
}

/**
 * The figures, in a few lines.
 *
 * @category combinators
 * @since 0.1.0
 */
export const show = (summary: Summary): string => {
  const hours = (ms: number): string => (ms / 3_600_000).toFixed(1)
  return [
    `${summary.seeds} seeds, ${summary.failures.length} failed; ${hours(summary.simulatedMs)} simulated hours, ` +
      `${hours(summary.workerMs)} worker hours, ${summary.steps} steps`,
    `${summary.terms} terms, ${summary.plans} plans, ${summary.grants} grants, ${summary.moves} moves; ` +
      `slowest to rest: ${summary.worstRestMs} ms (seed ${summary.worstRestSeed})`,
    ...Tally.kinds
      .filter((kind) => summary.tally[kind].size > 0 && kind !== "cells" && kind !== "phases")
      .map((kind) => `${kind}: ${Tally.show(summary.tally[kind])}`)
  ].join("\n")
}
