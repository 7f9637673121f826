import { assert, describe, it } from "@effect/vitest"
import { Effect, Result, Stream } from "effect"
import * as Partition from "../../src/model/Partition.ts"
import type { Plan } from "../../src/model/Plan.ts"
import * as Connection from "../../src/runtime/Connection.ts"
import * as GroupView from "../../src/runtime/GroupView.ts"
import * as OwnAssignment from "../../src/runtime/OwnAssignment.ts"
import type { OwnedPartition } from "../../src/runtime/OwnedPartition.ts"
import { idOf, partitionsOf } from "./Samples.ts"

const six = partitionsOf("a", "b", "c", "d", "e", "f")

const planOf = (version: number, special: Partial<Plan>): Plan => ({
  epoch: 1,
  version,
  leader: { id: idOf("w1"), session: "s1" },
  incarnation: "i",
  recovering: false,
  phase: { _tag: "Idle" },
  list: { version: 1, partitions: six },
  workers: [
    { id: idOf("w2"), session: "s2", member: true },
    { id: idOf("w1"), session: "s1", member: true }
  ],
  owner: [0, 0, 0, 1, 1, 1],
  next: [0, 0, 0, 1, 1, 1],
  token: [1, 1, 1, 1, 1, 1],
  handled: { rebalance: 0, refresh: 0 },
  ...special
})

const viewOf = (...plans: ReadonlyArray<Plan | null>) =>
  GroupView.at(plans.reduce(GroupView.observe, GroupView.noPlans), 10_000)

describe("The view of a group", () => {
  it("is empty before a plan was seen", () => {
    assert.deepInclude(viewOf(null), { leader: null, partitions: 0, lastRebalance: null })
  })

  it("shows who owns how much, by the order of names", () => {
    const view = viewOf(planOf(1, { owner: [0, 0, 0, 0, 1, -1], next: [0, 0, 0, 1, 1, -1] }))
    assert.deepInclude(view, { leader: idOf("w1"), partitions: 6, unowned: 1, handingOver: 1 })
    assert.deepStrictEqual(
      view.workers.map(({ id, partitions, weight }) => [id, partitions, weight]),
      [
        [idOf("w1"), 1, 1],
        [idOf("w2"), 4, 4]
      ]
    )
    assert.deepStrictEqual(view.workers[0]?.ids(), Partition.index(six).ids.slice(4, 5))
  })

  it("shows the time left of a window, never more than the window", () => {
    const phase = { _tag: "Scaling", reason: "planned_scale", windowMs: 10_000 } as const
    const left = (startedAt: number) => viewOf(planOf(1, { phase: { ...phase, startedAt } })).phase.endsInMs
    assert.strictEqual(left(8000), 8000)
    assert.strictEqual(left(-5000), 0)
    assert.strictEqual(left(60_000), 10_000, "the leader's clock is ahead of ours")
  })

  it("measures the last rebalance from the plan before it to its newest target", () => {
    const phase = { _tag: "Rebalancing", reason: "planned_scale", startedAt: 5 } as const
    const before = planOf(1, { owner: [0, 0, 0, 0, 0, 0], next: [0, 0, 0, 0, 0, 0] })
    const first = planOf(2, { phase, owner: before.owner, next: [0, 0, 0, 0, 0, 1] })
    const second = planOf(3, { phase, owner: [0, 0, 0, 0, 0, 1], next: [0, 0, 0, 1, 1, 1] })
    const over = planOf(4, {})
    for (const plans of [
      [before, first, second],
      [before, first, second, over]
    ]) {
      assert.deepStrictEqual(viewOf(...plans).lastRebalance, { moved: 3, minimum: 3, reason: "planned_scale" })
    }
    const wasteful = planOf(5, { phase: { ...phase, startedAt: 6 }, next: [1, 1, 1, 0, 0, 0] })
    assert.deepStrictEqual(viewOf(before, first, over, wasteful).lastRebalance, {
      moved: 6,
      minimum: 0,
      reason: "planned_scale"
    })
  })

  it("does not count what has left the source among the moves", () => {
    const phase = { _tag: "Rebalancing", reason: "planned_scale", startedAt: 5 } as const
    const view = viewOf(planOf(1, {}), planOf(2, { phase, next: [0, 0, -1, 1, 1, 1] }))
    assert.deepStrictEqual(view.lastRebalance, { moved: 0, minimum: 0, reason: "planned_scale" })
    assert.strictEqual(view.handingOver, 1)
  })
})

const owned = (name: string, token: number): OwnedPartition => {
  const partition = Result.getOrThrow(Partition.make({ keys: [name] }))
  return { partition, id: Partition.id(partition), token, epoch: 1 }
}

describe("Changes of an assignment", () => {
  it("tell what came and what went; a new token is both", () => {
    const [a, b, c] = [owned("a", 1), owned("b", 1), owned("c", 1)]
    const change = OwnAssignment.between([a, b], [owned("b", 2), c])
    assert.deepStrictEqual(
      change.added.map(({ id, token }) => [String(id), token]),
      [
        ["b", 2],
        ["c", 1]
      ]
    )
    assert.deepStrictEqual(change.removed, [a, b])
  })

  it.effect("add up from nothing to the last one", () =>
    Effect.gen(function* () {
      const [a, b] = [owned("a", 1), owned("b", 1)]
      const changes = yield* Stream.runCollect(OwnAssignment.changes(Stream.make([a], [a, b], [b])))
      assert.deepStrictEqual(
        changes.map(({ added, removed }) => [added, removed]),
        [
          [[a], []],
          [[b], []],
          [[], [a]]
        ]
      )
    })
  )
})

describe("A connection", () => {
  it("keeps the instant, by the wall clock, when the store last took a write", () => {
    const degraded = Connection.of(
      { _tag: "Degraded", since: 4000 },
      { at: 9000, wall: 1_000_000 },
      Connection.connected
    )
    assert.deepStrictEqual(degraded, { _tag: "Degraded", since: 995_000 })
    assert.strictEqual(
      Connection.of({ _tag: "Degraded", since: 4000 }, { at: 9999, wall: 1_000_001 }, degraded),
      degraded
    )
    assert.deepStrictEqual(Connection.of({ _tag: "Connected" }, { at: 0, wall: 0 }, degraded), { _tag: "Connected" })
  })

  it("is the more urgent the longer it is degraded, and sooner or later as was chosen", () => {
    const at = (preset?: "conservative" | "aggressive") => (ageMs: number) =>
      Connection.alertLevel({ _tag: "Degraded", since: 0 }, ageMs, preset)
    const level = at()
    assert.deepStrictEqual([0, 14_999, 15_000, 60_000, 300_000].map(level), [
      "info",
      "info",
      "warn",
      "error",
      "critical"
    ])
    assert.deepStrictEqual([4_999, 5_000, 30_000, 120_000].map(at("aggressive")), ["info", "warn", "error", "critical"])
    assert.deepStrictEqual([29_999, 30_000, 120_000, 600_000].map(at("conservative")), [
      "info",
      "warn",
      "error",
      "critical"
    ])
    assert.strictEqual(level(-1000), "info")
    assert.strictEqual(Connection.alertLevel(Connection.connected, 0), "none")
  })
})
