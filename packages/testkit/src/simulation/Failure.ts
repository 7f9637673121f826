/**
 * What is said of a simulation that failed.
 *
 * @since 0.1.0
 */
import * as Fault from "./Fault.ts"
import type { Options } from "./Group.ts"
import * as Scenario from "./Scenario.ts"
import * as Shrink from "./Shrink.ts"
import * as Simulation from "./Simulation.ts"

/**
 * A simulation that broke a rule. Its message tells the rule, how to see it again, and the last lines of the shortest trace
 * that was found.
 *
 * @category errors
 * @since 0.1.0
 */
export class SimulationFailure extends Error {
  override readonly name = "SimulationFailure"
  readonly seed: number

  constructor(seed: number, message: string) {
    super(message)
    this.seed = seed
  }
}

/**
 * Explains a failed simulation: cuts its faults down, and runs it once more with a trace.
 *
 * @category constructors
 * @since 0.1.0
 */
export const explain = (
  failing: Simulation.Report,
  options: Options,
  { budgetMs, lines, nowMs }: { readonly budgetMs: number; readonly lines: number; readonly nowMs: () => number }
): SimulationFailure => {
  const { seed } = failing.task
  const smallest = Shrink.shrink(failing, options, budgetMs, nowMs)
  const only = smallest.faults.map((fault) => fault.index)
  const traced = Simulation.run({ ...failing.task, only: new Set(only) }, { ...options, traces: true })
  const message = [
    failing.violation?.message ?? "no rule was broken",
    `replay: SIM_SEED=${seed} npx vitest run --config vitest.workspace.ts simulation`,
    `    or: ${command(failing.task, only)}`,
    `scenario ${Scenario.show(failing.scenario)}`,
    `${only.length} of ${failing.faults.length} faults suffice; with them: ${traced.violation?.message ?? "none"}`,
    ...smallest.faults.map((fault) => `  ${fault.at} ${Fault.show(fault)}`),
    `the last ${lines} lines of their trace:`,
    ...traced.trace.slice(-lines)
  ]
  return new SimulationFailure(seed, message.join("\n"))
}

const command = ({ faultyMs, focus, seed }: Simulation.Task, only: ReadonlyArray<number>): string =>
  [
    "npm run simulate --",
    `--from ${seed} --seeds 1 --minutes ${faultyMs / 60_000} --only ${only.length === 0 ? "none" : only.join(",")}`,
    ...(focus.length === 0 ? [] : [`--focus ${focus.join(",")}`]),
    "--trace 400"
  ].join(" ")
