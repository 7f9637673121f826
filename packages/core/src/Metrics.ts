/**
 * The metrics of a process: what there is, and how to read it. [The page](../../../docs/observability.md) tells what each is for.
 *
 * **Example** (What an adapter counts, and a table of all there is)
 *
 * ```ts
 * import { Metrics } from "@parti/core"
 * import { Effect } from "effect"
 *
 * const outcomeOf = (isHandled: boolean): Metrics.MetricName =>
 *   isHandled ? "parti_messages_handled_total" : "parti_message_failures_total"
 *
 * // Shows zeros before there is anything to count: otherwise the first one is no increase.
 * const begin = (scope: Metrics.MetricScope) =>
 *   Effect.gen(function* () {
 *     const meter: Metrics.Meter = yield* Metrics.makeMeter({ stream: "ORDERS", consumption: "billing" })
 *     meter.begin(scope)
 *     return (isHandled: boolean) => meter.update(outcomeOf(isHandled), 1, {})
 *   })
 *
 * const row = (name: Metrics.MetricName, { kind, unit }: Metrics.MetricEntry) => `| ${name} | ${kind} | ${unit} |`
 * const table = Metrics.names.map((name) => row(name, Metrics.entryOf(name)))
 * ```
 *
 * @since 0.1.0
 */
export { make as makeMeter, type Meter } from "./runtime/Meter.ts"
export { entryOf, type MetricEntry, type MetricName, type MetricScope, names } from "./runtime/MetricTable.ts"
export { text } from "./runtime/MetricsText.ts"
