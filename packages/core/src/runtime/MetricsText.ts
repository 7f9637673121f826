/**
 * The metrics of this process, for whoever scrapes it.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import * as PrometheusText from "./PrometheusText.ts"

/**
 * All metrics of the registry in the text format of Prometheus: those of Parti, and whatever else the process counts with
 * Effect's metrics.
 *
 * **Example** (A scrape)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { Metrics } from "@parti/core"
 *
 * const scrape = Effect.map(Metrics.text, (body) => new Response(body))
 * ```
 *
 * @category getters
 * @since 0.1.0
 */
export const text: Effect.Effect<string> = Effect.map(Metric.snapshot, PrometheusText.render)
