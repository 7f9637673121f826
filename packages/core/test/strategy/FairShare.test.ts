import * as Result from "effect/Result"
import { assert, describe, it } from "vitest"
import type { StrategyWorker } from "../../src/Strategy.ts"
import { prepare } from "../../src/Strategy.ts"
import * as FairShare from "../../src/strategy/FairShare.ts"

const workers = (...all: ReadonlyArray<readonly [capacity: number, maxPartitions: number | null]>) =>
  all.map(([capacity, maxPartitions], j): StrategyWorker => ({ id: `w${j}`, capacity, maxPartitions, zone: null }))

const setOf = (...weights: ReadonlyArray<number>) =>
  Result.getOrThrow(prepare({ workers: [], partitions: weights.map((weight, i) => ({ keys: [`p${i}`], weight })) }))
    .partitions

describe("Fair shares", () => {
  it("divide in proportion to capacity, and what one may not take among the others", () => {
    const divide = (amount: number, capacity: ReadonlyArray<number>, limit: ReadonlyArray<number>) =>
      Array.from(FairShare.divide(amount, Float64Array.from(capacity), Float64Array.from(limit)))
    assert.deepStrictEqual(divide(70, [1, 2, 4], [Infinity, Infinity, Infinity]), [10, 20, 40])
    assert.deepStrictEqual(divide(70, [1, 2, 4], [Infinity, Infinity, 10]), [20, 40, 10])
    assert.deepStrictEqual(divide(30, [1, 1, 1], [2, 12, Infinity]), [2, 12, 16])
    assert.deepStrictEqual(divide(0, [1, 0], [Infinity, 0]), [0, 0])
  })

  it("count limits of drained workers as none, and raise limits that are too low together", () => {
    assert.deepStrictEqual(Array.from(FairShare.limits(workers([1, 3], [0, 5], [2, null]), 9)), [3, 0, Infinity])
    assert.deepStrictEqual(Array.from(FairShare.limits(workers([1, 1], [3, 1]), 10)), [3, 7])
    assert.strictEqual(FairShare.roomFor(workers([1, 3], [0, 5])), 3)
  })

  it("take workers of capacity 0 for alike when there are no others", () => {
    assert.deepStrictEqual(Array.from(FairShare.capacities(workers([0, null], [0, null]))), [1, 1])
    assert.deepStrictEqual(Array.from(FairShare.capacities(workers([4, null], [0, null], [2, null]))), [1, 0, 0.5])
  })
})

describe("The level", () => {
  const alike = Float64Array.of(1, 1, 1)

  it("leaves out giants, one worker each", () => {
    assert.deepStrictEqual(FairShare.level(setOf(100, 11, 3, 3, 2, 1), alike, 0), { giants: 2, perCapacity: 9 })
    assert.deepStrictEqual(FairShare.level(setOf(4, 4, 4), alike, 0), { giants: 0, perCapacity: 4 })
  })

  it("takes for a giant only what is heavier than a share and the slack", () => {
    const set = setOf(12, 9.5, 6, 2.5)
    assert.strictEqual(FairShare.level(set, alike, 0).giants, 2)
    assert.strictEqual(FairShare.level(set, alike, 0.1).giants, 1)
    assert.strictEqual(FairShare.level(set, alike, 0.2).giants, 0)
  })

  it("measures giants against the largest workers", () => {
    assert.strictEqual(FairShare.level(setOf(8, 1, 1), Float64Array.of(1, 0.1, 0.1), 0).giants, 0)
    assert.strictEqual(FairShare.level(setOf(8, 1, 1), Float64Array.of(0.1, 0.1, 0.1), 0).giants, 1)
  })

  it("does not lose light partitions beside a giant that outweighs the digits of a float", () => {
    assert.deepStrictEqual(FairShare.level(setOf(1e20, 1, 2, 1), alike, 0), { giants: 1, perCapacity: 2 })
  })

  it("leaves somebody for the rest, and nobody drained", () => {
    assert.strictEqual(FairShare.level(setOf(9, 9, 9), Float64Array.of(1), 0).giants, 0)
    assert.strictEqual(FairShare.level(setOf(9, 1), Float64Array.of(1, 0), 0).giants, 0)
  })
})
