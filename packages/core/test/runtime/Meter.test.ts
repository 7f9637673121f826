import { assert, describe, it } from "@effect/vitest"
import { Effect, Metric } from "effect"
import * as Meter from "../../src/runtime/Meter.ts"

const lagOf = (worker: string) =>
  Effect.map(Metric.snapshot, (snapshot) => {
    const found = snapshot.find(({ attributes }) => attributes?.["worker"] === worker)
    return found?.type === "Gauge" ? found.state.value : null
  })

describe("A meter", () => {
  it.effect("goes on under new labels with a series that was found under the old ones", () =>
    Effect.gen(function* () {
      const meter = yield* Meter.make({ worker: "a" })
      const show = meter.series("parti_consumer_lag", {})
      show(3)
      meter.relabel({ worker: "b" })
      show(5)
      assert.strictEqual(yield* lagOf("a"), 0)
      assert.strictEqual(yield* lagOf("b"), 5)
    }).pipe(Effect.provideService(Metric.MetricRegistry, new Map()))
  )
})
