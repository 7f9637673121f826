import * as fc from "fast-check"
import { assert, describe, it } from "vitest"
import * as Script from "../../../src/cli/demo/Script.ts"

const seed = Number(process.env["FC_SEED"] ?? 20_261)

const choices = fc.record({
  seconds: fc.integer({ min: 8, max: 600 }),
  seed: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
  workers: fc.integer({ min: 4, max: 24 }),
  partitions: fc.integer({ min: 1, max: 1000 })
})

describe(`The demo's script (FC_SEED=${seed})`, () => {
  it("is the same for the same seed", () => {
    fc.assert(
      fc.property(choices, (chosen) => assert.deepStrictEqual(Script.write(chosen), Script.write({ ...chosen }))),
      { seed }
    )
  })

  it("does to each process only what can be done to it then, and leaves time for it", () => {
    fc.assert(
      fc.property(choices, (chosen) => {
        const { cues, lengthMs, processes } = Script.write(chosen)
        const running = new Set<string>()
        const counts = new Map<string, number>()
        let last = 0
        for (const { act, atMs, process } of cues) {
          assert.isAtLeast(atMs, last)
          last = atMs
          assert.strictEqual(running.has(process), act !== "Start" && act !== "Return", `${act} of ${process}`)
          if (act === "Start" || act === "Return") running.add(process)
          else running.delete(process)
          counts.set(act, (counts.get(act) ?? 0) + 1)
        }
        assert.isBelow(last, lengthMs)
        assert.deepStrictEqual(Object.fromEntries(counts), {
          Start: processes.length,
          Crash: 1,
          Leave: 1,
          Restart: 1,
          Return: 1
        })
        assert.strictEqual(running.size, processes.length - 2)
      }),
      { seed }
    )
  })

  it("returns whoever restarts before the window for planned changes closes", () => {
    fc.assert(
      fc.property(choices, (chosen) => {
        const { cues, plannedWindowMs } = Script.write(chosen)
        const at = (act: Script.Act) => cues.find((cue) => cue.act === act)?.atMs ?? Number.NaN
        assert.isBelow(at("Return") - at("Restart"), plannedWindowMs)
      }),
      { seed }
    )
  })

  it("differs from seed to seed", () => {
    const scripts = [1, 2, 3, 4, 5].map((each) =>
      JSON.stringify(Script.write({ seconds: 20, seed: each, workers: 5, partitions: 60 }))
    )
    assert.strictEqual(new Set(scripts).size, 5)
  })
})
