import * as Result from "effect/Result"
import { assert, describe, it } from "vitest"
import { InvariantViolation } from "../../src/model/Assert.ts"
import * as Partition from "../../src/model/Partition.ts"
import * as PartitionSet from "../../src/model/PartitionSet.ts"

const setOf = (weights: Record<string, number>) =>
  PartitionSet.of(
    Result.getOrThrow(Partition.normalise(Object.entries(weights).map(([key, weight]) => ({ keys: [key], weight }))))
  )

describe("PartitionSet", () => {
  it("knows whether weights are equal and what they sum to", () => {
    assert.include(setOf({ a: 2, b: 2 }), { size: 2, equalWeights: true, totalWeight: 4 })
    assert.include(setOf({ a: 2, b: 3 }), { equalWeights: false, totalWeight: 5 })
    assert.include(setOf({}), { size: 0, equalWeights: true, totalWeight: 0 })
  })

  it("knows no partition that is not in the list", () => {
    assert.strictEqual(setOf({ a: 1 }).indexOf("b"), -1)
    assert.strictEqual(setOf({}).indexOf("b"), -1)
  })

  it("finds each of two partitions whose hashes collide", () => {
    const set = setOf({ p36864: 1, p54009: 1 })
    assert.strictEqual(set.hashes[0], set.hashes[1])
    assert.deepStrictEqual([set.indexOf("p36864"), set.indexOf("p54009")], [0, 1])
  })

  it("has another fingerprint when an id or any bit of a weight differs", () => {
    const fingerprints = [
      {},
      { a: 1 },
      { b: 1 },
      { a: 2 },
      { a: 1 + 2 ** -52 },
      { a: 1, b: 1 },
      { a: 1, b: 2 },
      { a: 2, b: 1 }
    ].map((weights) => setOf(weights).fingerprint)
    assert.strictEqual(new Set(fingerprints).size, fingerprints.length)
    assert.strictEqual(setOf({ a: 1, b: 2 }).fingerprint, setOf({ b: 2, a: 1 }).fingerprint)
    fingerprints.forEach((fingerprint) => assert.match(fingerprint, /^[0-9a-f]{16}$/))
  })

  it("keeps its fingerprints from release to release", () => {
    assert.strictEqual(setOf({ "tool-1": 1, "tool-2": 2.5 }).fingerprint, "49b31737fcdfeecd")
  })

  it("dies on a list that is not in canonical order", () => {
    const list = [...setOf({ a: 1, b: 1, c: 1 }).partitions].reverse()
    assert.throws(() => PartitionSet.of(list), InvariantViolation, /not in canonical order/)
    const twice = [...setOf({ a: 1 }).partitions, ...setOf({ a: 1 }).partitions]
    assert.throws(() => PartitionSet.of(twice), InvariantViolation)
  })
})
