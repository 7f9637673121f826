import { Partition, PartitionSet } from "@parti/core/Protocol"
import type { StrategyInput } from "@parti/core/Strategy"
import { run, sticky } from "@parti/core/Strategy"
import * as Result from "effect/Result"
import { assert, describe, it } from "vitest"
import * as StrategyReport from "../src/StrategyReport.ts"

const plan = (input: StrategyInput) => Result.getOrThrow(run(sticky(), input))

describe("sticky, in the standard scenarios with 10,000 partitions,", () => {
  const rows = StrategyReport.strategyReport([sticky()])

  const gates: Record<StrategyReport.WeightLaw, number> = { equal: 1, "log-normal": 1.15, zipf: 1.15, "few huge": 1.15 }

  it.each(rows)("moves next to nothing more than must be: $weights, $step", ({ weights, moved, least }) => {
    assert.isAtMost(moved / least, gates[weights] + 1e-9)
  })

  it.each(rows.filter(({ weights }) => weights !== "equal"))(
    "keeps loads within 5 % of fair shares: $weights, $step",
    ({ maxOverFair, minOverFair }) => {
      assert.isAtMost(maxOverFair, 1.05 + 1e-3)
      assert.isAtLeast(minOverFair, 0.95 - 1e-3)
    }
  )
})

/** Numbers from 0 to 1, always the same. */
const noise = (i: number, round: number): number => {
  const bits = Math.imul(i + 1, 0x9e3779b1) ^ Math.imul(round + 1, 0x85ebca6b)
  return (Math.imul(bits ^ (bits >>> 15), 0x2c1b3c6d) >>> 8) / 2 ** 24
}

describe("sticky, in the long run,", () => {
  it("moves next to nothing while all weights jitter by 10 %", () => {
    const base = StrategyReport.partitionsOf("log-normal", 5000)
    const jittered = (round: number) => {
      const all = base.partitions.map(({ keys, weight }, i) => ({
        keys,
        weight: weight * (0.9 + 0.2 * noise(i, round))
      }))
      return PartitionSet.of(Result.getOrThrow(Partition.normalise(all)))
    }
    let input = StrategyReport.firstInput(base, 100)
    let moved = 0
    for (let round = 0; round < 10; round++) {
      const previous = plan(input).owner
      input = { ...input, partitions: jittered(round), previous }
      moved += plan(input).statistics.voluntary / input.partitions.totalWeight
    }
    assert.isBelow(moved / 10, 0.001)
  })

  it("ends a rolling restart where it began, when returning workers are hinted at", () => {
    const workers = StrategyReport.workersOf(10)
    const first = StrategyReport.firstInput(StrategyReport.partitionsOf("equal", 1000), 10)
    const start = plan(first).owner
    let owner = start
    let moved = 0
    workers.forEach((_, gone) => {
      const rest = workers.filter((_, j) => j !== gone)
      const placeOf = (j: number) => (j === gone ? -1 : j > gone ? j - 1 : j)
      const without = plan({ ...first, workers: rest, previous: owner.map(placeOf) })
      const back = without.owner.map((j) => (j >= gone ? j + 1 : j))
      const hints = owner.map((j) => (j === gone ? gone : -1))
      const again = plan({ ...first, previous: back, hints })
      moved += without.statistics.forced + again.statistics.voluntary
      owner = again.owner
    })
    assert.deepStrictEqual(owner, start)
    assert.strictEqual(moved, 2000)
  })

  it("keeps balance through 300 joins and departures at no more cost than the changes themselves", () => {
    const size = 10_000
    let count = 50
    let input = StrategyReport.firstInput(StrategyReport.partitionsOf("equal", size), count)
    let [moved, least] = [0, 0]
    for (let round = 0; round < 300; round++) {
      const { owner } = plan(input)
      const next = Math.min(60, Math.max(40, count + (noise(round, 1) < 0.5 ? -1 : 1)))
      input = StrategyReport.nextInput(input, owner, next)
      const { statistics } = plan(input)
      moved += statistics.forced + statistics.voluntary
      least += Math.abs(next - count) / Math.max(next, count)
      assert.isAtMost(statistics.maxOverFair, 1.005)
      count = next
    }
    assert.isAtMost(moved / size, 1.01 * least)
  })
})
