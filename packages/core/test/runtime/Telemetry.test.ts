import { assert, describe, it } from "@effect/vitest"
import { Effect, Logger } from "effect"
import * as PartitionSource from "../../src/runtime/PartitionSource.ts"
import * as Reports from "../../src/runtime/Reports.ts"
import * as WorkerSignals from "../../src/runtime/WorkerSignals.ts"
import * as Group from "./Group.ts"
import { observed } from "./Observed.ts"
import { quiet } from "./QuietView.ts"
import { total } from "./Totals.ts"
import { idOf } from "./Samples.ts"

describe("Telemetry", () => {
  it.effect("counts what a group does", () =>
    observed(({ logs, spans }) =>
      Effect.gen(function* () {
        const group = yield* Group.settled(["a", "b", "c"], { partitions: Group.partitions(30) })
        assert.strictEqual(yield* total("parti_partitions_owned"), 30)
        assert.strictEqual(yield* total("parti_is_leader"), 1)
        assert.strictEqual(yield* total("parti_rebalances_total"), 1)
        assert.strictEqual(yield* total("parti_rebalances_total", { reason: "cold_start" }), 1)
        assert.strictEqual(yield* total("parti_grants_total"), 30)
        assert.strictEqual(yield* total("parti_moves_total"), 0)
        assert.strictEqual(yield* total("parti_writes_total", { purpose: "Claim", outcome: "Accepted" }), 3)
        assert.isAbove(yield* total("parti_writes_total", { purpose: "Renew", outcome: "Accepted" }), 60)
        assert.strictEqual(yield* total("parti_state_transitions_total", { from: "Stable", to: "Scaling" }), 3)

        yield* group.join("d")
        yield* Group.pass("30 seconds")
        assert.strictEqual(yield* total("parti_rebalances_total", { reason: "planned_scale" }), 1)
        assert.strictEqual(yield* total("parti_grants_total"), 37)
        assert.strictEqual(yield* total("parti_moves_total", { reason: "planned_scale" }), 7)
        assert.strictEqual(yield* total("parti_handoff_duration_seconds"), 7)

        const [victim = assert.fail("somebody follows")] = group.followers()
        yield* victim.crash
        yield* Group.pass("30 seconds")
        assert.strictEqual(yield* total("parti_evictions_total"), 1)
        assert.strictEqual(yield* total("parti_problems_total", { problem: "WorkerEvicted" }), 1)
        assert.strictEqual(yield* total("parti_partitions_unowned"), 0)

        assert.deepStrictEqual(
          spans.filter(({ name }) => name === "parti.rebalance").map(({ attributes }) => attributes.get("reason")),
          ["cold_start", "planned_scale", "emergency"]
        )
        const evicted = logs.filter(({ message }) => message.includes("was evicted"))
        assert.lengthOf(evicted, 1, "one line for each report")
        assert.strictEqual(evicted[0]?.level, "Warn")
        const leaderId = group.leader().worker.board.workerId.current()
        assert.deepInclude(evicted[0]?.annotations, { group: "test", worker: leaderId })
        assert.isDefined(evicted[0]?.annotations["version"])
        assert.isTrue(logs.some(({ level, message }) => level === "Info" && message === "state Stable → Scaling"))
      })
    )
  )

  it.effect("does not take a partition that comes back to the list for one that was on its way all the time", () =>
    observed(() =>
      Effect.gen(function* () {
        const source = yield* PartitionSource.fixed(Group.partitions(3))
        const group = yield* Group.make({ partitions: source })
        yield* group.joinAll("a")
        yield* Group.pass("1 minute")
        yield* source.update(Group.partitions(2))
        yield* Group.pass("1 minute")
        const before = yield* total("parti_handoff_duration_seconds")
        yield* source.update(Group.partitions(3))
        yield* Group.pass("1 minute")
        assert.strictEqual(yield* total("parti_partitions_owned"), 3)
        assert.strictEqual(yield* total("parti_handoff_duration_seconds"), before)
      })
    )
  )

  it.effect("shows a connection that is lost and found", () =>
    observed(() =>
      Effect.gen(function* () {
        const group = yield* Group.settled(["a"], { partitions: Group.partitions(1) })
        const { link } = group.member("a")
        yield* link.cut
        yield* Group.pass("8 seconds")
        assert.strictEqual(yield* total("parti_degraded"), 1)
        assert.isAbove(yield* total("parti_writes_total", { outcome: "Unknown" }), 0)
        yield* link.heal
        yield* Group.pass("1 minute")
        assert.strictEqual(yield* total("parti_degraded"), 0)
      })
    )
  )

  it.effect("raises the alarm the longer the store is away, each level once, and takes it back", () =>
    observed(({ logs }) =>
      Effect.gen(function* () {
        const group = yield* Group.settled(["a"], { partitions: Group.partitions(1) })
        const { link } = group.member("a")
        const alarms = () =>
          logs.filter(({ message }) => message.includes("accepted no writes")).map(({ level }) => level)
        yield* link.cut
        for (const [level, passes] of [
          [1, "12 seconds"],
          [2, "10 seconds"],
          [3, "45 seconds"],
          [4, "4 minutes"]
        ] as const) {
          yield* Group.pass(passes)
          assert.strictEqual(yield* total("parti_alert_level"), level)
        }
        assert.deepStrictEqual(alarms(), ["Warn", "Error", "Fatal"])
        yield* link.heal
        yield* Group.pass("1 minute")
        assert.strictEqual(yield* total("parti_alert_level"), 0)
        assert.lengthOf(alarms(), 3)
      })
    )
  )

  it.effect("harms nobody when a logger throws", () =>
    Effect.gen(function* () {
      const group = yield* Group.settled(["a", "b"], { partitions: Group.partitions(4) })
      Group.assertBalanced(group, 4, ["a", "b"])
    }).pipe(Effect.provide(Logger.layer([Logger.make(() => assert.fail("this logger throws"))])))
  )
})

describe("A turn that changed nothing", () => {
  it("is counted with its reason", () => {
    const event = { _tag: "TimerFired", at: 1, wall: 1 } as const
    const turn = { event, commands: [], ignored: "NothingDue", before: quiet, after: quiet, leading: null } as const
    assert.deepStrictEqual(WorkerSignals.derive(turn), [
      { _tag: "Measured", metric: "parti_events_ignored_total", value: 1, labels: { reason: "NothingDue" } }
    ])
  })
})

describe("Reports", () => {
  it("are told with the values that explain them", () => {
    const holders = Array.from({ length: 12 }, (_, i) => ({ id: idOf(`w${i}`), silentMs: i }))
    const { level, message } = Reports.describe({ _tag: "NoWorkerIdAvailable", holders })
    assert.strictEqual(level, "Error")
    assert.include(message, "w9 (silent 9 ms), and 2 more")
  })
})
