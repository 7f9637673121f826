/**
 * The model checker on the command line.
 *
 * `npm run check:model` searches every small world as far as tests do, `npm run check:model -- --long` for ten million
 * states; `--world handoff --states 1000000` one of them; `--mutant "…"` looks for a planted mistake.
 */
import { parseArgs } from "node:util"
import { Node } from "@parti/core/Protocol"
import * as Mutants from "../simulation/mutants/Mutants.ts"
import * as Hunt from "./Hunt.ts"
import * as Scenarios from "./Scenarios.ts"
import * as Search from "./Search.ts"
import * as Trace from "./Trace.ts"

const { values } = parseArgs({
  options: {
    world: { type: "string" },
    states: { type: "string" },
    /** Of so many forks one is asked whether the group comes to rest from there. */
    rest: { type: "string", default: "50" },
    long: { type: "boolean", default: false },
    mutant: { type: "string" },
    /** Tells the way along these choices. */
    path: { type: "string" }
  }
})

const worlds = Scenarios.all.filter((one) => values.world === undefined || one.name === values.world)
if (worlds.length === 0) throw new Error(`no such world; there are ${Scenarios.all.map(({ name }) => name).join(", ")}`)

const mutant = Mutants.all.find((one) => one.name === values.mutant)
const transition = mutant === undefined ? Node.transition : Hunt.transitionOf(mutant)
if (transition === null || (values.mutant !== undefined && mutant === undefined))
  throw new Error(`small worlds know no mutant ${values.mutant}`)

/** Ten million states over all worlds, and a few more: some worlds have no more than they have. */
const statesEach = Number(values.states ?? (values.long ? 800_000 : 75_000))

const tell = (path: string): void => {
  const [world] = worlds
  if (world === undefined) return
  const trace = Trace.replay(world, path === "" ? [] : path.split(".").map(Number), transition)
  console.log(trace.lines.join("\n"))
  if (trace.breach !== null) process.exitCode = 1
}

const searchAll = (): void => {
  let states = 0
  for (const world of worlds) {
    const startedAt = performance.now()
    const report = Search.run(world, { maxStates: statesEach, restEvery: Number(values.rest), transition })
    states += report.states
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
    console.log(`${seconds} s  ${Search.show(report)}`)
    if (report.finding === null) continue
    process.exitCode = 1
    console.log(Trace.explain(world, report.finding, transition, values.mutant))
    break
  }
  console.log(`${states} distinct states in ${worlds.length} small worlds`)
}

if (values.path === undefined) searchAll()
else tell(values.path)
