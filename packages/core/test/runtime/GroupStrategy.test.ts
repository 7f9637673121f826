import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { sticky } from "../../src/strategy/Sticky.ts"
import * as Group from "./Group.ts"

const countsOf = (group: Group.Group, names: ReadonlyArray<string>) =>
  names.map((name) => group.running()[name]?.length ?? 0)

describe("What a live group's strategy is told", () => {
  it.effect("are weights, so that loads are even and not counts", () =>
    Effect.gen(function* () {
      const partitions = Array.from({ length: 12 }, (_, i) => ({ keys: [`p${i}`], weight: i < 2 ? 50 : 10 }))
      const group = yield* Group.make({ partitions })
      yield* group.joinAll("a", "b")
      yield* Group.pass("60 seconds")
      const loads = (yield* group.leader().parti.group).workers.map(({ weight }) => weight)
      assert.deepStrictEqual(loads, [100, 100])
    })
  )

  const kinds = [
    ["all equal", () => 3],
    ["as Zipf has them", (i: number) => 1000 / (i + 1)],
    ["a few of them huge", (i: number) => (i < 2 ? 10_000 : 1)],
    ["mostly zero", (i: number) => (i % 8 === 0 ? 1 : 0)],
    ["all zero", () => 0]
  ] as const
  it.effect.each(kinds)("are weights, be they %s: loads differ by one partition at most, and stay so", ([, weigh]) =>
    Effect.gen(function* () {
      const names = ["a", "b", "c", "d", "e"]
      const weights = Array.from({ length: 40 }, (_, i) => weigh(i))
      const group = yield* Group.make({ partitions: weights.map((weight, i) => ({ keys: [`p${i}`], weight })) })
      yield* group.joinAll(...names)
      yield* Group.pass("5 minutes")
      assert.lengthOf(group.intervals, 40, "each was started once")
      assert.lengthOf(Object.values(group.running()).flat(), 40)
      const loads = (yield* group.leader().parti.group).workers.map(({ weight }) => weight)
      const heaviest = Math.max(...weights)
      assert.isAtMost(Math.max(...loads) - Math.min(...loads), heaviest)
      if (heaviest === Math.min(...weights)) Group.assertBalanced(group, 40, names)
    })
  )

  it.effect("are capacities and limits of each worker", () =>
    Effect.gen(function* () {
      const group = yield* Group.make({ partitions: Group.partitions(60) })
      yield* group.join("large", { config: { capacity: 3 } })
      yield* group.join("small", { config: { capacity: 1 } })
      yield* group.join("full", { config: { capacity: 4, maxPartitions: 4 } })
      yield* group.join("idle", { config: { capacity: 0 } })
      yield* Group.pass("60 seconds")
      assert.deepStrictEqual(countsOf(group, ["large", "small", "full", "idle"]), [42, 14, 4, 0])
      Group.assertExclusive(group.intervals)
    })
  )

  it.effect("are limits that together are too low: it is refused by name, what runs goes on, and later it is not", () =>
    Effect.gen(function* () {
      const group = yield* Group.make({ partitions: Group.partitions(9), config: { maxPartitions: 3 } })
      yield* group.joinAll("a", "b", "c")
      yield* Group.pass("60 seconds")
      Group.assertBalanced(group, 9, ["a", "b", "c"])
      const [follower = assert.fail("somebody follows")] = group.followers()
      yield* follower.crash
      yield* Group.pass("1 minute")
      const told = group
        .leader()
        .problems.flatMap((problem) =>
          problem._tag === "ProblemReported" && problem.report._tag === "StrategyRefused" ? [problem.report.rule] : []
        )
      assert.isAbove(told.length, 1)
      assert.deepStrictEqual([...new Set(told)], ["CapacityExceeded"])
      yield* group.join("d")
      yield* Group.pass("1 minute")
      const living = ["a", "b", "c", "d"].filter((name) => name !== follower.process)
      assert.deepStrictEqual(countsOf(group, living), [3, 3, 3])
      Group.assertExclusive(group.intervals)
    })
  )

  it.effect("is a budget, which spreads what a newcomer gets over several rebalances", () =>
    Effect.gen(function* () {
      const strategy = sticky({ maxMoves: 5 })
      const group = yield* Group.settled(["a", "b", "c"], { partitions: Group.partitions(60), strategy })
      yield* group.join("d")
      yield* Group.pass("12 seconds")
      assert.lengthOf(group.running()["d"] ?? [], 5)
      yield* Group.pass("2 minutes")
      Group.assertBalanced(group, 60, ["a", "b", "c", "d"])
    })
  )

  it.effect("is who had what, so that a worker that returns under its id gets it back", () =>
    Effect.gen(function* () {
      const group = yield* Group.make({ partitions: Group.partitions(60) })
      for (const name of ["a", "b", "c"]) yield* group.join(name, { config: { workerId: name } })
      yield* Group.pass("60 seconds")
      const [follower = assert.fail("somebody follows")] = group.followers()
      const { process } = follower
      const before = group.running()
      yield* Effect.forkChild(follower.parti.stop())
      yield* Group.pass("30 seconds")
      assert.isUndefined(group.running()[process])
      yield* group.join(process, { config: { workerId: process } })
      yield* Group.pass("30 seconds")
      assert.sameMembers([...(group.running()[process] ?? [])], [...(before[process] ?? [])])
    })
  )
})

describe("Standbys of a live group", () => {
  it.effect("are in another zone, and take over when the owner crashes", () =>
    Effect.gen(function* () {
      const strategy = sticky({ standby: true, tolerance: 1 })
      const group = yield* Group.make({ partitions: Group.partitions(60), strategy })
      const zones: Readonly<Record<string, string>> = { a: "z0", b: "z0", c: "z1", d: "z1" }
      for (const [name, zone] of Object.entries(zones)) yield* group.join(name, { config: { workerId: name, zone } })
      yield* Group.pass("60 seconds")
      const [lost = assert.fail("somebody follows")] = group.followers()
      const { workers } = yield* group.leader().parti.group
      const standbys = new Map(workers.flatMap(({ id, standbyIds }) => standbyIds().map((one) => [one, id] as const)))
      assert.strictEqual(standbys.size, 60)
      for (const { id, ids } of workers) {
        for (const one of ids()) assert.notStrictEqual(zones[standbys.get(one) ?? ""], zones[id])
      }
      const orphans = group.running()[lost.process] ?? []
      assert.isNotEmpty(orphans)
      yield* lost.crash
      yield* Group.pass("30 seconds")
      for (const one of orphans) assert.include(group.running()[standbys.get(one) ?? ""] ?? [], one)
      Group.assertExclusive(group.intervals)
    })
  )

  it.effect("are not there with a strategy that plans none", () =>
    Effect.gen(function* () {
      const group = yield* Group.settled(["a", "b"], { partitions: Group.partitions(6) })
      const { workers } = yield* group.leader().parti.group
      assert.deepStrictEqual(
        workers.flatMap(({ standbyIds }) => standbyIds()),
        []
      )
      assert.isTrue(group.written.every(({ head }) => head === null || head.standby === undefined))
    })
  )
})
