import { assert, describe, it } from "vitest"
import * as Hunt from "../../src/checker/Hunt.ts"
import * as Scenarios from "../../src/checker/Scenarios.ts"
import * as Trace from "../../src/checker/Trace.ts"
import * as Mutants from "../../src/simulation/mutants/Mutants.ts"

// Goal: the search would notice. Method: wrong versions of the protocol are searched, each in the smallest world that shows
// what is wrong with it.

/** The mistakes that some order of few events shows, and the smallest world that has them. */
const planted: ReadonlyArray<readonly [world: string, mutant: string]> = [
  ["weather", "no fence on taking office"],
  ["weather", "eviction that ignores the revision"],
  ["weather", "timed-out compare-and-set taken as done"],
  ["weather", "lease counted from the reply instead of the send"],
  ["weather", "unknown renewal extends the lease"],
  ["weather", "eviction without waiting for the lease"],
  ["weather", "dead workers are never evicted"],
  ["weather", "new leader keeps the epoch it found"],
  ["weather", "refused write never tried again"],
  ["weather", "id of a living worker of the same machine is free"],
  ["pause", "renewal that ignores the revision"],
  ["pause", "handlers told to stop only when the lease is over"],
  ["pause", "one session on two ids"],
  ["one id", "release that ignores the revision"],
  ["start", "retargeted handoff forgets its first owner"],
  ["handoff", "owner without next goes on as if it were next"],
  ["handoff", "owner without next starts again after its lease was renewed"],
  ["handoff", "acknowledges and releases before the handlers have ended"],
  ["handoff", "acknowledgement of an older version accepted"],
  ["leave", "plan written without comparing"],
  ["leave", "refused plan taken as written"],
  ["leave", "partition dropped and listed again without an acknowledgement"],
  ["join", "new session under an old id keeps the old token"]
]

describe("A small world with a mistake in it", () => {
  it.each(planted)("breaks a rule: %s, %s", { timeout: 300_000 }, (world, name) => {
    const scenario = Scenarios.all.find((one) => one.name === world)
    const mutant = Mutants.all.find((one) => one.name === name)
    const transition = mutant === undefined ? null : Hunt.transitionOf(mutant)
    assert.isDefined(scenario)
    assert.isNotNull(transition)
    if (scenario === undefined || transition === null) return
    const kill = Hunt.hunt(transition, 12_000, [scenario])
    assert.isNotNull(kill, `${name} survives 12,000 states: a check is missing`)
    // The way that was found leads there again, told step by step.
    const trace = Trace.replay(scenario, kill?.finding.path ?? [], transition)
    assert.strictEqual(trace.breach?.message, kill?.finding.message)
  })

  it("is shown by the shortest way there is, with the command that tells it again", () => {
    const mutant = Mutants.all.find((one) => one.name === "eviction without waiting for the lease")
    const transition = mutant === undefined ? null : Hunt.transitionOf(mutant)
    const kill = transition === null ? null : Hunt.hunt(transition, 12_000)
    assert.isNotNull(kill)
    if (kill === null || transition === null) return
    const lines = Trace.explain(kill.scenario, kill.finding, transition, mutant?.name).split("\n")
    assert.match(lines[0] ?? "", /^S5: s1b1\.1 is evicted \d+ ms before the end of its lease$/)
    assert.strictEqual(
      lines[1],
      'replay: npm run check:model -- --world "weather" --mutant "eviction without waiting for the lease" --path ' +
        `"${kill.finding.path.join(".")}"`
    )
    assert.isAtMost(kill.finding.path.length, 3)
  })
})
