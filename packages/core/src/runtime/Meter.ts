/**
 * Updates the metrics of one worker, or of one consumption.
 *
 * @since 0.1.0
 */
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Metric from "effect/Metric"
import * as MetricTable from "./MetricTable.ts"

/**
 * Adds to counters, sets gauges, and records in histograms, as the table says what each metric is.
 *
 * @category models
 * @since 0.1.0
 */
export interface Meter {
  readonly update: (name: MetricTable.MetricName, value: number, labels: Readonly<Record<string, string>>) => void
  /** The same for one series, found once: for what happens with every message. */
  readonly series: (name: MetricTable.MetricName, labels: Readonly<Record<string, string>>) => (value: number) => void
  /** Shows 0 for each counter of these scopes that has no labels of its own: who comes first to 1 has increased, then. */
  readonly begin: (...scopes: ReadonlyArray<MetricTable.MetricScope>) => void
  /** Under other labels from now on. What the gauges have shown under the old ones is over: they show 0. */
  readonly relabel: (labels: Readonly<Record<string, string>>) => void
}

interface Known {
  readonly series: Metric.Metric<number, unknown>
  readonly isGauge: boolean
}

/**
 * Makes a meter for the registry of the fiber that asks. The labels go to every series. For authors of adapters: programs
 * read metrics, and count what is their own with Effect's `Metric`.
 *
 * **Example**
 *
 * ```ts
 * import { Metrics } from "@parti/core"
 * import { Effect } from "effect"
 *
 * const program = Effect.gen(function* () {
 *   const meter = yield* Metrics.makeMeter({ stream: "ORDERS", consumption: "billing" })
 *   meter.update("parti_messages_handled_total", 1, {})
 * })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (common: Readonly<Record<string, string>>): Effect.Effect<Meter> =>
  Effect.contextWith((context: Context.Context<never>) =>
    Effect.sync(() => {
      const known = new Map<string, Known>()
      let base = common
      const find = (name: MetricTable.MetricName, labels: Readonly<Record<string, string>>): Known => {
        let key: string = name
        for (const value of Object.values(labels)) key += `\n${value}`
        const found = known.get(key)
        if (found !== undefined) return found
        const made: Known = {
          series: MetricTable.series(name, { ...base, ...labels }),
          isGauge: MetricTable.entryOf(name).kind === "gauge"
        }
        known.set(key, made)
        return made
      }
      const update: Meter["update"] = (name, value, labels) => find(name, labels).series.updateUnsafe(value, context)
      return {
        update,
        series: (name, labels) => {
          let found = find(name, labels)
          let under = base
          return (value) => {
            if (under !== base) {
              found = find(name, labels)
              under = base
            }
            found.series.updateUnsafe(value, context)
          }
        },
        begin: (...scopes) => {
          for (const name of MetricTable.names) {
            const { kind, labels, scope } = MetricTable.entryOf(name)
            if (kind === "counter" && labels.length === 0 && scopes.includes(scope)) update(name, 0, {})
          }
        },
        relabel: (labels) => {
          for (const { isGauge, series } of known.values()) if (isGauge) series.updateUnsafe(0, context)
          known.clear()
          base = labels
        }
      }
    })
  )
