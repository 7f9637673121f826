import { assert, describe, expect, it } from "@effect/vitest"
import { Effect, Metric } from "effect"
import * as MetricTable from "../../src/runtime/MetricTable.ts"
import * as Group from "./Group.ts"
import * as ObservabilityPage from "./ObservabilityPage.ts"

const entries = MetricTable.names.map((name) => ({ name, ...MetricTable.entryOf(name) }))

describe("The table of metrics", () => {
  it.each(entries)("gives $name a name that says its kind and its unit", ({ kind, name, unit }) => {
    assert.match(name, /^parti(_[a-z]+)+$/)
    assert.strictEqual(name.endsWith("_total"), kind === "counter")
    assert.strictEqual(/_seconds(_total)?$/.test(name), unit === "s")
  })

  it.each(entries)("has no label of $name that grows with the work", ({ labels }) => {
    for (const label of labels) assert.notInclude(["partition", "token", "session", "version", "subject"], label)
  })

  it("is what docs/observability.md shows", async () => {
    await expect(ObservabilityPage.page).toMatchFileSnapshot("../../../../docs/observability.md")
  })
})

const partitions = Group.partitions(12)

/** Everything that can happen to a group, and be counted. */
const eventful = Effect.gen(function* () {
  const group = yield* Group.settled(["a", "b", "c"], { partitions })
  const [crashing, cut] = group.followers()
  if (crashing === undefined || cut === undefined) return assert.fail("two follow")
  // It lives, and does not give up in time what others are to have.
  yield* group.join("slow", { endsAfterMs: 600_000 })
  yield* Group.pass("30 seconds")
  yield* crashing.crash
  yield* Group.pass("30 seconds")
  yield* group.join("e")
  yield* Group.pass("1 minute")
  // Its lease ends, it is evicted, and hears of it when it is back.
  yield* cut.link.cut
  yield* Group.pass("30 seconds")
  yield* cut.link.heal
  yield* Group.pass("30 seconds")
})

/** A counter that stands at 0 has been shown, and nothing was counted. */
const hasCounted = (one: Metric.Metric.Snapshot): boolean => {
  if (one.type === "Gauge") return true
  return one.type !== "Frequency" && one.state.count > 0
}

describe("A group", () => {
  it.effect("emits every metric of the table that is not of a consumption, with its labels and no other", () =>
    Effect.gen(function* () {
      yield* eventful
      const emitted = yield* Metric.snapshot
      const isSilent = (name: MetricTable.MetricName) => !emitted.some((one) => one.id === name && hasCounted(one))
      const missing = entries.filter(({ name, scope }) => scope !== "consumption" && isSilent(name))
      assert.deepStrictEqual(missing, [])
      for (const { attributes = {}, description, id } of emitted) {
        const entry = entries.find(({ name }) => name === id) ?? assert.fail(`${id} is not in the table`)
        assert.strictEqual(description, entry.description)
        const { unit, worker: _, ...labels } = attributes
        assert.strictEqual(unit, entry.unit)
        assert.sameMembers(Object.keys(labels), ["group", ...entry.labels], id)
        for (const { keys } of partitions) assert.notInclude(Object.values(labels), keys.join())
      }
    }).pipe(Effect.provideService(Metric.MetricRegistry, new Map()))
  )
})
