import { assert, describe, it } from "@effect/vitest"
import { Effect, Metric } from "effect"
import { PrometheusMetrics } from "effect/observability"
import fc from "fast-check"
import * as MetricTable from "../../src/runtime/MetricTable.ts"
import { text } from "../../src/runtime/MetricsText.ts"

/** Updates some metrics in a registry of its own. */
const updated = (updates: ReadonlyArray<readonly [name: MetricTable.MetricName, value: number, label: string]>) =>
  Effect.forEach(updates, ([name, value, label]) =>
    Metric.update(MetricTable.series(name, { group: "g", label }), value)
  )

const alone = <A>(effect: Effect.Effect<A>) => Effect.provideService(effect, Metric.MetricRegistry, new Map())

describe("The text for Prometheus", () => {
  it.effect("is what the format says, line by line", () =>
    alone(
      Effect.gen(function* () {
        yield* Metric.update(MetricTable.series("parti_windows_total", { group: 'a"b\\c\nd' }), 2)
        yield* Metric.update(Metric.gauge("users.own", { description: "Not ours\nat all" }), Infinity)
        const histogram = Metric.histogram("parti_sample", { boundaries: [0.5, 1] })
        yield* Metric.update(histogram, 0.7)
        assert.deepStrictEqual((yield* text).split("\n"), [
          "# HELP parti_windows_total Windows that were opened",
          "# TYPE parti_windows_total counter",
          'parti_windows_total{group="a\\"b\\\\c\\nd"} 2',
          "# HELP users_own Not ours\\nat all",
          "# TYPE users_own gauge",
          "users_own +Inf",
          "# TYPE parti_sample histogram",
          'parti_sample_bucket{le="0.5"} 0',
          'parti_sample_bucket{le="1"} 1',
          'parti_sample_bucket{le="+Inf"} 1',
          "parti_sample_sum 0.7",
          "parti_sample_count 1",
          ""
        ])
      })
    )
  )

  it("is what Effect's own exporter writes", () => {
    const update = fc.tuple(
      fc.constantFrom(...MetricTable.names),
      fc.double({ min: 0, max: 500, noNaN: true }),
      fc.string()
    )
    fc.assert(
      fc.property(fc.array(update), (updates) => {
        const both = Effect.all([text, PrometheusMetrics.format()])
        const [ours, theirs] = Effect.runSync(alone(Effect.andThen(updated(updates), both)))
        assert.strictEqual(ours, theirs)
      }),
      { seed: 20261128, numRuns: 200 }
    )
  })
})
