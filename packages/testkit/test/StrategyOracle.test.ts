import type { StrategyInput } from "@parti/core/Strategy"
import { rendezvous, run, sticky } from "@parti/core/Strategy"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import { assert, describe, it } from "vitest"
import { columns } from "../src/laws/Rule.ts"
import * as Arbitrary from "../src/StrategyArbitrary.ts"
import * as Oracle from "../src/StrategyOracle.ts"

const seed = 20261123

const plan = (input: StrategyInput, strategy = sticky()) => Result.getOrThrow(run(strategy, input))

/** Of all plans whose counts differ by one at most, the one that moves least, found by looking at all. */
const leastOfAll = (input: StrategyInput): number => {
  let least = Infinity
  for (const owner of Oracle.everyPlan(input)) {
    const counts = Oracle.counts(input, owner)
    if (Math.max(...counts) - Math.min(...counts) > 1) continue
    least = Math.min(least, Oracle.moved(input, owner).length)
  }
  return least
}

describe("The oracle", () => {
  it("knows the least number of moves: as many as in the best of all plans", () => {
    const scene = Arbitrary.scene({ maxWorkers: 3, maxPartitions: 6, weights: "equal" })
    fc.assert(
      fc.property(scene, (one) => {
        const input = columns(one)
        assert.strictEqual(Oracle.leastMoves(input), leastOfAll(input))
      }),
      { seed, numRuns: 80 }
    )
  })

  it("agrees with the statistics on loads and moves", () => {
    fc.assert(
      fc.property(Arbitrary.scene({ capacities: true }), (one) => {
        const input = columns(one)
        const { owner, statistics } = plan(input, rendezvous())
        const load = Oracle.loadOf(input)
        const moved = Oracle.moved(input, owner).reduce((sum, i) => sum + (load[i] ?? 0), 0)
        const orphans = load.filter((_, i) => (input.previous[i] ?? -1) < 0).reduce((sum, weight) => sum + weight, 0)
        assert.closeTo(statistics.voluntary + statistics.forced, moved + orphans, 1e-9 * (1 + moved + orphans))
      }),
      { seed, numRuns: 200 }
    )
  })
})

describe("sticky against all plans there are, for weights", () => {
  const scene = fc.integer({ min: 2, max: 3 }).chain((workers) =>
    fc
      .array(fc.tuple(fc.integer({ min: 1, max: 30 }), fc.nat(workers - 1)), { minLength: 5, maxLength: 8 })
      .map((each) => ({
        workers: Array.from({ length: workers }, (_, j) => ({ id: `w${j}` })),
        partitions: each.map(([weight], i) => ({ keys: [`p${i}`], weight })),
        previous: each.map(([, owner], i) => [`p${i}`, `w${owner}`] as const)
      }))
  )

  /** The least load that any plan moves which is as near to its bounds. */
  const leastLoad = (input: StrategyInput, violation: number): number => {
    const load = Oracle.loadOf(input)
    const grain = 1e-9 * load.reduce((sum, one) => sum + one, 0)
    let least = Infinity
    for (const owner of Oracle.everyPlan(input)) {
      const moved = Oracle.moved(input, owner).reduce((sum, i) => sum + (load[i] ?? 0), 0)
      if (moved < least && Oracle.violation(input, owner, 0.1) <= violation + grain) least = moved
    }
    return least
  }

  it("moves no more than the best plan that is as near to its bounds in half of all cases, and little more in most", () => {
    const ratios: Array<number> = []
    fc.assert(
      fc.property(scene, (one) => {
        const input = columns(one)
        const { owner, statistics } = plan(input, sticky({ tolerance: 0.1 }))
        const least = leastLoad(input, Oracle.violation(input, owner, 0.1))
        assert.isAtMost(least, statistics.voluntary * (1 + 1e-9))
        if (statistics.voluntary > 0) ratios.push(least === 0 ? Infinity : statistics.voluntary / least)
      }),
      { seed, numRuns: 150 }
    )
    ratios.sort((a, b) => a - b)
    const at = (part: number) => ratios[Math.floor(part * ratios.length)] ?? 0
    assert.isAbove(ratios.length, 30)
    assert.strictEqual(at(0.5), 1)
    assert.isAtMost(at(0.75), 1.15)
    assert.isAtMost(at(0.9), 1.6)
  })

  it("loads the fullest worker no more than the best plan does in half of all cases, and little more in most", () => {
    const ratios: Array<number> = []
    fc.assert(
      fc.property(scene, (one) => {
        const input = { ...columns(one), previous: [] }
        let best = Infinity
        for (const owner of Oracle.everyPlan(input)) best = Math.min(best, Math.max(...Oracle.loads(input, owner)))
        ratios.push(Math.max(...Oracle.loads(input, plan(input).owner)) / best)
      }),
      { seed, numRuns: 150 }
    )
    ratios.sort((a, b) => a - b)
    const at = (part: number) => ratios[Math.floor(part * ratios.length)] ?? 0
    assert.strictEqual(at(0.5), 1)
    assert.isAtMost(at(0.9), 1.06)
    assert.isAtMost(at(0.99), 1.15)
  })
})
