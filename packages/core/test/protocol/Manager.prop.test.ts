import fc from "fast-check"
import { assert, describe, it } from "vitest"
import * as Manager from "../../src/protocol/Manager.ts"

const seed = Number(process.env["FC_SEED"] ?? 20_250_313)

const states = [
  ...(["Init", "ClaimingId", "Election", "WaitingAssignment", "Stable"] as const),
  ...(["Scaling", "Rebalancing", "Emergency", "Shutdown"] as const)
]

const situation: fc.Arbitrary<Manager.Situation> = fc.record({
  started: fc.boolean(),
  stopping: fc.boolean(),
  holdsId: fc.boolean(),
  leaderKnown: fc.boolean(),
  phase: fc.constantFrom(null, "Idle", "Scaling", "Rebalancing", "Emergency")
})

describe(`A worker's state (FC_SEED=${seed})`, () => {
  it("only ever changes by legal steps, whatever its situation", () => {
    fc.assert(
      fc.property(fc.constantFrom(...states), fc.array(situation, { minLength: 1, maxLength: 8 }), (start, changes) => {
        let here: Manager.WorkerState = start
        for (const change of changes) {
          for (const next of Manager.follow(here, change)) {
            assert.isTrue(Manager.isValidTransition(here, next), `${here} to ${next}`)
            here = next
          }
        }
      }),
      { seed, numRuns: 1_000 }
    )
  })

  it("has followed its situation when it has followed it once", () => {
    fc.assert(
      fc.property(fc.constantFrom(...states), situation, (start, now) => {
        const here = Manager.follow(start, now).at(-1) ?? start
        assert.deepStrictEqual(Manager.follow(here, now), [])
      }),
      { seed, numRuns: 1_000 }
    )
  })
})
