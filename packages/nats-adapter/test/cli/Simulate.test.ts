import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as CommandLine from "./CommandLine.ts"

const short = ["simulate", "--seconds", "10", "--seed", "4"]

describe("A simulated storm", () => {
  it.live("needs no server and no group, and is the same under the same seed", () =>
    Effect.gen(function* () {
      const [told, again] = [yield* CommandLine.run(short), yield* CommandLine.run(short)]
      assert.deepInclude(told, { code: 0, err: "" })
      assert.match(told.out, /^storm 4:\n/)
      assert.match(told.out, /nothing is wrong\n$/)
      assert.deepStrictEqual(again, told)
    })
  )

  it.live("is told whole as JSON", () =>
    Effect.gen(function* () {
      const { code, out } = yield* CommandLine.run([...short, "--json"])
      assert.strictEqual(code, 0)
      assert.deepInclude(JSON.parse(out), { seed: 4, findings: [], overlaps: [] })
    })
  )

  it.live("is refused with numbers that no simulation can do with", () =>
    Effect.gen(function* () {
      const { code, err } = yield* CommandLine.run(["simulate", "--workers", "0"])
      assert.strictEqual(code, 2)
      assert.include(err, "--workers takes a number from 1 to 100")
    })
  )
})
