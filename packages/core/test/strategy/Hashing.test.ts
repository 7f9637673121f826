import * as Result from "effect/Result"
import { assert, describe, it } from "vitest"
import { InvariantViolation } from "../../src/model/Assert.ts"
import type { AssignInput, AssignmentStrategy } from "../../src/Strategy.ts"
import { assign, consistentHash, rendezvous, roundRobin, weightedConsistentHash } from "../../src/Strategy.ts"

const workers = (count: number, more: Partial<AssignInput["workers"][number]> = {}) =>
  Array.from({ length: count }, (_, j) => ({ id: `w${j}`, ...more }))

const partitions = (count: number, weight: (i: number) => number = () => 1) =>
  Array.from({ length: count }, (_, i) => ({ keys: [`tool${i}:chamber${i % 4}`], weight: weight(i) }))

const plan = (strategy: AssignmentStrategy, input: AssignInput) => Result.getOrThrow(assign(strategy, input))

const counts = (strategy: AssignmentStrategy, input: AssignInput) =>
  [...plan(strategy, input).partitions.values()].map((list) => list.length)

const maxOverFair = (strategy: AssignmentStrategy, input: AssignInput) => plan(strategy, input).statistics.maxOverFair

const moved = (strategy: AssignmentStrategy, before: AssignInput, now: AssignInput) => {
  const { owners } = plan(strategy, before)
  return [...plan(strategy, now).owners].filter(([partition, worker]) => owners.get(partition) !== worker).length
}

describe("roundRobin", () => {
  it("deals 100 partitions to 7 workers, 14 or 15 to each, in any order of input", () => {
    const input = { workers: workers(7), partitions: partitions(100) }
    assert.deepStrictEqual(counts(roundRobin(), input), [15, 15, 14, 14, 14, 14, 14])
    const reversed = { workers: workers(7).reverse(), partitions: partitions(100).reverse() }
    assert.deepStrictEqual([...plan(roundRobin(), reversed).owners], [...plan(roundRobin(), input).owners])
  })

  it("passes over those who are full or drained", () => {
    const some = [{ id: "a", maxPartitions: 2 }, { id: "b", capacity: 0 }, { id: "c" }]
    assert.deepStrictEqual(counts(roundRobin(), { workers: some, partitions: partitions(10) }), [2, 0, 8])
  })
})

describe("consistentHash", () => {
  it("spreads partitions over all workers, if not evenly", () => {
    const each = counts(consistentHash(), { workers: workers(10), partitions: partitions(10_000) })
    assert.isAbove(Math.min(...each), 700)
    assert.isBelow(Math.max(...each), 1300)
  })

  it("moves about its share when a worker joins ten", () => {
    const joined = { workers: workers(11), partitions: partitions(10_000) }
    assert.closeTo(moved(consistentHash(), { ...joined, workers: workers(10) }, joined), 909, 250)
  })

  it("ignores weights", () => {
    const equal = plan(consistentHash(), { workers: workers(5), partitions: partitions(100) })
    const weighed = plan(consistentHash(), { workers: workers(5), partitions: partitions(100, (i) => i) })
    assert.deepStrictEqual([...weighed.owners], [...equal.owners])
  })

  it("is another placement with another seed, and a smoother one with more points", () => {
    const input = { workers: workers(10), partitions: partitions(10_000) }
    const one = plan(consistentHash({ seed: 1 }), input).owners
    const other = plan(consistentHash({ seed: 2 }), input).owners
    assert.isAbove([...one].filter(([partition, worker]) => other.get(partition) !== worker).length, 8000)
    assert.isBelow(
      maxOverFair(consistentHash({ virtualNodes: 2000 }), input),
      maxOverFair(consistentHash({ virtualNodes: 10 }), input)
    )
  })

  it("keeps loads below their bound, at the price of a few more moves", () => {
    const input = { workers: workers(50), partitions: partitions(10_000) }
    assert.isAbove(maxOverFair(consistentHash(), input), 1.15)
    for (const boundedLoad of [0, 0.05, 0.15]) {
      assert.isAtMost(maxOverFair(consistentHash({ boundedLoad }), input), 1 + boundedLoad + 0.005)
    }
    const joined = { ...input, workers: workers(51) }
    assert.isBelow(moved(consistentHash({ boundedLoad: 0.15 }), input, joined), 3 * (10_000 / 51))
  })

  it("gives larger workers more", () => {
    const able = [
      { id: "a", capacity: 1 },
      { id: "b", capacity: 3 }
    ]
    const [small = 0, large = 0] = counts(consistentHash({ virtualNodes: 1000 }), {
      workers: able,
      partitions: partitions(10_000)
    })
    assert.closeTo(large / small, 3, 0.4)
  })

  it("passes over those who are full or drained", () => {
    const some = [{ id: "a", maxPartitions: 2 }, { id: "b", capacity: 0 }, { id: "c" }]
    assert.deepStrictEqual(counts(consistentHash(), { workers: some, partitions: partitions(10) }), [2, 0, 8])
  })
})

describe("weightedConsistentHash", () => {
  const input = { workers: workers(20), partitions: partitions(5000, (i) => (i % 100 === 0 ? 60 : 1 + (i % 3))) }

  it("keeps loads within the overload and one partition", () => {
    assert.isAtMost(maxOverFair(weightedConsistentHash(), input), 1.3 + 0.1)
    assert.isAtMost(maxOverFair(weightedConsistentHash({ overload: 0.05 }), input), 1.05 + 0.1)
  })

  it("does not deal the heavy ones anew when a worker joins", () => {
    const heavy = (scene: AssignInput) =>
      new Map([...plan(weightedConsistentHash(), scene).owners].filter(([id]) => /^tool\d*00=/.test(id)))
    const before = heavy(input)
    const now = heavy({ ...input, workers: workers(21) })
    assert.isAtLeast(before.size, 40)
    const stayed = [...now].filter(([partition, worker]) => before.get(partition) === worker).length
    assert.isAbove(stayed / before.size, 0.8)
  })

  it("assigns everything when no load may be above its share, and when all weigh nothing", () => {
    const scene = { workers: workers(3), partitions: partitions(10, (i) => (i < 3 ? 1 : 0)) }
    assert.strictEqual(plan(weightedConsistentHash({ overload: 0 }), scene).owners.size, 10)
    assert.strictEqual(
      plan(weightedConsistentHash({ overload: 0 }), { ...scene, partitions: partitions(10, () => 0) }).owners.size,
      10
    )
  })

  it("goes beyond its bound where limits on counts leave no choice", () => {
    const some = [{ id: "a", maxPartitions: 2 }, { id: "b" }]
    const all = partitions(10, (i) => 1 + (i % 2))
    assert.deepStrictEqual(counts(weightedConsistentHash(), { workers: some, partitions: all }), [2, 8])
  })
})

describe("rendezvous", () => {
  it("spreads partitions better than a ring", () => {
    const input = { workers: workers(10), partitions: partitions(10_000) }
    assert.isBelow(maxOverFair(rendezvous(), input), 1.08)
  })

  it("gives larger workers more, in proportion", () => {
    const able = [
      { id: "a", capacity: 1 },
      { id: "b", capacity: 2 },
      { id: "c", capacity: 5 },
      { id: "d", capacity: 0 }
    ]
    const each = counts(rendezvous(), { workers: able, partitions: partitions(8000) })
    assert.closeTo(each[0] ?? 0, 1000, 100)
    assert.closeTo(each[1] ?? 0, 2000, 130)
    assert.closeTo(each[2] ?? 0, 5000, 150)
    assert.strictEqual(each[3], 0)
  })

  it("refuses what would take seconds, unless told otherwise", () => {
    const input = { workers: workers(3), partitions: partitions(10) }
    const refused = assign(rendezvous({ maxBids: 29 }), input)
    assert.include(
      Result.isFailure(refused) ? refused.failure.message : "",
      "there may be at most 29 bids; 30 bids; choose another strategy, or raise maxBids"
    )
    assert.strictEqual(plan(rendezvous({ maxBids: 30 }), input).owners.size, 10)
  })

  it("passes over those who are full", () => {
    const some = [
      { id: "a", maxPartitions: 2 },
      { id: "b", maxPartitions: 8 }
    ]
    assert.deepStrictEqual(counts(rendezvous(), { workers: some, partitions: partitions(10) }), [2, 8])
  })
})

describe("Options", () => {
  it.each([
    [() => consistentHash({ virtualNodes: 0 }), "virtualNodes 0"],
    [() => consistentHash({ virtualNodes: 1.5 }), "virtualNodes 1.5"],
    [() => consistentHash({ seed: NaN }), "seed NaN"],
    [() => consistentHash({ boundedLoad: -1 }), "boundedLoad -1"],
    [() => weightedConsistentHash({ overload: -0.1 }), "overload -0.1"],
    [() => weightedConsistentHash({ virtualNodes: -1 }), "virtualNodes -1"],
    [() => rendezvous({ seed: 0.5 }), "seed 0.5"]
  ])("die when they make no sense: %#", (make, named) => {
    assert.throws(make, InvariantViolation, named)
  })
})
