/**
 * The metrics of a process: what there is, and how to read it. [The page](../../../docs/observability.md) tells what each is for.
 *
 * @since 0.1.0
 */
export { make as makeMeter, type Meter } from "./runtime/Meter.ts"
export {
  entryOf,
  type LabelsOf,
  type MetricEntry,
  type MetricName,
  type MetricScope,
  names
} from "./runtime/MetricTable.ts"
export { text } from "./runtime/MetricsText.ts"
