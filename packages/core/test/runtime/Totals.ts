import { assert } from "@effect/vitest"
import { Effect, Metric } from "effect"
import type { MetricName } from "../../src/runtime/MetricTable.ts"

/** The value of a metric, of a histogram the count, summed over all workers; only those with these attributes. */
export const total = (name: MetricName, attributes: Readonly<Record<string, string>> = {}) =>
  Effect.map(matching(name, attributes), (found) => found.reduce((sum, { state }) => sum + numberOf(state, "count"), 0))

/** What all values of a histogram add up to. */
export const sum = (name: MetricName, attributes: Readonly<Record<string, string>> = {}) =>
  Effect.map(matching(name, attributes), (found) => found.reduce((all, { state }) => all + numberOf(state, "sum"), 0))

const matching = (name: MetricName, attributes: Readonly<Record<string, string>>) =>
  Effect.map(Metric.snapshot, (snapshot) =>
    snapshot.filter(
      (each) => each.id === name && Object.entries(attributes).every(([key, value]) => each.attributes?.[key] === value)
    )
  )

const numberOf = (state: unknown, field: "count" | "sum"): number => {
  if (typeof state !== "object" || state === null) return assert.fail("a metric has a state")
  if ("value" in state && typeof state.value === "number") return state.value
  const value: unknown = Reflect.get(state, field)
  return typeof value === "number" ? value : assert.fail("a metric has a number")
}

/** A registry of one's own, so that nobody else is counted. */
export const alone = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.provideService(effect, Metric.MetricRegistry, new Map())
