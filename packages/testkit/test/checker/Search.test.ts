import { assert, describe, it } from "vitest"
import * as Scenario from "../../src/checker/Scenario.ts"
import * as Scenarios from "../../src/checker/Scenarios.ts"
import * as Search from "../../src/checker/Search.ts"
import * as Trace from "../../src/checker/Trace.ts"

// Goal: no order of events breaks a rule. Method: all states that small worlds can reach, breadth first, up to a bound.
const statesEach = 75_000

describe("A small world", () => {
  let states = 0

  it.each(Scenarios.all)("keeps every rule, whatever comes first: $name", { timeout: 300_000 }, (scenario) => {
    const report = Search.run(scenario, { maxStates: statesEach, restEvery: 50 })
    if (report.finding !== null) throw new Error(Trace.explain(scenario, report.finding))
    assert.isAbove(report.rests, 0)
    states += report.states
    console.info(Search.show(report))
  })

  it("is one of those that have a million states together", () => {
    console.info(`${states} distinct states`)
    assert.isAtLeast(states, 1_000_000)
  })

  it("has no more states than it has", () => {
    const report = Search.run(Scenario.make("quiet", {}, { total: 1, late: 1 }), { maxStates: 1e6, restEvery: 1 })
    assert.isTrue(report.isComplete)
    assert.isAbove(report.forks, 10)
  })
})
