/**
 * One thing that is told of a turn of the loop: a line of the log, or a number for a metric.
 *
 * @since 0.1.0
 */
import type { LabelsOf, MetricName } from "./MetricTable.ts"

/**
 * How loud a line of the log is.
 *
 * @category models
 * @since 0.1.0
 */
export type LogLevel = "Debug" | "Info" | "Warn" | "Error" | "Fatal"

/**
 * One thing to tell. What a number does, the table of metrics says: counters are added to, gauges set.
 *
 * @category models
 * @since 0.1.0
 */
export type Signal =
  | { readonly _tag: "Logged"; readonly level: LogLevel; readonly message: string }
  | {
      readonly _tag: "Measured"
      readonly metric: MetricName
      readonly value: number
      readonly labels: Readonly<Record<string, string>>
    }

/**
 * Nothing to tell.
 *
 * @category constants
 * @since 0.1.0
 */
export const none: ReadonlyArray<Signal> = []

/**
 * A line of the log.
 *
 * @category constructors
 * @since 0.1.0
 */
export const logged = (level: LogLevel, message: string): Signal => ({ _tag: "Logged", level, message })

/**
 * A number for a metric, with that metric's own labels.
 *
 * @category constructors
 * @since 0.1.0
 */
export const measured = <Name extends MetricName>(metric: Name, value: number, labels: LabelsOf<Name>): Signal => ({
  _tag: "Measured",
  metric,
  value,
  labels
})
