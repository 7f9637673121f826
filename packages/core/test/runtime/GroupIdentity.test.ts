import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit } from "effect"
import * as Group from "./Group.ts"

const leaseMs = 10_000
const marginMs = 500
const partitions = Group.partitions(60)
const three = ["a", "b", "c"]

const idOf = (member: Group.Member) => member.worker.board.workerId.current()

const reported = (member: Group.Member) =>
  member.problems.flatMap((problem) => (problem._tag === "ProblemReported" ? [problem.report._tag] : []))

describe("A worker that is cut off from the store", () => {
  it.effect("for less than its lease keeps what it has", () =>
    Effect.gen(function* () {
      const group = yield* Group.settled(three, { partitions })
      const before = group.intervals.length
      const [one = assert.fail("two follow")] = group.followers()
      const id = idOf(one)
      yield* one.link.cut
      yield* Group.pass("6 seconds")
      yield* one.link.heal
      yield* Group.pass("2 minutes")
      assert.lengthOf(group.intervals, before, "nothing stopped and nothing moved")
      assert.strictEqual(idOf(one), id)
    })
  )

  it.effect("for longer stops before others start, and comes back under a new session", () =>
    Effect.gen(function* () {
      const group = yield* Group.settled(three, { partitions })
      const [one = assert.fail("two follow")] = group.followers()
      const since = yield* group.now
      yield* one.link.cut
      yield* Group.pass(leaseMs + marginMs + 100)
      const rest = three.filter((name) => name !== one.process)
      Group.assertBalanced(group, 60, rest)
      const stoppedAt = Math.max(
        ...group.intervals.filter(({ process }) => process === one.process).map(({ to }) => to)
      )
      assert.isAtMost(stoppedAt - since, leaseMs - marginMs, "its own lease is over before others take it for ended")
      assert.strictEqual(one.worker.board.connection.current()._tag, "Degraded")
      yield* one.link.heal
      yield* Group.pass("1 minute")
      Group.assertBalanced(group, 60, three)
      Group.assertExclusive(group.intervals)
      assert.include(reported(one), "SessionLost")
      assert.strictEqual(one.worker.board.connection.current()._tag, "Connected")
      assert.deepStrictEqual(one.states.map(([, state]) => state).slice(-8), [
        "Stable",
        "ClaimingId",
        "Election",
        "WaitingAssignment",
        "Stable",
        "Scaling",
        "Rebalancing",
        "Stable"
      ])
    })
  )

  it.effect("and leads is followed by another, and none of its late plans counts", () =>
    Effect.gen(function* () {
      const group = yield* Group.settled(three, { partitions })
      const former = group.leader()
      yield* former.link.cut
      yield* Group.pass(leaseMs + marginMs + 1000)
      assert.isFalse(former.worker.board.isLeader.current())
      assert.notStrictEqual(group.leader(), former)
      yield* former.link.heal
      const since = yield* group.now
      yield* Group.pass("1 minute")
      const late = group.written.filter(
        ({ at, isAccepted, key, process }) => key === "plan" && process === former.process && isAccepted && at >= since
      )
      assert.deepStrictEqual(late, [])
      Group.assertBalanced(group, 60, three)
      Group.assertExclusive(group.intervals)
    })
  )

  it.effect("one way, so that it hears and cannot write, stops before others start, and comes back", () =>
    Effect.gen(function* () {
      const group = yield* Group.settled(three, { partitions })
      const [one = assert.fail("two follow")] = group.followers()
      yield* one.link.mute
      yield* Group.pass(leaseMs + marginMs + 100)
      Group.assertBalanced(
        group,
        60,
        three.filter((name) => name !== one.process)
      )
      yield* one.link.heal
      yield* Group.pass("1 minute")
      Group.assertBalanced(group, 60, three)
      Group.assertExclusive(group.intervals)
      assert.include(reported(one), "SessionLost")
    })
  )

  it.effect(
    "the other way, so that it writes and hears nothing, keeps what it has, as long as nobody else is to have it",
    () =>
      Effect.gen(function* () {
        const group = yield* Group.settled(three, { partitions })
        const before = group.intervals.length
        const [one = assert.fail("two follow")] = group.followers()
        yield* one.link.deafen
        yield* Group.pass("1 minute")
        assert.lengthOf(group.intervals, before, "nothing stopped and nothing moved")
        yield* group.join("d")
        yield* Group.pass("1 minute")
        const rest = [...three, "d"].filter((name) => name !== one.process)
        Group.assertBalanced(group, 60, rest)
        yield* one.link.heal
        yield* Group.pass("1 minute")
        Group.assertBalanced(group, 60, [...three, "d"])
        Group.assertExclusive(group.intervals)
      })
  )

  it.effect("whose replies are lost learns from the watch that its writes have landed", () =>
    Effect.gen(function* () {
      const group = yield* Group.settled(three, { partitions })
      const before = group.intervals.length
      const [one = assert.fail("two follow")] = group.followers()
      const session = idOf(one)
      yield* one.link.loseReplies
      yield* Group.pass("1 minute")
      assert.lengthOf(group.intervals, before, "nothing stopped and nothing moved")
      yield* one.link.heal
      yield* Group.pass("1 minute")
      assert.strictEqual(idOf(one), session)
    })
  )

  it.effect("while it claims its id has it when it is back, and never two", () =>
    Effect.gen(function* () {
      const group = yield* Group.settled(three, { partitions })
      const d = yield* group.join("d")
      yield* d.link.loseReplies
      yield* Group.pass("30 seconds")
      yield* d.link.heal
      yield* Group.pass("1 minute")
      Group.assertBalanced(group, 60, [...three, "d"])
      Group.assertExclusive(group.intervals)
      const { workers } = yield* group.leader().parti.group
      assert.lengthOf(workers, 4)
    })
  )
})

describe("A store that is away for everybody", () => {
  it.effect("for 30 seconds costs no move, and work goes on within two seconds of its return", () =>
    Effect.gen(function* () {
      const group = yield* Group.settled(three, { partitions })
      const before = three.map((name) => group.running()[name])
      for (const { link } of group.members) yield* link.cut
      yield* Group.pass("30 seconds")
      assert.deepStrictEqual(group.running(), {}, "a lease that cannot be renewed ends")
      for (const { link } of group.members) yield* link.heal
      yield* Group.pass("2 seconds")
      assert.deepStrictEqual(
        three.map((name) => [...(group.running()[name] ?? [])].sort()),
        before.map((ids = []) => [...ids].sort())
      )
      yield* Group.pass("2 minutes")
      assert.deepStrictEqual(Group.moved(group.intervals, 0), [])
      Group.assertExclusive(group.intervals)
    })
  )

  it.effect.each([2, 8])("for %i seconds moves nothing, and work goes on within two seconds of its return", (seconds) =>
    Effect.gen(function* () {
      const group = yield* Group.settled(three, { partitions })
      const before = group.running()
      const since = yield* group.now
      for (const { link } of group.members) yield* link.cut
      yield* Group.pass(`${seconds} seconds`)
      for (const { link } of group.members) yield* link.heal
      yield* Group.pass("2 seconds")
      Group.assertBalanced(group, 60, three)
      yield* Group.pass("2 minutes")
      for (const name of three) assert.sameMembers([...(group.running()[name] ?? [])], [...(before[name] ?? [])])
      const plans = group.written.filter(({ at, isAccepted, key }) => key === "plan" && isAccepted && at >= since)
      assert.isAtMost(plans.length, seconds < leaseMs / 2000 ? 0 : 1, "one who takes office says what it found, once")
      Group.assertExclusive(group.intervals)
    })
  )

  it.effect("under hold interrupts nobody, and moves nothing", () =>
    Effect.gen(function* () {
      const group = yield* Group.settled(three, { partitions, config: { onStoreLoss: "hold" } })
      const before = group.intervals.length
      for (const { link } of group.members) yield* link.cut
      yield* Group.pass("30 seconds")
      for (const { worker } of group.members) assert.strictEqual(worker.board.connection.current()._tag, "Degraded")
      Group.assertBalanced(group, 60, three)
      for (const { link } of group.members) yield* link.heal
      yield* Group.pass("2 minutes")
      assert.lengthOf(group.intervals, before)
      for (const { worker } of group.members) assert.strictEqual(worker.board.connection.current()._tag, "Connected")
    })
  )

  const buckets = ["live", "plan"] as const
  it.effect.each(buckets)("and has lost its %s bucket when it is back does not lead to two owners", (bucket) =>
    Effect.gen(function* () {
      const group = yield* Group.settled(three, { partitions })
      yield* group.store.reset(bucket)
      yield* Group.pass("2 minutes")
      Group.assertBalanced(group, 60, three)
      Group.assertExclusive(group.intervals)
    })
  )
})

describe("A worker id", () => {
  it.effect("of a pool that is exhausted: the start fails, and tells who holds them", () =>
    Effect.gen(function* () {
      const config = { workerIdPool: { prefix: "w", count: 2 }, startupTimeoutMs: 30_000 }
      const group = yield* Group.settled(["a", "b"], { partitions, config })
      const c = yield* group.join("c")
      const started = yield* Effect.forkChild(Effect.flip(c.worker.started))
      yield* Group.pass("29 seconds")
      assert.include(reported(c), "NoWorkerIdAvailable")
      assert.include(c.problems[0]?.message, "w-0")
      assert.isUndefined(started.pollUnsafe())
      yield* Group.pass("2 seconds")
      const exit = started.pollUnsafe()
      assert.isTrue(exit !== undefined && Exit.isSuccess(exit))
      const error = exit !== undefined && Exit.isSuccess(exit) ? exit.value : null
      assert.deepInclude(error, { _tag: "StartTimedOut", waitingFor: "WorkerId" })
      Group.assertBalanced(group, 60, ["a", "b"])
    })
  )

  it.effect("of one's own is waited for while another process holds it", () =>
    Effect.gen(function* () {
      const group = yield* Group.settled(["a"], { partitions, config: { workerId: "mine" } })
      const b = yield* group.join("b")
      yield* Group.pass("15 seconds")
      assert.isNull(idOf(b))
      assert.include(reported(b), "WorkerIdTaken")
      yield* group.member("a").crash
      yield* Group.pass("2 minutes")
      assert.strictEqual(idOf(b), "mine")
      Group.assertBalanced(group, 60, ["b"])
      Group.assertExclusive(group.intervals)
    })
  )
})
