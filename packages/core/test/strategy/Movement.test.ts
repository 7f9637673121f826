import * as Result from "effect/Result"
import { assert, describe, it } from "vitest"
import type { AssignInput, AssignmentStrategy, StickyOptions } from "../../src/Strategy.ts"
import { assign, consistentHash, sticky } from "../../src/Strategy.ts"

// These are the numbers that docs/strategies.md gives. If one changes here, change it there.

const workers = (count: number) => Array.from({ length: count }, (_, j) => ({ id: `w${String(j).padStart(3, "0")}` }))

const partitions = Array.from({ length: 12_000 }, (_, i) => ({ keys: [`p${i}`] }))

const plan = (strategy: AssignmentStrategy, input: AssignInput) => Result.getOrThrow(assign(strategy, input))

const round = (value: number, digits: number) => Number(value.toFixed(digits))

const step = (strategy: AssignmentStrategy, from: number, to: number) => {
  const previous = plan(strategy, { workers: workers(from), partitions }).owners
  const { statistics } = plan(strategy, { workers: workers(to), partitions, previous })
  const moved = (statistics.forced + statistics.voluntary) / partitions.length
  return [round(100 * moved, 2), round(statistics.maxOverFair, 3), round(statistics.minOverFair, 3)]
}

describe("Three workers become four", () => {
  it.each<readonly [string, StickyOptions, number, number, number]>([
    ["exact balance", {}, 25, 1, 1],
    ["5 % of tolerance", { tolerance: 0.05 }, 23.75, 1.017, 0.95],
    ["10 % of tolerance", { tolerance: 0.1 }, 22.5, 1.033, 0.9],
    ["6.67 % above and 20 % below", { tolerance: { up: 1 / 15, down: 0.2 } }, 20, 1.067, 0.8],
    ["10 % above and 30 % below", { tolerance: { up: 0.1, down: 0.3 } }, 17.5, 1.1, 0.7],
    ["a budget of 10 % a plan", { maxMoveFraction: 0.1 }, 10, 1.2, 0.4]
  ])("with %s: of 12,000 partitions there move", (_, options, moved, max, min) => {
    assert.deepStrictEqual(step(sticky(options), 3, 4), [moved, max, min])
  })

  it("is balanced exactly after three plans of 10, 10 and 5 %", () => {
    const strategy = sticky({ maxMoveFraction: 0.1 })
    let now = plan(strategy, { workers: workers(3), partitions })
    const moved = [1, 2, 3].map(() => {
      now = plan(strategy, { workers: workers(4), partitions, previous: now.owners })
      return now.statistics.voluntary / partitions.length
    })
    assert.deepStrictEqual(moved, [0.1, 0.1, 0.05])
    assert.strictEqual(now.statistics.maxOverFair, 1)
  })

  it("moves less than a fifth only when the old keep more than a fifteenth above and the newcomer more than a fifth below", () => {
    const least = (up: number, down: number) => Math.max((1 / 4) * (1 - down), 1 / 4 - (up * 3) / 4)
    for (let up = 0; up <= 0.2; up += 0.01) {
      for (let down = 0; down <= 0.4; down += 0.02) {
        const isBelow = least(up, down) < 0.2 - 1e-12
        assert.strictEqual(isBelow, up > 1 / 15 + 1e-12 && down > 0.2 + 1e-12, `${up} above, ${down} below`)
      }
    }
  })
})

describe("Partitions that stay where they are, in exact balance,", () => {
  it.each([
    [3, 4, 75],
    [4, 5, 80],
    [5, 6, 83.33],
    [10, 11, 90.91],
    [200, 201, 99.51],
    [10, 9, 90]
  ])("from %i workers to %i are %d %%", (from, to, stay) => {
    const [moved = 0, max = 0] = step(sticky(), from, to)
    assert.closeTo(100 - moved, stay, 0.01)
    assert.isAtMost(max, 1.006)
  })
})

describe("A ring of hashes", () => {
  it.each([
    [3, 4, 0.2, 0.3, 1.2],
    [200, 201, 0.002, 0.009, 1.6]
  ])("from %i workers to %i moves about as much, in worse balance", (from, to, least, most, worst) => {
    const [moved = 0, max = 0] = step(consistentHash(), from, to)
    assert.isAbove(moved / 100, least)
    assert.isBelow(moved / 100, most)
    assert.isAbove(max, 1.02)
    assert.isBelow(max, worst)
  })
})
