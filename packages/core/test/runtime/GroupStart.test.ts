import { assert, describe, it } from "@effect/vitest"
import * as PartitionSource from "../../src/runtime/PartitionSource.ts"
import { Effect } from "effect"
import * as Group from "./Group.ts"

const names = ["a", "b", "c", "d", "e"]

describe("A group that starts from nothing", () => {
  it.effect("hands out partitions when its window closes, and not a millisecond before", () =>
    Effect.gen(function* () {
      const group = yield* Group.make({ partitions: Group.partitions(10) })
      yield* group.joinAll("a", "b", "c")
      yield* Group.pass("1 second")
      const [opened] = group.written.filter(({ key }) => key === "plan")
      assert.isDefined(opened)
      const view = yield* group.leader().parti.group
      assert.deepInclude(view.phase, { tag: "Scaling", reason: "cold_start" })
      const left = view.phase.endsInMs ?? assert.fail("a window has an end")
      yield* Group.pass(left - 1)
      assert.deepStrictEqual(group.intervals, [])
      yield* Group.pass(1)
      yield* Group.pass(0)
      const closesAt = yield* group.now
      assert.strictEqual(closesAt, (opened?.at ?? NaN) + 30_000)
      assert.lengthOf(group.intervals, 10)
      assert.isTrue(group.intervals.every(({ from }) => from === closesAt))
      yield* Group.pass("5 minutes")
      Group.assertBalanced(group, 10, ["a", "b", "c"])
      assert.lengthOf(group.intervals, 10, "nothing moved after that")
    })
  )

  it.effect("leads every worker through the states in order", () =>
    Effect.gen(function* () {
      const group = yield* Group.settled(["a", "b", "c"], { partitions: Group.partitions(3) })
      const way = ["ClaimingId", "Election", "WaitingAssignment", "Stable", "Scaling", "Rebalancing", "Stable"]
      for (const { states } of group.members)
        assert.deepStrictEqual(
          states.map(([, state]) => state),
          way
        )
    })
  )

  it.effect("has one leader and as many ids as workers, each in a few tries", () =>
    Effect.gen(function* () {
      const group = yield* Group.settled(names, { partitions: Group.partitions(100) })
      const ids = group.members.map(({ worker }) => worker.board.workerId.current())
      assert.strictEqual(new Set(ids).size, 5)
      group.leader()
      for (const { process } of group.members) {
        const tries = group.written.filter((one) => one.process === process && one.key.startsWith("worker."))
        const first = tries.findIndex(({ isAccepted }) => isAccepted)
        assert.isAtMost(first, 3, "a few tries each, also when they start in the same instant")
      }
      Group.assertBalanced(group, 100, names)
    })
  )

  it.effect("ends its window early when the expected workers are there", () =>
    Effect.gen(function* () {
      const group = yield* Group.make({ partitions: Group.partitions(6), config: { expectedWorkers: 3 } })
      yield* group.joinAll("a", "b")
      yield* Group.pass("20 seconds")
      assert.deepStrictEqual(group.intervals, [])
      yield* group.join("c")
      yield* Group.pass("1 second")
      Group.assertBalanced(group, 6, ["a", "b", "c"])
    })
  )

  it.effect("hands out at once what there is when it is eager", () =>
    Effect.gen(function* () {
      const group = yield* Group.make({ partitions: Group.partitions(6), config: { coldStart: "eager" } })
      yield* group.join("a")
      yield* Group.pass("12 seconds")
      Group.assertBalanced(group, 6, ["a"])
      const first = Math.min(...group.intervals.map(({ from }) => from))
      // A store that has just been made proves nothing about who may still run what, until a full lease has passed.
      assert.isAtMost(first, 11_000)
    })
  )

  it.effect("hands out what a slow source lists as soon as it is listed, if it is eager", () =>
    Effect.gen(function* () {
      const slow = Effect.delay(Effect.succeed(Group.partitions(6)), "20 seconds")
      const group = yield* Group.make({
        partitions: PartitionSource.fromEffect(slow, { every: "1 day" }),
        config: { coldStart: "eager" }
      })
      yield* group.joinAll("a", "b", "c")
      yield* Group.pass("19 seconds")
      assert.deepStrictEqual(group.intervals, [])
      yield* Group.pass("2 seconds")
      Group.assertBalanced(group, 6, ["a", "b", "c"])
    })
  )

  it.effect("of one worker gives it everything, and of none partitions nothing", () =>
    Effect.gen(function* () {
      const group = yield* Group.settled(["a"], { partitions: Group.partitions(7) })
      assert.lengthOf(group.intervals, 7)
      const empty = yield* Group.make({ partitions: [] })
      yield* empty.joinAll("a", "b")
      yield* Group.pass("1 minute")
      for (const { worker } of empty.members) assert.strictEqual(worker.board.state.current(), "Stable")
      assert.deepStrictEqual(empty.intervals, [])
    })
  )

  it.effect("keeps a worker registered that gets nothing", () =>
    Effect.gen(function* () {
      const group = yield* Group.make({ partitions: Group.partitions(2) })
      yield* group.joinAll(...names)
      yield* Group.pass("2 minutes")
      assert.lengthOf(Object.keys(group.running()), 2)
      const { unowned, workers } = yield* group.member("e").parti.group
      assert.strictEqual(unowned, 0)
      assert.deepStrictEqual(
        workers.map(({ member }) => member),
        names.map(() => true)
      )
    })
  )
})
