import { assert, describe, it } from "@effect/vitest"
import { Effect, Metric } from "effect"
import * as Group from "./Group.ts"
import { alone, sum, total } from "./Totals.ts"

const partitions = Group.partitions(30)
const lost = "parti_sessions_lost_total"

describe("The metrics of a group", () => {
  it.effect("say how long each state and each phase has lasted", () =>
    alone(
      Effect.gen(function* () {
        const group = yield* Group.settled(["a"], { partitions })
        yield* Group.pass("100 seconds")
        // The last heartbeat was at most two seconds ago.
        const seconds = yield* total("parti_state_seconds_total")
        assert.isTrue(seconds > 157 && seconds <= 160, `${seconds} s`)
        const idle = yield* total("parti_phase_seconds_total", { phase: "Idle" })
        const scaling = yield* total("parti_phase_seconds_total", { phase: "Scaling" })
        assert.approximately(scaling, 30, 0.1, "the window of a cold start")
        assert.isAbove(idle, 100)
        assert.strictEqual(yield* total("parti_worker_state", { state: "Stable" }), 1)
        assert.strictEqual(yield* total("parti_worker_state"), 1, "it is in one state")
        assert.strictEqual(yield* total("parti_phase", { phase: "Idle" }), 1)
        assert.strictEqual(yield* total("parti_phase"), 1, "it is in one phase")
        assert.strictEqual(yield* total("parti_windows_total", { reason: "cold_start" }), 1)
        assert.strictEqual(group.leader().process, "a")
      })
    )
  )

  it.effect("count the time without an owner, a crashed worker's from its last sign of life", () =>
    alone(
      Effect.gen(function* () {
        const group = yield* Group.settled(["a", "b", "c"], { partitions })
        // What no plan lists yet, as in a cold start, is nobody's loss.
        assert.strictEqual(yield* total("parti_unowned_partition_seconds_total"), 0)
        const [victim = assert.fail("two follow")] = group.followers()
        yield* victim.crash
        const crashedAt = yield* group.now
        yield* Group.pass("30 seconds")
        const resumed = group.intervals.filter(({ from }) => from > crashedAt).map(({ from }) => from - crashedAt)
        assert.lengthOf(resumed, 10)
        const gap = Math.max(...resumed) / 1000
        const counted = (yield* total("parti_unowned_partition_seconds_total")) / 10
        // Silence counts from the last heartbeat, which was up to two seconds before the crash.
        assert.isTrue(counted >= gap - 0.1 && counted <= gap + 2.1, `${counted} s were counted, ${gap} s was the gap`)
      })
    )
  )

  it.effect("say what a rebalance has cost, against what it had to cost", () =>
    alone(
      Effect.gen(function* () {
        const group = yield* Group.settled(["a", "b", "c"], { partitions })
        assert.strictEqual(yield* total("parti_rebalance_moved_total"), 30)
        yield* group.join("d")
        yield* Group.pass("30 seconds")
        assert.strictEqual(yield* total("parti_rebalance_moved_total"), 37)
        assert.strictEqual(yield* total("parti_rebalance_minimum_total"), 37)
        assert.strictEqual(yield* total("parti_move_ratio"), 1)
        assert.strictEqual(yield* total("parti_rebalance_duration_seconds", { reason: "planned_scale" }), 1)
        assert.isBelow(yield* sum("parti_rebalance_duration_seconds", { reason: "planned_scale" }), 1)
        assert.approximately(yield* total("parti_imbalance_ratio"), 8 / 7.5, 1e-9)
        assert.strictEqual(yield* total("parti_workers"), 4)
        assert.strictEqual(yield* total("parti_partitions"), 30)
      })
    )
  )

  it.effect("show how old leases become, and that the store answers", () =>
    alone(
      Effect.gen(function* () {
        yield* Group.settled(["a", "b"], { partitions })
        const renewals = yield* total("parti_lease_age_seconds")
        assert.isAbove(renewals, 50)
        assert.approximately((yield* sum("parti_lease_age_seconds")) / renewals, 2, 0.1, "a heartbeat")
        assert.isAbove(yield* total("parti_store_latency_seconds", { operation: "Renew" }), 50)
      })
    )
  )

  it.effect("show nothing any more of a worker that has ended, and nothing of a group that it no longer leads", () =>
    alone(
      Effect.gen(function* () {
        const group = yield* Group.settled(["a", "b"], { partitions })
        const leader = group.leader()
        const worker = leader.worker.board.workerId.current() ?? assert.fail("it has a name")
        assert.strictEqual(yield* total("parti_partitions", { worker }), 30)
        yield* Effect.forkChild(leader.parti.stop())
        yield* Group.pass("1 minute")
        for (const name of ["parti_partitions", "parti_is_leader", "parti_worker_state", "parti_phase"] as const) {
          assert.strictEqual(yield* total(name, { worker }), 0, name)
        }
        assert.strictEqual(yield* total("parti_partitions"), 30, "the next leader shows it")
        assert.strictEqual(yield* total("parti_partitions_owned"), 30)
      })
    )
  )

  it.effect("count a lost session under the name that it had, where there was a 0 to increase from", () =>
    alone(
      Effect.gen(function* () {
        const group = yield* Group.settled(["a", "b"], { partitions })
        const [victim = assert.fail("one follows")] = group.followers()
        const worker = victim.worker.board.workerId.current() ?? assert.fail("it has a name")
        const stood = yield* Metric.snapshot
        const series = stood.filter(({ attributes, id }) => id === lost && attributes?.["worker"] === worker)
        assert.sameMembers(
          series.map(({ attributes }) => attributes?.["by"]),
          ["Evicted", "Fenced", "Replaced", "Vanished"]
        )
        yield* victim.link.freeze
        yield* Group.pass("30 seconds")
        yield* victim.link.thaw
        yield* Group.pass("30 seconds")
        assert.strictEqual(yield* total(lost, { worker }), 1)
        assert.strictEqual(yield* total(lost), 1)
      })
    )
  )

  it.effect("add up the time without a store, and say that handlers were stopped for it", () =>
    alone(
      Effect.gen(function* () {
        const group = yield* Group.settled(["a"], { partitions })
        const { link } = group.member("a")
        yield* link.cut
        yield* Group.pass("1 minute")
        assert.strictEqual(yield* total("parti_suspensions_total"), 1)
        assert.strictEqual(yield* total("parti_partitions_stopped_total", { reason: "LeaseEnding" }), 30)
        yield* link.heal
        yield* Group.pass("1 minute")
        const seconds = yield* total("parti_degraded_seconds_total")
        // It calls itself degraded after 5 s, and connected again after 5 s of health.
        assert.isTrue(seconds > 55 && seconds < 65, `${seconds} s`)
      })
    )
  )
})

describe("A worker whose event loop is held up", () => {
  it.effect("measures it, and is warned before its lease is in danger", () =>
    alone(
      Effect.gen(function* () {
        let delayMs = 0
        const group = yield* Group.settled(["a"], { partitions, delayMs: () => delayMs })
        const { problems } = group.member("a")
        const before = yield* sum("parti_event_loop_delay_seconds")
        // What is left of a lease of 10 s when the next renewal is due and handlers are told to stop in time: 6.5 s.
        delayMs = 3250
        yield* Group.pass("2 seconds")
        assert.deepStrictEqual(problems, [])
        delayMs = 3251
        yield* Group.pass("2 seconds")
        delayMs = 0
        yield* Group.pass("10 seconds")
        assert.approximately((yield* sum("parti_event_loop_delay_seconds")) - before, 6.501, 1e-6)
        assert.lengthOf(problems, 1)
        const [problem] = problems
        assert.strictEqual(problem?._tag, "EventLoopBlocked")
        assert.include(problem?.message, "blocked for 3251 ms")
        assert.include(problem?.message, "from 6500 ms on")
        assert.strictEqual(yield* total("parti_problems_total", { problem: "EventLoopBlocked" }), 1)
      })
    )
  )
})
