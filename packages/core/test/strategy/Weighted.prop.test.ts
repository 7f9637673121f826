import * as Result from "effect/Result"
import * as fc from "fast-check"
import { assert, describe, it } from "vitest"
import type { StrategyInput } from "../../src/Strategy.ts"
import { prepare, run, sticky } from "../../src/Strategy.ts"

const check = { seed: Number(process.env["LAW_SEED"] ?? 20261123), numRuns: Number(process.env["LAW_RUNS"] ?? 1000) }

const weight = fc.oneof(
  fc.integer({ min: 0, max: 4 }),
  fc.double({ min: 0, max: 10, noNaN: true }),
  fc.integer({ min: -8, max: 8 }).map((exponent) => 2 ** exponent),
  fc.constantFrom(1, 1, 1, 1, 100)
)

/** Columns with everything that strategies know of: capacities, limits, homes, standbys. */
const inputs: fc.Arbitrary<StrategyInput> = fc
  .record({
    workers: fc.array(
      fc.record({ capacity: fc.constantFrom(1, 1, 1, 0, 2, 0.5), spare: fc.option(fc.nat({ max: 3 })) }),
      { minLength: 1, maxLength: 7 }
    ),
    partitions: fc.array(fc.tuple(weight, fc.integer({ min: -1, max: 6 }), fc.integer({ min: -1, max: 6 })), {
      maxLength: 40
    })
  })
  .map(({ workers, partitions }) => {
    const input = Result.getOrThrow(
      prepare({
        workers: workers.map(({ capacity, spare }, j) => ({
          id: `w${j}`,
          capacity,
          maxPartitions: spare === null ? null : Math.ceil(partitions.length / workers.length) + spare
        })),
        partitions: partitions.map(([weight], i) => ({ keys: [`p${i}`], weight }))
      })
    )
    return {
      ...input,
      previous: partitions.map(([, owner]) => owner),
      hints: partitions.map(([, , home]) => home),
      previousStandby: partitions.map(([, , home]) => home - 1)
    }
  })

const tolerances = fc.constantFrom(0, 0.01, 0.05, 0.1, 0.3)

const plan = (input: StrategyInput, tolerance: number, more: Parameters<typeof sticky>[0] = {}) =>
  Result.getOrThrow(run(sticky({ tolerance, overflow: "exceed", ...more }), input))

describe("sticky, with capacities, limits, homes and standbys all at once,", () => {
  it("keeps a plan when it is asked for again", () => {
    fc.assert(
      fc.property(inputs, tolerances, (input, tolerance) => {
        const first = plan(input, tolerance, { standby: true })
        const again = plan({ ...input, previous: first.owner, previousStandby: first.standby }, tolerance, {
          standby: true
        })
        assert.deepStrictEqual(again.owner, first.owner)
        assert.strictEqual(again.statistics.voluntary, 0)
      }),
      check
    )
  })

  it("settles under a budget, and then everything deferred has come about", () => {
    fc.assert(
      fc.property(inputs, fc.integer({ min: 1, max: 4 }), (input, maxMoves) => {
        let now = plan(input, 0.1, { maxMoves })
        for (let round = 0; round < 60 && now.statistics.roundsLeft > 0; round++) {
          now = plan({ ...input, previous: now.owner }, 0.1, { maxMoves })
          assert.isAtMost(now.statistics.voluntaryCount, maxMoves)
        }
        assert.strictEqual(now.statistics.roundsLeft, 0)
        assert.strictEqual(now.statistics.deferred, 0)
      }),
      check
    )
  })

  it("moves no less than it says any plan must", () => {
    fc.assert(
      fc.property(inputs, tolerances, (input, tolerance) => {
        const { statistics } = plan(input, tolerance)
        assert.isAtMost(statistics.lowerBound, statistics.voluntary)
      }),
      check
    )
  })
})
