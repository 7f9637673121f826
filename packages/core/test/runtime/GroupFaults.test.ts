import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Key from "../../src/model/Key.ts"
import * as Group from "./Group.ts"
import { idOf } from "./Samples.ts"

const partitions = Group.partitions(60)
const three = ["a", "b", "c"]
const bytes = (text: string) => new TextEncoder().encode(text)
const garbage = bytes("no record at all")
const unreadable = [
  ["is no record", garbage],
  ["is of a newer version", bytes(`{"v":2,"state":"live","session":"s"}`)]
] as const

const undecodable = (member: Group.Member) =>
  member.problems.flatMap((problem) =>
    problem._tag === "ProblemReported" && problem.report._tag === "RecordUndecodable" ? [problem.report] : []
  )

describe("A worker that stands still for longer than its lease", () => {
  it.effect("ends what it ran before it does anything else, and starts again under a new session with new tokens", () =>
    Effect.gen(function* () {
      const group = yield* Group.settled(three, { partitions })
      const [frozen = assert.fail("two follow")] = group.followers()
      const before = group.intervals.filter(({ process }) => process === frozen.process)
      yield* frozen.link.freeze
      yield* Group.pass("30 seconds")
      const others = group.intervals.filter(({ process, to }) => process !== frozen.process && !Number.isFinite(to))
      assert.lengthOf(new Set(others.map(({ partition }) => partition)), 60, "others run its partitions by now")
      for (const stale of before) {
        const present = others.find(({ partition }) => partition === stale.partition)
        assert.isAbove(present?.token ?? 0, stale.token, "whoever checks tokens refuses the one that slept")
      }
      const wokeAt = yield* group.now
      yield* frozen.link.thaw
      yield* Group.pass("1 minute")
      for (const stale of before) assert.strictEqual(stale.to, wokeAt)
      Group.assertBalanced(group, 60, three)
      const awake = group.intervals.filter(({ from, process }) => process !== frozen.process || from >= wokeAt)
      Group.assertExclusive(awake)
    })
  )

  it.effect("knows that its lease is over before anybody could tell its handlers", () =>
    Effect.gen(function* () {
      const group = yield* Group.settled(three, { partitions })
      const [frozen = assert.fail("two follow")] = group.followers()
      const asked: Array<() => boolean> = []
      yield* frozen.worker.register(({ isCurrent }) => Effect.sync(() => void asked.push(isCurrent)))
      yield* Group.pass("1 second")
      assert.lengthOf(asked, 20)
      assert.isTrue(asked.every((isCurrent) => isCurrent()))
      yield* frozen.link.freeze
      yield* Group.pass("30 seconds")
      assert.isFalse(asked.some((isCurrent) => isCurrent()))
    })
  )

  it.effect("and leads has none of the writes accepted that it had under way", () =>
    Effect.gen(function* () {
      const group = yield* Group.settled(three, { partitions })
      const former = group.leader()
      yield* group.join("d")
      // Just before the window closes, so that it wakes with a plan in hand.
      yield* Group.pass("9999 millis")
      yield* former.link.freeze
      yield* Group.pass("40 seconds")
      const wokeAt = yield* group.now
      yield* former.link.thaw
      yield* Group.pass("1 second")
      const accepted = group.written.filter(
        ({ at, isAccepted, key, process }) =>
          process === former.process && isAccepted && at >= wokeAt && (key === "plan" || key === "leader")
      )
      assert.deepStrictEqual(accepted, [])
      yield* Group.pass("1 minute")
      Group.assertBalanced(group, 60, [...three, "d"])
      Group.assertExclusive(group.intervals.filter(({ from, process }) => process !== former.process || from >= wokeAt))
    })
  )

  const pauses = [1000, 5000] as const
  it.effect.each(pauses)("is another matter than one that stands still for %i ms: nothing happens", (ms) =>
    Effect.gen(function* () {
      const group = yield* Group.settled(three, { partitions })
      const before = group.intervals.length
      for (const { link } of group.members) {
        yield* link.freeze
        yield* Group.pass(ms)
        yield* link.thaw
        yield* Group.pass("10 seconds")
      }
      assert.lengthOf(group.intervals, before)
      Group.assertBalanced(group, 60, three)
    })
  )
})

describe("A record that cannot be read", () => {
  it.effect.each(unreadable)("since it %s, under a worker's name, is reported, and the group goes on", ([, value]) =>
    Effect.gen(function* () {
      const group = yield* Group.settled(three, { partitions })
      const key = Key.worker(idOf("stranger"))
      const revision = yield* group.store.put("live", key, value)
      yield* Group.pass("30 seconds")
      const reported = undecodable(group.leader())
      assert.deepInclude(reported[0], { key, revision })
      yield* group.join("d")
      yield* Group.pass("1 minute")
      Group.assertBalanced(group, 60, [...three, "d"])
    })
  )

  it.effect.each(unreadable)("since it %s, in place of the plan, stops nobody and is reported by all", ([, value]) =>
    Effect.gen(function* () {
      const group = yield* Group.settled(three, { partitions })
      const before = group.intervals.length
      const revision = yield* group.store.put("plan", Key.plan, value)
      yield* Group.pass("1 minute")
      assert.lengthOf(group.intervals, before)
      Group.assertBalanced(group, 60, three)
      for (const member of group.members) assert.deepInclude(undecodable(member)[0], { key: Key.plan, revision })
    })
  )

  it.effect("among the orders is reported, and the other orders are heard", () =>
    Effect.gen(function* () {
      const group = yield* Group.settled(three, { partitions })
      yield* group.store.put("plan", "control.refresh", garbage)
      yield* Effect.forkChild(group.member("a").parti.pause)
      yield* Group.pass("1 second")
      assert.strictEqual(undecodable(group.leader())[0]?.key, "control.refresh")
      yield* group.join("d")
      yield* Group.pass("1 minute")
      assert.isUndefined(group.running()["d"], "the order to pause was heard")
    })
  )
})

describe("The list of partitions", () => {
  it.effect("is put back by the leader when it has gone from the store, so that others can join", () =>
    Effect.gen(function* () {
      const group = yield* Group.settled(three, { partitions })
      const list = group.written.find(({ key }) => key.startsWith("partitions."))?.key ?? assert.fail("a list")
      yield* group.store.remove("plan", list)
      yield* Group.pass("1 second")
      yield* group.join("d")
      yield* Group.pass("30 seconds")
      Group.assertBalanced(group, 60, [...three, "d"])
      Group.assertExclusive(group.intervals)
    })
  )
})
