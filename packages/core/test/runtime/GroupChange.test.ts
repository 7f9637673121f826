import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Group from "./Group.ts"

const leaseMs = 10_000
const marginMs = 500
const heartbeatIntervalMs = 2000
const windowMs = 10_000
const partitions = Group.partitions(60)
const three = ["a", "b", "c"]

/** From when to when somebody else did not run what changed hands. */
const gaps = (group: Group.Group, since: number) =>
  Group.moved(group.intervals, since).map(([before, after]) => after.from - before.to)

describe("A group that grows", () => {
  it.effect("from three to five has one window, one rebalance, and the fewest moves", () =>
    Effect.gen(function* () {
      const group = yield* Group.settled(three, { partitions })
      const since = yield* group.now
      yield* group.join("d")
      yield* Group.pass("4 seconds")
      yield* group.join("e")
      yield* Group.pass(windowMs - 4001)
      assert.deepStrictEqual(Group.moved(group.intervals, since), [], "a further join does not restart the window")
      for (const { worker } of group.members) assert.strictEqual(worker.board.state.current(), "Scaling")
      yield* Group.pass("5 minutes")
      Group.assertBalanced(group, 60, [...three, "d", "e"])
      Group.assertExclusive(group.intervals)
      const moved = Group.moved(group.intervals, since)
      assert.lengthOf(moved, 24, "two fifths go to the two joiners, and nothing else moves")
      for (const [before, after] of moved) {
        assert.strictEqual(before.to, since + windowMs)
        assert.isAtMost(after.from, since + windowMs + 100)
        assert.include(["d", "e"], after.process)
      }
      assert.deepInclude((yield* group.leader().parti.group).lastRebalance, { moved: 24, minimum: 24 })
    })
  )

  it.effect("by one, from three to four, and shrinks by one again, at the theoretical minimum", () =>
    Effect.gen(function* () {
      const group = yield* Group.settled(three, { partitions })
      const since = yield* group.now
      const d = yield* group.join("d")
      yield* Group.pass("1 minute")
      assert.lengthOf(Group.moved(group.intervals, since), 15)
      const later = yield* group.now
      yield* Effect.forkChild(d.parti.stop())
      yield* Group.pass("1 minute")
      assert.lengthOf(Group.moved(group.intervals, later), 15)
      Group.assertBalanced(group, 60, three)
      Group.assertExclusive(group.intervals)
    })
  )
})

describe("A worker that crashes", () => {
  it.effect("is answered at once when its lease has ended: its partitions move, and only they", () =>
    Effect.gen(function* () {
      const group = yield* Group.settled(three, { partitions })
      const victim = group.followers()[0] ?? assert.fail()
      const lost = group.running()[victim.process] ?? []
      const since = yield* group.now
      yield* victim.crash
      yield* Group.pass(leaseMs + marginMs + 100)
      const survivors = three.filter((name) => name !== victim.process)
      Group.assertBalanced(group, 60, survivors)
      Group.assertExclusive(group.intervals)
      const moved = Group.moved(group.intervals, since)
      assert.sameMembers(
        moved.map(([before]) => before.partition),
        [...lost]
      )
      for (const [, after] of moved) {
        assert.isAtLeast(after.from, since - heartbeatIntervalMs + leaseMs + marginMs, "not before the lease has ended")
      }
      assert.isTrue(group.leader().states.some(([, state]) => state === "Emergency"))
      assert.deepStrictEqual(
        group.leader().problems.map((problem) => problem._tag === "ProblemReported" && problem.report._tag),
        ["WorkerEvicted"]
      )
    })
  )

  const crashes = ["during the window", "during the cooldown"] as const
  it.effect.each(crashes)("is answered at once also %s of a planned change", (when) =>
    Effect.gen(function* () {
      const group = yield* Group.settled(three, { partitions })
      const victim = group.followers()[0] ?? assert.fail()
      const lost = (group.running()[victim.process] ?? []).length
      yield* group.join("d")
      yield* Group.pass(when === "during the window" ? 100 : windowMs + 1000)
      const remaining = (group.running()[victim.process] ?? []).length
      const since = yield* group.now
      yield* victim.crash
      yield* Group.pass(leaseMs + marginMs + 100)
      Group.assertBalanced(
        group,
        60,
        ["a", "b", "c", "d"].filter((name) => name !== victim.process)
      )
      Group.assertExclusive(group.intervals)
      assert.isAtMost(remaining, lost)
      assert.isAbove(Group.moved(group.intervals, since).length, 0)
    })
  )

  it.effect("while it is to give up partitions holds up nobody for longer than its lease", () =>
    Effect.gen(function* () {
      const group = yield* Group.settled(three, { partitions, endsAfterMs: 2000 })
      yield* group.join("d")
      yield* Group.pass(windowMs + 500)
      const victim = group.followers().find(({ process }) => process !== "d") ?? assert.fail()
      assert.strictEqual(group.leader().worker.board.state.current(), "Rebalancing")
      yield* Effect.forkChild(victim.crash)
      yield* Group.pass(leaseMs + marginMs + 3000)
      Group.assertBalanced(
        group,
        60,
        ["a", "b", "c", "d"].filter((name) => name !== victim.process)
      )
      Group.assertExclusive(group.intervals)
    })
  )

  it.effect("is not hidden by as many that join in the same instant", () =>
    Effect.gen(function* () {
      const group = yield* Group.settled(["a", "b", "c", "d", "e"], { partitions })
      const [one, two] = group.followers()
      yield* one?.crash ?? assert.fail()
      yield* two?.crash ?? assert.fail()
      yield* group.joinAll("f", "g")
      yield* Group.pass(leaseMs + marginMs + 100)
      assert.isTrue(group.leader().states.some(([, state]) => state === "Emergency"))
      const gone = [one?.process, two?.process]
      Group.assertBalanced(
        group,
        60,
        ["a", "b", "c", "d", "e", "f", "g"].filter((name) => !gone.includes(name))
      )
      Group.assertExclusive(group.intervals)
    })
  )

  it.effect("with most of the others opens the restart window", () =>
    Effect.gen(function* () {
      const names = Array.from({ length: 10 }, (_, i) => `w${i}`)
      const group = yield* Group.settled(names, { partitions })
      const victims = group.followers().slice(0, 6)
      const since = yield* group.now
      for (const { crash } of victims) yield* crash
      yield* Group.pass(leaseMs + marginMs)
      const view = yield* group.leader().parti.group
      assert.deepInclude(view.phase, { tag: "Scaling", reason: "restart" })
      yield* Group.pass("20 seconds")
      assert.deepStrictEqual(Group.moved(group.intervals, since), [], "their partitions wait for their return")
      yield* Group.pass("1 minute")
      const gone = victims.map(({ process }) => process)
      Group.assertBalanced(
        group,
        60,
        names.filter((name) => !gone.includes(name))
      )
      Group.assertExclusive(group.intervals)
    })
  )
})

describe("A worker that leaves", () => {
  it.effect("hands its partitions over before it goes, after the short window", () =>
    Effect.gen(function* () {
      const group = yield* Group.settled(three, { partitions })
      const leaver = group.followers()[0] ?? assert.fail()
      const since = yield* group.now
      const stopping = yield* Effect.forkChild(leaver.parti.stop())
      yield* Group.pass(999)
      assert.deepStrictEqual(Group.moved(group.intervals, since), [])
      yield* Group.pass("2 seconds")
      assert.isDefined(stopping.pollUnsafe(), "it is gone by now")
      Group.assertBalanced(
        group,
        60,
        three.filter((name) => name !== leaver.process)
      )
      Group.assertExclusive(group.intervals)
      assert.lengthOf(gaps(group, since), 20)
      assert.isAtMost(Math.max(...gaps(group, since)), 100)
      assert.isAtMost((yield* group.now) - since, 3000)
    })
  )

  it.effect("with others in good order shares one rebalance with them", () =>
    Effect.gen(function* () {
      const names = ["a", "b", "c", "d", "e"]
      const group = yield* Group.settled(names, { partitions })
      const [one, two] = group.followers()
      const since = yield* group.now
      yield* Effect.forkChild(one?.parti.stop() ?? assert.fail())
      yield* Group.pass(500)
      yield* Effect.forkChild(two?.parti.stop() ?? assert.fail())
      yield* Group.pass("3 seconds")
      const gone = [one?.process, two?.process]
      Group.assertBalanced(
        group,
        60,
        names.filter((name) => !gone.includes(name))
      )
      assert.lengthOf(Group.moved(group.intervals, since), 24, "what they had, and each of it once")
      const plans = group.written.filter(({ at, key }) => key === "plan" && at >= since)
      assert.isAtMost(plans.length, 6)
    })
  )

  it.effect("as the leader moves its own partitions first, and another leads within half a second", () =>
    Effect.gen(function* () {
      const group = yield* Group.settled(three, { partitions })
      const leader = group.leader()
      const since = yield* group.now
      const stopping = yield* Effect.forkChild(leader.parti.stop())
      yield* Group.pass("3 seconds")
      assert.isDefined(stopping.pollUnsafe())
      Group.assertBalanced(
        group,
        60,
        three.filter((name) => name !== leader.process)
      )
      Group.assertExclusive(group.intervals)
      assert.isAtMost(Math.max(...gaps(group, since)), 100)
      assert.notStrictEqual(group.leader(), leader)
    })
  )

  it.effect("as the last one just goes", () =>
    Effect.gen(function* () {
      const group = yield* Group.settled(["a"], { partitions })
      const stopping = yield* Effect.forkChild(group.member("a").parti.stop())
      yield* Group.pass("1 second")
      assert.isDefined(stopping.pollUnsafe())
      assert.deepStrictEqual(group.running(), {})
    })
  )

  it.effect("to restart, and is back within the window, moves nothing", () =>
    Effect.gen(function* () {
      const config = (workerId: string) => ({ config: { workerId } })
      const group = yield* Group.make({ partitions })
      for (const name of three) yield* group.join(name, config(`id-${name}`))
      yield* Group.pass("60 seconds")
      Group.assertBalanced(group, 60, three)
      for (const name of ["a", "b", "c"]) {
        const before = group.running()[name] ?? []
        const stopping = yield* Effect.forkChild(group.member(name).parti.stop({ intent: "restart" }))
        yield* Group.pass("1 second")
        assert.isDefined(stopping.pollUnsafe(), "it waits for nobody")
        group.members.splice(group.members.indexOf(group.member(name)), 1)
        yield* Group.pass("3 seconds")
        yield* group.join(name, config(`id-${name}`))
        yield* Group.pass("3 seconds")
        assert.sameMembers([...(group.running()[name] ?? [])], [...before])
      }
      yield* Group.pass("2 minutes")
      assert.deepStrictEqual(Group.moved(group.intervals, 0), [])
      Group.assertBalanced(group, 60, three)
      Group.assertExclusive(group.intervals)
    })
  )
})
