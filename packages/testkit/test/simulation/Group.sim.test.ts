import { assert, describe, it } from "vitest"
import * as Campaign from "../../src/simulation/Campaign.ts"
import * as Coverage from "../../src/simulation/Coverage.ts"
import * as Failure from "../../src/simulation/Failure.ts"
import * as Simulation from "../../src/simulation/Simulation.ts"
import * as Tally from "../../src/simulation/Tally.ts"
import * as Seeds from "./Seeds.ts"

// Goal: no seed breaks a rule. Method: whole groups on the production reducers, five simulated minutes of faults, then
// calm until they are at rest, and a minute more in which nothing may move.
const storm = { faultyMs: 300_000, only: null, without: new Set<never>(), focus: [] }

const explain = (report: Simulation.Report): Error =>
  Failure.explain(report, Campaign.honest, { budgetMs: 10_000, lines: 60, nowMs: () => performance.now() })

describe("A simulated group", () => {
  it.each(Seeds.fromEnv({ count: 800 }))(
    "keeps every rule in a storm, and comes to rest after it (SIM_SEED=%i)",
    (seed) => {
      const report = Simulation.run({ ...storm, seed }, Campaign.honest)
      if (report.violation !== null) throw explain(report)
    }
  )

  // A bucket that was set back gave a partition to two; a session that had left was taken for one that crashed.
  it.each([986_732_258, 986_732_547, 986_732_557])(
    "keeps every rule where one was broken once (SIM_SEED=%i)",
    (seed) => {
      const report = Simulation.run({ ...storm, seed }, Campaign.honest)
      if (report.violation !== null) throw explain(report)
    }
  )

  it("takes the very same course for the same seed", () => {
    const traces = [1, 2].map(() => Simulation.run({ ...storm, seed: 42 }, { ...Campaign.honest, traces: true }).trace)
    assert.isAbove(traces[0]?.length ?? 0, 1000)
    assert.strictEqual(traces[1]?.join("\n"), traces[0]?.join("\n"))
  })

  it("takes another course for another seed", () => {
    const [one, other] = [42, 43].map((seed) => Simulation.run({ ...storm, seed }, Campaign.honest).steps)
    assert.notStrictEqual(other, one)
  })

  it("takes the same course whether or not it is watched", () => {
    const plain = Simulation.run({ ...storm, seed: 7 }, { ...Campaign.honest, probes: 0 })
    const watched = Simulation.run(
      { ...storm, seed: 7 },
      { ...Campaign.honest, traces: true, covers: true, probes: 10 }
    )
    assert.deepStrictEqual(
      [watched.steps, watched.simulatedMs, watched.plans],
      [plain.steps, plain.simulatedMs, plain.plans]
    )
  })

  it("meets every event in every state, and every transition, where they can be", { timeout: 120_000 }, () => {
    // Pinned seeds: coverage is a property of the test, and must not wander with the commit.
    const range = { seeds: 25, faultyMs: 180_000, without: new Set<never>(), focus: Coverage.focus, goesOn: false }
    const met = Tally.make()
    for (let from = 1; from <= 400 && Coverage.holes(met).length > 0; from += range.seeds) {
      Tally.add(met, Campaign.run({ ...range, from }, { ...Campaign.honest, covers: true, probes: 0 }).tally)
    }
    assert.deepStrictEqual(Coverage.holes(met), [])
  })
})
