import * as Decision from "@parti/core/Decision"
import type { Config, Event, Node, Step } from "@parti/core/Protocol"
import { decisionOf, encodeEvidence, zlib } from "@parti/core/Testing"
import * as Result from "effect/Result"
import { assert, describe, it } from "vitest"
import * as Campaign from "../../src/simulation/Campaign.ts"
import * as Simulation from "../../src/simulation/Simulation.ts"
import type { Reducers } from "../../src/simulation/World.ts"
import * as Seeds from "./Seeds.ts"

// Goal: whatever was published can be computed again from what was logged. Method: whole groups in a storm, with all
// strategies that simulations know; each decision goes through bytes, and is computed again from those alone.
const storm = { faultyMs: 120_000, only: null, without: new Set<never>(), focus: [] }

const noSteps = {
  windowOpenedAt: null,
  publishedAt: 0,
  acknowledgedAt: null,
  slowest: null,
  grantedAt: null,
  grantedBy: null,
  stableAt: null,
  supersededBy: null
}

/** What a reader finds of a decision that was written. */
const readBack = ({ decidedAt, evidence, verdict }: NonNullable<ReturnType<typeof decisionOf>>): Decision.Logged => {
  const written = encodeEvidence(evidence, zlib)
  const decoded = Result.getOrThrow(Decision.decodeEvidence(written.bytes ?? new Uint8Array(), zlib))
  assert.deepStrictEqual(decoded, evidence)
  const decision = { number: 1, ...verdict, steps: { ...noSteps, decidedAt }, evidence: written.kept }
  return { decision: Result.getOrThrow(Decision.decode(Decision.encode(decision))), evidence: decoded }
}

/** The same reducers; each decision is looked at as it is made. */
const watching = (reducers: Reducers, decided: (config: Config, logged: Decision.Logged) => void): Reducers => ({
  ...reducers,
  transition: (config: Config, state: Node.State, event: Event): Step<Node.State> => {
    const step = reducers.transition(config, state, event)
    const made = decisionOf(config, step, event)
    if (made !== null) decided(config, readBack(made))
    return step
  }
})

const simulate = (seed: number, decided: (config: Config, logged: Decision.Logged) => void) => {
  const options = { ...Campaign.honest, probes: 0, reducers: watching(Campaign.honest.reducers, decided) }
  const { violation } = Simulation.run({ ...storm, seed }, options)
  if (violation !== null) throw violation
}

describe("A decision of a simulated group", () => {
  it.each(Seeds.fromEnv({ count: 60 }))("replays byte for byte, whatever the storm (SIM_SEED=%i)", (seed) => {
    let count = 0
    simulate(seed, ({ strategy }, logged) => {
      count += 1
      const { version } = logged.decision
      assert.deepInclude(Decision.replay(logged, strategy), { _tag: "Agrees" }, `plan ${version}, SIM_SEED=${seed}`)
    })
    assert.isAbove(count, 0, "a storm without a decision says nothing")
  })

  it("counts each partition that moves under one reason, and moves no fewer than it must", () => {
    const met = new Set<string>()
    for (const seed of [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]) {
      simulate(seed, (_, { decision: { cost, moves }, evidence }) => {
        const moved = evidence?.from.filter((from, i) => from !== evidence.target[i]).length ?? 0
        const counted = Object.values(moves).reduce((sum, each) => sum + each, 0)
        assert.strictEqual(counted - moves.removed, moved, `SIM_SEED=${seed}`)
        assert.isAtMost(cost.minimum, cost.moved + 1e-9, `SIM_SEED=${seed}`)
        for (const [reason, count] of Object.entries(moves)) if (count > 0) met.add(reason)
      })
    }
    for (const reason of ["removed", "added", "returned", "drain", "orphaned", "balance"])
      assert.include([...met], reason)
  })
})
