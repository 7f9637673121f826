import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as PartitionSource from "../../src/runtime/PartitionSource.ts"
import { fromFunction, type SimpleInput } from "../../src/strategy/Custom.ts"
import { roundRobin } from "../../src/strategy/RoundRobin.ts"
import * as Group from "./Group.ts"

const three = ["a", "b", "c"]
const windowMs = 10_000

const plansSince = (group: Group.Group, since: number) =>
  group.written.filter(({ at, isAccepted, key }) => key === "plan" && isAccepted && at >= since)

describe("A group at rest", () => {
  it.effect("writes one heartbeat for each worker, the leader's, and nothing else, for five minutes", () =>
    Effect.gen(function* () {
      const names = ["a", "b", "c", "d", "e"]
      const group = yield* Group.settled(names, { partitions: Group.partitions(100) })
      const since = yield* group.now
      const before = group.intervals.length
      yield* Group.pass("5 minutes")
      const counts = Map.groupBy(
        group.written.filter(({ at }) => at > since),
        ({ bucket, key }) => `${bucket}/${key}`
      )
      const ids = group.members.map(({ worker }) => worker.board.workerId.current())
      assert.sameMembers([...counts.keys()], ["live/leader", ...ids.map((id) => `live/worker.${id}`)])
      for (const [key, writes] of counts) assert.approximately(writes.length, 150, 1, `${key}: one each two seconds`)
      assert.lengthOf(group.intervals, before, "nothing moves")
      assert.deepStrictEqual(
        group.members.flatMap(({ problems }) => problems),
        []
      )
    })
  )
})

describe("A group whose partitions change", () => {
  it.effect("shares out new ones after the window, and moves no other", () =>
    Effect.gen(function* () {
      const source = yield* PartitionSource.fixed(Group.partitions(30))
      const group = yield* Group.make({ partitions: source })
      yield* group.joinAll(...three)
      yield* Group.pass("60 seconds")
      const since = yield* group.now
      yield* source.update(Group.partitions(36))
      yield* Group.pass(windowMs - 1)
      assert.lengthOf(group.intervals, 30)
      yield* Group.pass(1)
      Group.assertBalanced(group, 36, three)
      assert.deepStrictEqual(Group.moved(group.intervals, since), [])
    })
  )

  it.effect("takes away those that are gone, from their owners alone", () =>
    Effect.gen(function* () {
      const source = yield* PartitionSource.fixed(Group.partitions(30))
      const group = yield* Group.make({ partitions: source, endsAfterMs: 1000 })
      yield* group.joinAll(...three)
      yield* Group.pass("60 seconds")
      const since = yield* group.now
      yield* source.update(Group.partitions(30).slice(0, 27))
      yield* Group.pass("1 minute")
      const running = Object.values(group.running()).flat()
      assert.lengthOf(running, 27)
      assert.notIncludeMembers(running, ["p27", "p28", "p29"])
      assert.isAtMost(Group.moved(group.intervals, since).length, 3, "only what balance asks for")
      assert.strictEqual((yield* group.leader().parti.group).partitions, 27)
      yield* source.update(Group.partitions(30))
      yield* Group.pass("1 minute")
      Group.assertBalanced(group, 30, three)
      Group.assertExclusive(group.intervals)
    })
  )

  it.effect("evens out the loads when some weigh more than before, and moves no more than that takes", () =>
    Effect.gen(function* () {
      const source = yield* PartitionSource.fixed(Group.partitions(30))
      const group = yield* Group.make({ partitions: source })
      yield* group.joinAll(...three)
      yield* Group.pass("60 seconds")
      const since = yield* group.now
      const ofA = group.running()["a"] ?? []
      yield* source.update(
        Group.partitions(30).map((one) => ({ ...one, weight: ofA.some((id) => id === one.keys[0]) ? 2.5 : 1 }))
      )
      yield* Group.pass("1 minute")
      const loads = (yield* group.leader().parti.group).workers.map(({ weight }) => weight)
      assert.deepStrictEqual(loads, [15, 15, 15])
      const moved = Group.moved(group.intervals, since)
      assert.lengthOf(moved, 4, "two of the heavy ones go to each of the others")
      Group.assertExclusive(group.intervals)
    })
  )

  it.effect("has each of them once, however often the source lists it", () =>
    Effect.gen(function* () {
      const list = Group.partitions(6)
      const group = yield* Group.make({
        partitions: PartitionSource.fromEffect(Effect.succeed([...list, ...list]), { every: "1 minute" })
      })
      yield* group.joinAll(...three)
      yield* Group.pass("60 seconds")
      Group.assertBalanced(group, 6, three)
      assert.lengthOf(group.intervals, 6)
    })
  )

  it.effect("does not believe one empty list after one that was not", () =>
    Effect.gen(function* () {
      let listed = Group.partitions(6)
      let reads = 0
      const source = PartitionSource.fromEffect(
        Effect.sync(() => {
          reads += 1
          return reads === 2 ? [] : listed
        }),
        { every: "1 minute" }
      )
      const group = yield* Group.make({ partitions: source })
      yield* group.joinAll(...three)
      yield* Group.pass("3 minutes")
      Group.assertBalanced(group, 6, three)
      assert.lengthOf(group.intervals, 6, "nothing was ever taken away")
      const told = group.leader().problems.map((problem) => problem._tag === "ProblemReported" && problem.report._tag)
      assert.deepStrictEqual(told, ["PartitionsEmptyUnconfirmed"])
      listed = []
      yield* Group.pass("3 minutes")
      assert.deepStrictEqual(group.running(), {}, "it believes what is confirmed")
    })
  )

  it.effect("goes on with the last good list while its source fails", () =>
    Effect.gen(function* () {
      let reads = 0
      const failing = Effect.suspend(() => {
        reads += 1
        return reads === 1 ? Effect.succeed(Group.partitions(6)) : Effect.fail("database is away")
      })
      const group = yield* Group.make({ partitions: PartitionSource.fromEffect(failing, { every: "10 seconds" }) })
      yield* group.joinAll(...three)
      yield* Group.pass("5 minutes")
      Group.assertBalanced(group, 6, three)
      const [first] = group.leader().problems
      assert.include(first?.message, "database is away")
    })
  )
})

describe("A custom strategy", () => {
  /** All to one, and the first to another as well. */
  const shared = (ids: ReadonlyArray<string>, [one = "", other = ""]: ReadonlyArray<string>) => ({
    [one]: ids,
    [other]: ids.slice(0, 1)
  })
  const bad = [
    ["throws", () => assert.fail("not today")],
    ["names a stranger", () => ({ stranger: ["p0", "p1", "p2", "p3", "p4", "p5", "p6", "p7", "p8"] })],
    ["loses partitions", () => ({})],
    [
      "gives one to two",
      ({ partitions, workers }: SimpleInput) =>
        shared(
          partitions.map(({ id }) => id),
          workers
        )
    ]
  ] as const

  it.effect.each(bad)("that %s is refused: the last good assignment stays, and it is asked again", ([, answer]) =>
    Effect.gen(function* () {
      let isBroken = false
      let asked = 0
      const strategy = fromFunction("custom", (input) => {
        asked += 1
        if (isBroken) return answer(input)
        return Map.groupBy(
          input.partitions.map(({ id }) => id),
          (_, i) => input.workers[i % input.workers.length] ?? ""
        )
      })
      const group = yield* Group.make({ partitions: Group.partitions(9), strategy })
      yield* group.joinAll(...three)
      yield* Group.pass("60 seconds")
      Group.assertBalanced(group, 9, three)
      isBroken = true
      asked = 0
      const since = yield* group.now
      yield* group.join("d")
      yield* Group.pass("2 minutes")
      assert.lengthOf(group.intervals, 9, "nothing moved")
      const told = group.leader().problems.map((problem) => problem._tag === "ProblemReported" && problem.report._tag)
      assert.isAbove(told.length, 3)
      assert.isTrue(told.every((tag) => tag === "StrategyRefused"))
      assert.isAtMost(asked, 15, "ever less often")
      isBroken = false
      yield* Group.pass("1 minute")
      Group.assertBalanced(group, 9, [...three, "d"])
      Group.assertExclusive(group.intervals)
      assert.isAtMost(plansSince(group, since).length, 10)
    })
  )

  it.effect("roundRobin gives 14 or 15 of 100 to each of seven", () =>
    Effect.gen(function* () {
      const names = Array.from({ length: 7 }, (_, i) => `w${i}`)
      const group = yield* Group.settled(names, { partitions: Group.partitions(100), strategy: roundRobin() })
      const counts = names.map((name) => group.running()[name]?.length ?? 0)
      assert.isTrue(counts.every((count) => count === 14 || count === 15))
    })
  )
})

describe("Orders", () => {
  it.effect("pause planned changes until resume, and never crashes", () =>
    Effect.gen(function* () {
      const group = yield* Group.settled(three, { partitions: Group.partitions(60) })
      const [follower = assert.fail("somebody follows")] = group.followers()
      yield* Effect.forkChild(follower.parti.pause)
      yield* Group.pass(0)
      yield* group.join("d")
      yield* Group.pass("2 minutes")
      assert.isUndefined(group.running()["d"])
      yield* Effect.forkChild(follower.parti.resume)
      yield* Group.pass("20 seconds")
      Group.assertBalanced(group, 60, [...three, "d"])
    })
  )

  it.effect("drain a worker, which stays, and undrain it", () =>
    Effect.gen(function* () {
      const group = yield* Group.settled(three, { partitions: Group.partitions(60) })
      const [one = assert.fail("two follow"), other = assert.fail("two follow")] = group.followers()
      const id = one.worker.board.workerId.current() ?? assert.fail("it has an id")
      yield* Effect.forkChild(other.parti.drain(id))
      yield* Group.pass("5 seconds")
      Group.assertBalanced(
        group,
        60,
        three.filter((name) => name !== one.process)
      )
      assert.strictEqual(one.worker.board.workerId.current(), id)
      yield* Effect.forkChild(other.parti.undrain(id))
      yield* Group.pass("30 seconds")
      Group.assertBalanced(group, 60, three)
      Group.assertExclusive(group.intervals)
    })
  )

  it.effect("name the workers there are when they name one that is not there", () =>
    Effect.gen(function* () {
      const group = yield* Group.settled(["a"], { partitions: Group.partitions(1) })
      const error = yield* Effect.flip(group.member("a").parti.drain("nobody"))
      assert.strictEqual(error._tag, "WorkerUnknown")
      assert.include(error.message, group.member("a").worker.board.workerId.current() ?? "?")
    })
  )

  it.effect("for a rebalance are carried out at once, also while planned changes are paused", () =>
    Effect.gen(function* () {
      const group = yield* Group.settled(three, { partitions: Group.partitions(60) })
      yield* Effect.forkChild(group.member("a").parti.pause)
      yield* Group.pass(0)
      yield* group.join("d")
      yield* Group.pass("1 minute")
      assert.isUndefined(group.running()["d"])
      yield* Effect.forkChild(group.member("a").parti.rebalance)
      yield* Group.pass("1 second")
      Group.assertBalanced(group, 60, [...three, "d"])
      Group.assertExclusive(group.intervals)
    })
  )
})

describe("Churn", () => {
  it.effect("one by one from one to ten and back moves little, and never runs anything twice", () =>
    Effect.gen(function* () {
      const group = yield* Group.settled(["w0"], { partitions: Group.partitions(100) })
      for (let count = 2; count <= 10; count++) {
        const since = yield* group.now
        yield* group.join(`w${count - 1}`)
        yield* Group.pass("30 seconds")
        assert.isAtMost(Group.moved(group.intervals, since).length, Math.ceil(100 / count))
      }
      for (let count = 9; count >= 1; count--) {
        const since = yield* group.now
        const leaver = group.members.at(-1) ?? assert.fail("somebody is left")
        yield* Effect.forkChild(leaver.parti.stop())
        yield* Group.pass("30 seconds")
        group.members.pop()
        assert.isAtMost(Group.moved(group.intervals, since).length, Math.ceil(100 / (count + 1)))
      }
      Group.assertBalanced(group, 100, ["w0"])
      Group.assertExclusive(group.intervals)
    })
  )

  it.effect("from three to ten quickly is one rebalance", () =>
    Effect.gen(function* () {
      const group = yield* Group.settled(three, { partitions: Group.partitions(100) })
      const since = yield* group.now
      const joiners = Array.from({ length: 7 }, (_, i) => `w${i}`)
      for (const name of joiners) {
        yield* group.join(name)
        yield* Group.pass("1 second")
      }
      yield* Group.pass("1 minute")
      Group.assertBalanced(group, 100, [...three, ...joiners])
      const moved = Group.moved(group.intervals, since)
      assert.lengthOf(moved, 70)
      assert.strictEqual(new Set(moved.map(([, { partition }]) => partition)).size, 70, "each moved once")
      assert.isAtMost(plansSince(group, since).length, 6)
    })
  )
})
