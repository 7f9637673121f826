import type { Worker } from "@parti/core/Worker"
import { fromFunction, roundRobin, type SimpleInput } from "@parti/core/Strategy"
import { assert, describe, it } from "vitest"
import { eventually, numbered, patient, serve, share, work } from "./Workers.ts"

const config = { ...patient, minRebalanceIntervalMs: 100 }

/** All stand still, and each of so many partitions has an owner. */
const settled = (workers: ReadonlyArray<Worker>, count: number) =>
  eventually(() => {
    const owned = workers.flatMap(({ assignment }) => assignment.map(({ id }) => id))
    assert.lengthOf(owned, count)
    assert.lengthOf(new Set(owned), count)
    for (const { group, state } of workers) assert.deepEqual([state, group.handingOver], ["Stable", 0])
  })

const ownersOf = (workers: ReadonlyArray<Worker>): ReadonlyMap<string, Worker> =>
  new Map(workers.flatMap((worker) => worker.assignment.map(({ id }) => [id, worker] as const)))

const movedBetween = (before: ReadonlyMap<string, Worker>, after: ReadonlyMap<string, Worker>): number =>
  [...before].filter(([id, owner]) => after.get(id) !== owner).length

describe("Seven workers under roundRobin", () => {
  it("have 14 or 15 of 100 partitions each", async () => {
    const { url } = await serve()
    const workers = await Promise.all(numbered(7).map(() => work(url, { config, strategy: roundRobin() })))
    await settled(workers, 100)
    await eventually(() => share(workers, 100))
  })
})

describe("A group that grows", () => {
  it("from three to four, and shrinks again, moves what it must and no more", async () => {
    const { url } = await serve()
    const three = await Promise.all(numbered(3).map(() => work(url, { config })))
    await eventually(() => share(three, 100))
    await settled(three, 100)
    const before = ownersOf(three)
    const joiner = await work(url, { config })
    const four = [...three, joiner]
    await eventually(() => share(four, 100))
    await settled(four, 100)
    const between = ownersOf(four)
    assert.strictEqual(movedBetween(before, between), 25)
    await joiner.stop()
    await eventually(() => share(three, 100))
    await settled(three, 100)
    assert.strictEqual(movedBetween(between, ownersOf(three)), 25)
  })
})

describe("Partitions", () => {
  const kinds: Readonly<Record<string, (index: number) => number>> = {
    equal: () => 3,
    zipf: (i) => 1000 / (i + 1),
    huge: (i) => (i < 2 ? 10_000 : 1),
    "mostly-zero": (i) => (i % 8 === 0 ? 1 : 0),
    zero: () => 0
  }

  it("of all kinds of weights are spread so that loads differ by one of them at most", async () => {
    const { url } = await serve()
    const spread = async ([group, weigh]: readonly [string, (index: number) => number]) => {
      const partitions = numbered(40).map((one, i) => ({ ...one, weight: weigh(i) }))
      const workers = await Promise.all(numbered(3).map(() => work(url, { config, group, partitions })))
      const heaviest = Math.max(...partitions.map(({ weight }) => weight))
      await settled(workers, 40)
      await eventually(() => {
        const loads = workers[0]?.group.workers.map(({ weight }) => weight) ?? []
        assert.lengthOf(loads, workers.length)
        assert.isAtMost(Math.max(...loads) - Math.min(...loads), heaviest, group)
      })
    }
    await Promise.all(Object.entries(kinds).map(spread))
  })
})

describe("A strategy", () => {
  /** All to one, and the first to another as well. */
  const shared = ({ partitions, workers: [one = "", other = ""] }: SimpleInput) => {
    const ids = partitions.map(({ id }) => id)
    return { [one]: ids, [other]: ids.slice(0, 1) }
  }
  const bad = [
    ["throws", () => assert.fail("not today")],
    ["gives one to two", shared]
  ] as const

  it.for(bad)("that %s is refused: what was stays, and it is asked again", async ([, answer]) => {
    const { url } = await serve()
    let isBroken = false
    const problems: Array<string> = []
    const strategy = fromFunction("custom", (input) => {
      if (isBroken) return answer(input)
      return Map.groupBy(
        input.partitions.map(({ id }) => id),
        (_, i) => input.workers[i % input.workers.length] ?? ""
      )
    })
    const start = async () => {
      const worker = await work(url, { config, strategy, partitions: numbered(12) })
      worker.on("error", (problem) => problems.push(problem.message))
      return worker
    }
    const three = await Promise.all([start(), start(), start()])
    await eventually(() => share(three, 12))
    await settled(three, 12)
    const before = ownersOf(three)
    isBroken = true
    const joiner = await start()
    // Twice, so that it was asked again.
    await eventually(() => assert.isAbove(problems.filter((text) => text.includes("custom")).length, 1))
    assert.strictEqual(movedBetween(before, ownersOf(three)), 0)
    assert.isEmpty(joiner.assignment)
    isBroken = false
    await eventually(() => share([...three, joiner], 12))
  })

  it("is asked by the leader alone, whoever joins", async () => {
    const { url } = await serve()
    const asked = new Map<number, number>()
    const strategyOf = (index: number) =>
      fromFunction("counted", ({ partitions, workers }) => {
        asked.set(index, (asked.get(index) ?? 0) + 1)
        return Map.groupBy(
          partitions.map(({ id }) => id),
          (_, i) => workers[i % workers.length] ?? ""
        )
      })
    const start = (index: number) => work(url, { config, strategy: strategyOf(index), partitions: numbered(12) })
    const workers = [await start(0)]
    for (const index of [1, 2]) {
      workers.push(await start(index))
      await eventually(() => share(workers, 12))
    }
    assert.deepEqual([...asked.keys()], [workers.findIndex(({ isLeader }) => isLeader)])
    assert.isAtLeast(asked.get(0) ?? 0, 3)
  })
})
