import { assert, describe, it } from "@effect/vitest"
import { Effect, Option, type Tracer } from "effect"
import { FirstWork } from "../../src/runtime/RebalanceTrace.ts"
import * as Group from "./Group.ts"
import { observed, type Seen } from "./Observed.ts"

const partitions = Group.partitions(30)

/** Tells that it has worked, as the handler of a stream does. */
const working = (member: Group.Member) =>
  member.worker.register(() =>
    Effect.gen(function* () {
      yield* yield* FirstWork
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
