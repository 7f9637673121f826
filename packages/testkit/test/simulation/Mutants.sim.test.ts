import { assert, describe, it } from "vitest"
import * as Mutants from "../../src/simulation/mutants/Mutants.ts"

// Goal: the checks notice what is wrong. Method: each wrong version of the protocol or of its store, each small, is
// simulated under the same storms as the right one; one of the first 200 seeds must break a rule.
const storm = { from: 1, seeds: 200, faultyMs: 180_000 }

describe("A simulated group with a mistake in it", () => {
  it.each(Mutants.all)("is caught: $name", { timeout: 120_000 }, (mutant) => {
    const killer = Mutants.hunt(mutant, storm)
    assert.isNotNull(killer, `${mutant.name} survives ${storm.seeds} seeds: a check is missing`)
    // A mutant that only throws shows nothing but that it was badly made.
    assert.notStrictEqual(killer?.violation?.rule, "Defect", killer?.violation?.message)
  })

  it("is one of as many as were meant", () => {
    assert.isAtLeast(new Set(Mutants.all.map((mutant) => mutant.name)).size, 50)
  })
})
