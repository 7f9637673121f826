import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Decision from "../../src/Decision.ts"
import { CoordinationStore } from "../../src/runtime/CoordinationStore.ts"
import type { AssignmentStrategy } from "../../src/strategy/Strategy.ts"
import { fromColumns } from "../../src/strategy/Custom.ts"
import { sticky } from "../../src/strategy/Sticky.ts"
import * as Group from "./Group.ts"

const partitions = Group.partitions(60)
const three = ["a", "b", "c"]

const logbook = (group: Group.Group) => Effect.provideService(Decision.read, CoordinationStore, group.store)

/** The newest decision, and that it replays. */
const newest = (group: Group.Group, strategy?: AssignmentStrategy) =>
  Effect.gen(function* () {
    const { decisions, plan, unreadable } = yield* logbook(group)
    assert.deepStrictEqual(unreadable, [])
    for (const logged of decisions) assert.strictEqual(Decision.replay(logged, strategy)._tag, "Agrees")
    const logged = decisions[0] ?? assert.fail("there is a decision")
    return { ...logged, decisions, plan }
  })

/** The reasons that occur, with their numbers. */
const reasons = ({ decision: { moves } }: Decision.Logged) =>
  Object.fromEntries(Object.entries(moves).filter(([, count]) => count > 0))

const idOf = (member: Group.Member) => member.worker.board.workerId.current() ?? assert.fail("it has an id")

describe("The log of decisions", () => {
  it.effect("begins with the cold start: every partition is new", () =>
    Effect.gen(function* () {
      const group = yield* Group.settled(three, { partitions })
      const { decision, decisions } = yield* newest(group)
      assert.lengthOf(decisions, 1)
      assert.deepInclude(decision, { number: 1, trigger: "cold_start", workers: 3, partitions: 60, evidence: "Whole" })
      assert.deepStrictEqual(reasons({ decision, evidence: null, missing: "" }), { added: 60 })
      assert.strictEqual(decision.changes.joined.count, 3)
      assert.deepInclude(decision.cost, { moved: 60, minimum: 60 })
      const { steps } = decision
      assert.isNotNull(steps.windowOpenedAt)
      assert.isNotNull(steps.stableAt)
      assert.isNull(steps.acknowledgedAt, "nobody had to give anything up")
    })
  )

  it.effect("tells of a worker that joins: some move for balance, after a window, with all steps in order", () =>
    Effect.gen(function* () {
      const group = yield* Group.settled(three, { partitions })
      const joiner = yield* group.join("d")
      yield* Group.pass("1 minute")
      const logged = yield* newest(group)
      const { changes, cost, steps, trigger } = logged.decision
      assert.strictEqual(trigger, "planned_scale")
      assert.deepStrictEqual(reasons(logged), { balance: 15 })
      assert.deepStrictEqual(changes.joined, { count: 1, ids: [idOf(joiner)] })
      assert.deepInclude(cost, { moved: 15, minimum: 15 })
      const times = [
        steps.windowOpenedAt,
        steps.decidedAt,
        steps.publishedAt,
        steps.acknowledgedAt,
        steps.grantedAt,
        steps.stableAt
      ].map((time) => time ?? assert.fail(`each step has a time: ${JSON.stringify(steps)}`))
      assert.deepStrictEqual(
        times,
        times.toSorted((a, b) => a - b)
      )
      assert.strictEqual(steps.decidedAt - (steps.windowOpenedAt ?? 0), 10_000)
      assert.isNotNull(steps.slowest)
    })
  )

  it.effect("tells of a crash: what the worker had is orphaned, and goes without a window", () =>
    Effect.gen(function* () {
      const group = yield* Group.settled(three, { partitions })
      const victim = group.followers()[0] ?? assert.fail()
      const id = idOf(victim)
      yield* victim.crash
      yield* Group.pass("1 minute")
      const logged = yield* newest(group)
      assert.strictEqual(logged.decision.trigger, "emergency")
      assert.deepStrictEqual(reasons(logged), { orphaned: 20 })
      assert.deepStrictEqual(logged.decision.changes.crashed, { count: 1, ids: [id] })
      assert.isNull(logged.decision.steps.windowOpenedAt)
      assert.isNull(logged.decision.steps.acknowledgedAt)
    })
  )

  const drains = ["leaves", "is drained by an operator"] as const
  it.effect.each(drains)("tells of a worker that %s: what it had moves because it is emptied", (how) =>
    Effect.gen(function* () {
      const group = yield* Group.settled(three, { partitions })
      const one = group.followers()[0] ?? assert.fail()
      const id = idOf(one)
      yield* Effect.forkChild(how === "leaves" ? one.parti.stop() : group.leader().parti.drain(id))
      yield* Group.pass("1 minute")
      const logged = yield* newest(group)
      assert.deepStrictEqual(reasons(logged), { drain: 20 })
      assert.deepStrictEqual(logged.decision.changes.draining, { count: 1, ids: [id] })
    })
  )

  it.effect("tells that what a worker lost returned to it", () =>
    Effect.gen(function* () {
      const group = yield* Group.settled(three, { partitions })
      const one = group.followers()[0] ?? assert.fail()
      const had = group.running()[one.process] ?? []
      yield* Effect.forkChild(group.leader().parti.drain(idOf(one)))
      yield* Group.pass("1 minute")
      yield* Effect.forkChild(group.leader().parti.undrain(idOf(one)))
      yield* Group.pass("1 minute")
      const logged = yield* newest(group)
      assert.deepStrictEqual(reasons(logged), { returned: 20 })
      assert.sameMembers([...(group.running()[one.process] ?? [])], [...had])
    })
  )

  it.effect("tells of weights: nobody came or went, and something moves all the same", () =>
    Effect.gen(function* () {
      let weight = 1
      const { source } = Group.countedSource(() =>
        partitions.map((one, i) => ({ ...one, weight: i < 10 ? weight : 1 }))
      )
      const group = yield* Group.make({ partitions: source })
      yield* group.joinAll(...three)
      yield* Group.pass("1 minute")
      weight = 20
      yield* Effect.forkChild(group.leader().parti.refreshPartitions)
      yield* Group.pass("1 minute")
      const logged = yield* newest(group)
      assert.isTrue(logged.decision.changes.isReweighted)
      assert.deepStrictEqual(Object.keys(reasons(logged)), ["weight"])
    })
  )

  it.effect("tells of a worker that came back under its id with another capacity: that, too, is weight", () =>
    Effect.gen(function* () {
      const id = (workerId: string, capacity: number) => ({ config: { workerId, capacity } })
      const group = yield* Group.make({ partitions })
      for (const name of three) yield* group.join(name, id(`id-${name}`, 1))
      yield* Group.pass("1 minute")
      yield* Effect.forkChild(group.member("b").parti.stop({ intent: "restart" }))
      yield* Group.pass("1 second")
      group.members.splice(group.members.indexOf(group.member("b")), 1)
      yield* group.join("b", id("id-b", 2))
      yield* Group.pass("1 minute")
      const logged = yield* newest(group)
      assert.deepInclude(logged.decision.changes, { isReweighted: true, joined: { count: 0, ids: [] } })
      assert.deepStrictEqual(reasons(logged), { weight: 10 })
    })
  )

  it.effect("tells of partitions that are new, and of those that left the source", () =>
    Effect.gen(function* () {
      let list = partitions
      const { source } = Group.countedSource(() => list)
      const group = yield* Group.make({ partitions: source })
      yield* group.joinAll(...three)
      yield* Group.pass("1 minute")
      list = [...partitions.slice(3), { keys: ["n0"] }, { keys: ["n1"] }, { keys: ["n2"] }]
      yield* Effect.forkChild(group.leader().parti.refreshPartitions)
      yield* Group.pass("1 minute")
      const logged = yield* newest(group)
      assert.deepInclude(logged.decision.moves, { removed: 3, added: 3 })
      assert.deepInclude(logged.decision.changes, { partitionsAdded: 3, partitionsRemoved: 3, isReweighted: false })
      const gone = yield* group.leader().parti.explain("p0")
      assert.isNull(gone.holder)
      assert.deepInclude(gone.moves[0], { reason: "removed", to: null })
      const fresh = yield* group.leader().parti.explain("n0")
      assert.deepInclude(fresh.moves[0], { reason: "added", from: null })
    })
  )

  it.effect("tells that the strategy itself decides otherwise, and replays it when the strategy is handed in", () =>
    Effect.gen(function* () {
      let turn = 0
      const restless = fromColumns("restless", ({ partitions: { ids }, workers }) =>
        ids.map((_, i) => (i + turn) % workers.length)
      )
      const group = yield* Group.settled(three, { partitions, strategy: restless })
      turn = 1
      yield* Effect.forkChild(group.leader().parti.rebalance)
      yield* Group.pass("1 minute")
      const { decisions } = yield* logbook(group)
      const [logged = assert.fail("there is one")] = decisions
      assert.strictEqual(logged.decision.trigger, "requested")
      assert.deepStrictEqual(reasons(logged), { strategy: 60 })
      assert.strictEqual(Decision.replay(logged)._tag, "Unreplayable")
      assert.strictEqual(Decision.replay(logged, restless)._tag, "Agrees")
      turn = 0
      const differs = Decision.replay(logged, restless)
      assert.deepInclude(differs, { _tag: "Differs", count: 60 })
      assert.strictEqual(Decision.replay(logged, sticky())._tag, "Unreplayable")
    })
  )
})
