import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { fromFunction } from "../../src/strategy/Custom.ts"
import * as Group from "./Group.ts"

const leaseMs = 10_000
const marginMs = 500
const heartbeatIntervalMs = 2000
const windowMs = 10_000
const partitions = Group.partitions(60)
const three = ["a", "b", "c"]

const without = (names: ReadonlyArray<string>, ...gone: ReadonlyArray<Group.Member>) =>
  names.filter((name) => !gone.some(({ process }) => process === name))

/** When the others were first led by somebody else. */
const successionAt = (group: Group.Group, former: Group.Member, since: number) => {
  const [first] = group.written.filter(
    ({ at, isAccepted, key, process }) => key === "plan" && isAccepted && at >= since && process !== former.process
  )
  return first?.at ?? assert.fail("somebody else led")
}

describe("When the leader is killed", () => {
  it.effect("another leads within a lease and a second, and its partitions move at once", () =>
    Effect.gen(function* () {
      const group = yield* Group.settled(three, { partitions })
      const leader = group.leader()
      const since = yield* group.now
      yield* leader.crash
      yield* Group.pass(leaseMs + marginMs + 1000)
      assert.isAtMost(successionAt(group, leader, since) - since, leaseMs + 1000)
      Group.assertBalanced(group, 60, without(three, leader))
      Group.assertExclusive(group.intervals)
    })
  )

  it.effect("during the cold start's window, the next one keeps to its end", () =>
    Effect.gen(function* () {
      const group = yield* Group.make({ partitions })
      yield* group.joinAll(...three)
      yield* Group.pass("5 seconds")
      const leader = group.leader()
      const [opened] = group.written.filter(({ head }) => head?.phase._tag === "Scaling")
      yield* leader.crash
      yield* Group.pass((opened?.at ?? NaN) + 30_000 - (yield* group.now) - 100)
      assert.deepStrictEqual(group.intervals, [])
      yield* Group.pass("1 second")
      Group.assertBalanced(group, 60, without(three, leader))
      Group.assertExclusive(group.intervals)
    })
  )

  it.effect("during a planned window, the next one finishes what it began, and the crash besides", () =>
    Effect.gen(function* () {
      const group = yield* Group.settled(three, { partitions })
      const leader = group.leader()
      yield* group.join("d")
      yield* Group.pass("5 seconds")
      yield* leader.crash
      yield* Group.pass(leaseMs + marginMs + windowMs)
      Group.assertBalanced(group, 60, without([...three, "d"], leader))
      Group.assertExclusive(group.intervals)
    })
  )

  it.effect("with revokes outstanding, the next one grants what was given back, to whom it was promised", () =>
    Effect.gen(function* () {
      const group = yield* Group.settled(three, { partitions, endsAfterMs: 3000 })
      const leader = group.leader()
      yield* group.join("d")
      yield* Group.pass(windowMs + 1000)
      assert.strictEqual(leader.worker.board.state.current(), "Rebalancing")
      const since = yield* group.now
      yield* leader.crash
      yield* Group.pass(2 * (leaseMs + marginMs))
      Group.assertBalanced(group, 60, without([...three, "d"], leader))
      Group.assertExclusive(group.intervals)
      assert.isAtMost(successionAt(group, leader, since) - since, leaseMs + 1000)
    })
  )

  it.effect("in an emergency, the next one ends it", () =>
    Effect.gen(function* () {
      const names = ["a", "b", "c", "d", "e"]
      const group = yield* Group.settled(names, { partitions, endsAfterMs: 3000 })
      const leader = group.leader()
      const [victim = assert.fail("somebody follows")] = group.followers()
      const rest = without(names, leader, victim)
      yield* victim.crash
      yield* Group.pass(heartbeatIntervalMs)
      yield* leader.crash
      yield* Group.pass(2 * (leaseMs + marginMs) + 5000)
      Group.assertBalanced(group, 60, rest)
      Group.assertExclusive(group.intervals)
      assert.isTrue(group.leader().states.some(([, state]) => state === "Emergency"))
    })
  )

  it.effect("again and again, the group is whole again each time", () =>
    Effect.gen(function* () {
      const names = Array.from({ length: 6 }, (_, i) => `w${i}`)
      const group = yield* Group.settled(names, { partitions })
      const gone: Array<Group.Member> = []
      for (let round = 0; round < 5; round++) {
        const leader = group.leader()
        gone.push(leader)
        yield* leader.crash
        yield* Group.pass(leaseMs + marginMs + 1000)
        Group.assertBalanced(group, 60, without(names, ...gone))
      }
      Group.assertExclusive(group.intervals)
    })
  )

  const names = ["workerId", "instance"] as const
  it.effect.each(names)("and all the others with it, those that have a %s come back to what they had", (option) =>
    Effect.gen(function* () {
      const config = (name: string) => ({ config: { [option]: `its-${name}` } })
      const group = yield* Group.make({ partitions })
      for (const name of three) yield* group.join(name, config(name))
      yield* Group.pass("60 seconds")
      const before = three.map((name) => group.running()[name])
      for (const { crash } of group.members) yield* crash
      group.members.length = 0
      yield* Group.pass("1 second")
      for (const name of three) yield* group.join(name, config(name))
      yield* Group.pass("2 minutes")
      Group.assertBalanced(group, 60, three)
      Group.assertExclusive(group.intervals)
      assert.deepStrictEqual(
        three.map((name) => [...(group.running()[name] ?? [])].sort()),
        before.map((ids = []) => [...ids].sort())
      )
    })
  )
})

describe("A leader that resigns", () => {
  it.effect("is followed by another within half a second", () =>
    Effect.gen(function* () {
      const group = yield* Group.settled(three, { partitions })
      const leader = group.leader()
      yield* Effect.forkChild(leader.parti.stop({ intent: "restart" }))
      yield* Group.pass(0)
      const releasedAt = group.written.findLast(
        ({ key, process }) => key === "leader" && process === leader.process
      )?.at
      yield* Group.pass(500)
      assert.isAtMost(successionAt(group, leader, releasedAt ?? NaN) - (releasedAt ?? NaN), 500)
    })
  )
})

describe("Followers", () => {
  it.effect("never compute an assignment, and never write a plan", () =>
    Effect.gen(function* () {
      const group = yield* Group.make({ partitions })
      const asked: Array<string> = []
      for (const process of [...three, "d"]) {
        if (process === "d") yield* Group.pass("60 seconds")
        const strategy = fromFunction("noted", ({ partitions: all, workers }) => {
          asked.push(process)
          return Map.groupBy(
            all.map(({ id }) => id),
            (_, i) => workers[i % workers.length] ?? ""
          )
        })
        yield* group.join(process, { strategy })
      }
      yield* Group.pass("1 minute")
      Group.assertBalanced(group, 60, [...three, "d"])
      assert.deepStrictEqual([...new Set(asked)], [group.leader().process])
      const writers = new Set(group.written.filter(({ key }) => key === "plan").map(({ process }) => process))
      assert.deepStrictEqual([...writers], [group.leader().process])
    })
  )

  it.effect("can ask for fresh partitions, and get them", () =>
    Effect.gen(function* () {
      let listed = Group.partitions(6)
      const source = Group.countedSource(() => listed)
      const group = yield* Group.make({ partitions: source.source })
      yield* group.joinAll(...three)
      yield* Group.pass("60 seconds")
      Group.assertBalanced(group, 6, three)
      const asked = source.count()
      listed = Group.partitions(9)
      const [follower = assert.fail("somebody follows")] = group.followers()
      const refreshed = yield* Effect.forkChild(follower.parti.refreshPartitions)
      yield* Group.pass(0)
      assert.isDefined(refreshed.pollUnsafe(), "the order is in the store at once")
      yield* Group.pass("30 seconds")
      Group.assertBalanced(group, 9, three)
      assert.strictEqual(source.count(), asked + 1, "one leader asked its source, once")
    })
  )
})
