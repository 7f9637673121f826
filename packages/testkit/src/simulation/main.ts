/**
 * The simulator on the command line.
 *
 * `npm run simulate -- --seeds 100 --from 1 --minutes 5`
 */
import { parseArgs } from "node:util"
import * as Campaign from "./Campaign.ts"
import * as Coverage from "./Coverage.ts"
import * as Failure from "./Failure.ts"
import * as Fault from "./Fault.ts"
import type { Options } from "./Group.ts"
import * as Mutants from "./mutants/Mutants.ts"
import * as Scenario from "./Scenario.ts"
import * as Simulation from "./Simulation.ts"

const { values } = parseArgs({
  options: {
    from: { type: "string", default: "1" },
    seeds: { type: "string", default: "20" },
    minutes: { type: "string", default: "5" },
    /** Only these faults of the one seed, by index, or `none`. */
    only: { type: "string" },
    /** Prints so many last lines of the trace of the one seed. */
    trace: { type: "string" },
    probes: { type: "string", default: "997" },
    cover: { type: "boolean", default: false },
    /** Goes on after a failure. */
    all: { type: "boolean", default: false },
    /** Leaves out these kinds of faults. */
    without: { type: "string", default: "" },
    /** Has many of these kinds of faults. */
    focus: { type: "string", default: "" },
    /** Hunts each wrong version of the protocol for so many seeds, and says which seed caught it. */
    mutants: { type: "boolean", default: false },
    /** Seconds for cutting a failure down. */
    shrink: { type: "string", default: "20" }
  }
})

const from = Number(values.from)
const faultyMs = Number(values.minutes) * 60_000
const kindsIn = (list: string): ReadonlyArray<Fault.FaultKind> => {
  const named = list.split(",")
  return Fault.kinds.filter((kind) => named.includes(kind))
}

const without = new Set(kindsIn(values.without))
const focus = kindsIn(values.focus)
const options: Options = { ...Campaign.honest, covers: values.cover, probes: Number(values.probes) }

const showOne = (lines: number): void => {
  const only =
    values.only === undefined ? null : new Set(values.only === "none" ? [] : values.only.split(",").map(Number))
  const report = Simulation.run({ seed: from, faultyMs, only, without, focus }, { ...options, traces: true })
  console.log(Scenario.show(report.scenario))
  console.log(report.trace.slice(-lines).join("\n"))
  console.log(report.violation?.message ?? `came to rest after ${report.restAfterMs} ms`)
  if (report.violation !== null) process.exitCode = 1
}

const explain = (failing: Simulation.Report): string =>
  Failure.explain(failing, options, {
    budgetMs: Number(values.shrink) * 1000,
    lines: 60,
    nowMs: () => performance.now()
  }).message

const tellFailure = ({ simulatedMs, task, violation }: Simulation.Report): void => {
  if (violation !== null) console.log(`seed ${task.seed} t=${simulatedMs} ${violation.message}`)
}

const runMany = (): void => {
  const startedAt = performance.now()
  const summary = Campaign.run(
    { from, seeds: Number(values.seeds), faultyMs, without, focus, goesOn: values.all },
    options,
    tellFailure
  )
  const seconds = (performance.now() - startedAt) / 1000
  console.log(Campaign.show(summary))
  if (values.cover) console.log(Coverage.show(summary.tally))
  const hoursOfFive = summary.workerMs / 3_600_000 / 5
  console.log(
    `${seconds.toFixed(1)} s, ${Math.round(summary.steps / seconds)} steps a second, ` +
      `${Math.round((hoursOfFive / seconds) * 60)} hours of five workers a minute`
  )
  const [failing] = summary.failures
  if (failing === undefined) return
  process.exitCode = 1
  if (!values.all) console.log(explain(failing))
}

const huntMutants = (): void => {
  for (const mutant of Mutants.all) {
    const startedAt = performance.now()
    const killer = Mutants.hunt(mutant, { from, seeds: Number(values.seeds), faultyMs })
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
    const outcome =
      killer === null ? "SURVIVES" : `seed ${killer.task.seed}: ${killer.violation?.message.slice(0, 120)}`
    console.log(`${seconds} s  ${mutant.name}  ${outcome}`)
    if (killer === null) process.exitCode = 1
  }
}

if (values.mutants) huntMutants()
else if (values.trace !== undefined) showOne(Number(values.trace))
else runMany()
