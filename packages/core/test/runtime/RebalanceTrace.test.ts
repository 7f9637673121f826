import { assert, describe, it } from "@effect/vitest"
import { Effect, Option, type Tracer } from "effect"
import * as Partition from "../../src/model/Partition.ts"
import * as Revision from "../../src/model/Revision.ts"
import type { Fact } from "../../src/protocol/Event.ts"
import type { NodeView } from "../../src/protocol/View.ts"
import type { Turn } from "../../src/runtime/EventLoop.ts"
import * as RebalancePlace from "../../src/runtime/RebalancePlace.ts"
import * as RebalanceTrace from "../../src/runtime/RebalanceTrace.ts"
import { plan } from "../model/PlanSample.ts"
import * as Group from "./Group.ts"
import { observed, type Seen } from "./Observed.ts"
import { quiet } from "./QuietView.ts"

const partitions = Group.partitions(30)

/** Tells that it has worked, as the handler of a stream does. */
const working = (member: Group.Member) =>
  member.worker.register(() =>
    Effect.gen(function* () {
      yield* yield* RebalanceTrace.FirstWork
    })
  )

const parentOf = (span: Tracer.Span) => Option.getOrThrow(span.parent)

const named = (spans: ReadonlyArray<Tracer.Span>, name: string) => spans.filter((span) => span.name === name)

const nameOfParent = (spans: ReadonlyArray<Tracer.Span>, span: Tracer.Span): string =>
  spans.find(({ spanId }) => spanId === parentOf(span).spanId)?.name ?? "the place"

/** What each span is a part of. */
const parents = {
  "parti.rebalance": "the place",
  "parti.decide": "parti.rebalance",
  "parti.grant": "parti.rebalance",
  "parti.revoke": "the place",
  "parti.acknowledge": "parti.revoke",
  "parti.start": "the place",
  "parti.first_message": "parti.start"
}

/** One trace, with one place, and every span where it belongs. */
const assertTrace = (spans: ReadonlyArray<Tracer.Span>) => {
  const places = new Set<string>()
  for (const span of spans) {
    const parent = nameOfParent(spans, span)
    assert.strictEqual(parent, Reflect.get(parents, span.name), span.name)
    if (parent === "the place") places.add(`${parentOf(span).traceId} ${parentOf(span).spanId}`)
    assert.strictEqual(span.status._tag, "Ended")
  }
  assert.lengthOf([...places], 1)
  assert.match([...places].join(), /^[0-9a-f]{32} [0-9a-f]{16}$/)
}

const byTrace = ({ spans }: Seen) => [...Map.groupBy(spans, ({ traceId }) => traceId).values()]

describe("A rebalance", () => {
  it.effect("is one trace across all workers, with every step in its place", () =>
    observed((seen) =>
      Effect.gen(function* () {
        const group = yield* Group.settled(["a", "b", "c"], { partitions })
        seen.spans.length = 0
        const joiner = yield* group.join("d")
        yield* working(joiner)
        yield* Group.pass("30 seconds")
        const [trace = assert.fail("there is a trace"), ...others] = byTrace(seen)
        assert.lengthOf(others, 0)
        assertTrace(trace)
        assert.lengthOf(named(trace, "parti.rebalance"), 1)
        assert.lengthOf(named(trace, "parti.decide"), 1)
        const joined = joiner.worker.board.workerId.current()
        const losers = named(trace, "parti.revoke").map(({ attributes }) => attributes.get("worker"))
        assert.lengthOf(new Set(losers), 3, "each of three gives something up")
        assert.lengthOf(losers, 3)
        assert.lengthOf(named(trace, "parti.acknowledge"), 3)
        for (const name of ["parti.start", "parti.first_message"]) {
          const workers = named(trace, name).map(({ attributes }) => attributes.get("worker"))
          assert.deepStrictEqual([...new Set(workers)], [joined])
        }
        const count = (name: string) =>
          named(trace, name).reduce((sum, { attributes }) => sum + Number(attributes.get("partitions")), 0)
        assert.strictEqual(count("parti.revoke"), 7)
        assert.strictEqual(count("parti.grant"), 7)
        assert.strictEqual(count("parti.start"), 7)
      })
    )
  )

  it.effect("is another trace than the one before", () =>
    observed((seen) =>
      Effect.gen(function* () {
        const group = yield* Group.settled(["a", "b", "c"], { partitions })
        const [victim = assert.fail("two follow")] = group.followers()
        yield* victim.crash
        yield* Group.pass("30 seconds")
        const traces = byTrace(seen)
        traces.forEach(assertTrace)
        const reasons = traces.map((trace) =>
          named(trace, "parti.rebalance").map(({ attributes }) => attributes.get("reason"))
        )
        assert.deepStrictEqual(reasons, [["cold_start"], ["emergency"]])
      })
    )
  )

  it.effect("stays one trace when its leader is lost and another goes on with it", () =>
    observed((seen) =>
      Effect.gen(function* () {
        // Nothing ends at once, so that the leader can be lost in between.
        const group = yield* Group.settled(["a", "b", "c"], { partitions, endsAfterMs: 8000 })
        const { link, worker } = group.leader()
        seen.spans.length = 0
        yield* group.join("d")
        yield* Group.pass("11 seconds")
        assert.strictEqual(worker.board.plans.current().newest?.phase._tag, "Rebalancing")
        yield* link.cut
        yield* Group.pass("1 minute")
        const planned = named(seen.spans, "parti.rebalance").filter(
          ({ attributes }) => attributes.get("reason") === "planned_scale"
        )
        assert.lengthOf(planned, 2)
        assert.lengthOf(new Set(planned.map(({ attributes }) => attributes.get("worker"))), 2, "two have led it")
        assert.lengthOf(new Set(planned.map(({ traceId }) => traceId)), 1)
        const trace = seen.spans.filter(({ traceId }) => traceId === planned[0]?.traceId)
        assertTrace(trace)
        assert.lengthOf(named(trace, "parti.decide"), 1, "it was decided once")
      })
    )
  )
})

const isSuperseded = ({ attributes }: Tracer.Span) => attributes.get("superseded") === true

/** Of each span of a name, in the order in which they ended: which rebalance it is of, and whether it gave way to another. */
const ends = ({ spans }: Seen, name: string) => named(spans, name).map((span) => [span.traceId, isSuperseded(span)])

/** A worker that is told turn by turn what it sees, what it orders, and what has happened. */
const following = () => {
  const { observe } = RebalanceTrace.make("test")
  let before = quiet
  let at = 0
  return (seen: Partial<NodeView>, commands: Turn["commands"] = [], fact: Fact = { _tag: "TimerFired" }) =>
    Effect.suspend(() => {
      const after = { ...before, ...seen }
      const turn: Turn = { event: { ...fact, at, wall: at }, commands, ignored: null, before, after, leading: null }
      before = after
      at += 1
      return observe(turn)
    })
}

const rebalancing = (version: number, startedAt: number) => {
  const phase = { _tag: "Rebalancing", reason: "planned_scale", startedAt } as const
  return { plan: plan({ version, phase }), trace: RebalancePlace.of("test", phase).parent.traceId }
}

/** Runs that are told to stop, and the orders. */
const stopping = (...places: ReadonlyArray<number>) => {
  const ids = plan()
    .list.partitions.map(Partition.id)
    .filter((_, place) => places.includes(place))
  return {
    ending: ids.map((partition) => ({ partition, token: 99, epoch: 7 })),
    orders: ids.map((partition) => ({ _tag: "StopPartition", partition, token: 99, reason: "Revoked" }) as const)
  }
}

describe("A span whose end is not seen before the next of its kind begins", () => {
  it.effect("ends then, and says so: a rebalance, and the wait for work of which nobody tells", () =>
    observed((seen) =>
      Effect.gen(function* () {
        const group = yield* Group.settled(["a", "b", "c"], { partitions, endsAfterMs: 8000 })
        yield* group.join("d")
        yield* Group.pass("11 seconds")
        assert.strictEqual(group.leader().worker.board.plans.current().newest?.phase._tag, "Rebalancing")
        const [victim = assert.fail("others follow")] = group.followers()
        yield* victim.crash
        yield* Group.pass("1 minute")
        const rebalances = named(seen.spans, "parti.rebalance").map((span) => [
          span.attributes.get("reason"),
          isSuperseded(span)
        ])
        assert.deepStrictEqual(rebalances, [
          ["cold_start", false],
          ["planned_scale", true],
          ["emergency", false]
        ])
        const waits = named(seen.spans, "parti.first_message")
        assert.isNotEmpty(waits)
        assert.isTrue(waits.every(isSuperseded))
        const idle = named([...seen.open], "parti.first_message").map(({ attributes }) => attributes.get("worker"))
        assert.lengthOf(idle, 4, "of each worker the last is open, also of the one that is lost")
        assert.lengthOf(new Set(idle), 4)
      })
    )
  )

  it.effect("ends then, and says so: a revoke, when another rebalance takes more", () =>
    observed((seen) =>
      Effect.gen(function* () {
        const turn = following()
        const [older, newer] = [rebalancing(101, 1), rebalancing(102, 2)]
        yield* turn({ plan: older.plan, ending: stopping(0).ending }, stopping(0).orders)
        yield* turn({ plan: newer.plan, ending: stopping(0, 1).ending }, stopping(1).orders)
        assert.deepStrictEqual(ends(seen, "parti.revoke"), [[older.trace, true]])
        yield* turn({ ending: stopping(1).ending })
        yield* turn({ ending: [] })
        assert.deepStrictEqual(ends(seen, "parti.revoke"), [
          [older.trace, true],
          [newer.trace, false]
        ])
      })
    )
  )

  it.effect(
    "ends then, and says so: an acknowledgement that was not accepted before there was more to acknowledge",
    () =>
      observed((seen) =>
        Effect.gen(function* () {
          const turn = following()
          const { plan, trace } = rebalancing(101, 1)
          for (const place of [0, 1]) {
            yield* turn({ plan, ending: stopping(place).ending }, stopping(place).orders)
            yield* turn({ ending: [] })
          }
          assert.deepStrictEqual(ends(seen, "parti.acknowledge"), [[trace, true]])
          const write = { serial: 1, purpose: "Renew", issuedAt: 4, expected: Revision.absent } as const
          yield* turn({}, [], { _tag: "WriteAccepted", write, revision: Revision.absent })
          assert.deepStrictEqual(ends(seen, "parti.acknowledge"), [
            [trace, true],
            [trace, false]
          ])
          assert.strictEqual(seen.open.size, 0)
        })
      )
  )
})

describe("The span of a revoke", () => {
  it.effect("goes on when the same rebalance takes more, or another nothing", () =>
    observed((seen) =>
      Effect.gen(function* () {
        const turn = following()
        const [older, newer] = [rebalancing(101, 1), rebalancing(103, 2)]
        yield* turn({ plan: older.plan, ending: stopping(0).ending }, stopping(0).orders)
        yield* turn({ plan: rebalancing(102, 1).plan, ending: stopping(0, 1).ending }, stopping(1).orders)
        yield* turn({ plan: newer.plan })
        assert.isEmpty(seen.spans)
        yield* turn({ ending: [] })
        assert.deepStrictEqual(ends(seen, "parti.revoke"), [[older.trace, false]])
      })
    )
  )
})
