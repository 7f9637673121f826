/**
 * Metrics in the text format that Prometheus reads.
 *
 * @since 0.1.0
 */
import type * as Metric from "effect/Metric"

type Snapshot = Metric.Metric.Snapshot

/**
 * Renders a snapshot of a registry: each family once, with its help, its type and all of its series.
 *
 * @category conversions
 * @since 0.1.0
 */
export const render = (snapshot: ReadonlyArray<Snapshot>): string => {
  const families = Map.groupBy(snapshot, ({ id }) => legalName(id))
  return Array.from(families, ([name, series]) =>
    family(name, series)
      .map((line) => `${line}\n`)
      .join("")
  ).join("")
}

/**
 * The type of content that it is.
 *
 * @category constants
 * @since 0.1.0
 */
export const contentType = "text/plain; version=0.0.4; charset=utf-8"

const family = (name: string, series: ReadonlyArray<Snapshot>): ReadonlyArray<string> => {
  const [first] = series
  if (first === undefined) return []
  const help = first.description === undefined ? [] : [`# HELP ${name} ${escapeHelp(first.description)}`]
  return [...help, `# TYPE ${name} ${types[first.type]}`, ...series.flatMap((one) => samples(name, one))]
}

const types = {
  Counter: "counter",
  Frequency: "counter",
  Gauge: "gauge",
  Histogram: "histogram",
  Summary: "summary"
} as const

type Labels = ReadonlyArray<readonly [name: string, value: string]>

const samples = (name: string, { attributes = {}, ...one }: Snapshot): ReadonlyArray<string> => {
  // A unit is no label: it would only make queries longer.
  const labels: Labels = Object.entries(attributes).filter(([key]) => key !== "unit" && key !== "time_unit")
  const sample = (suffix: string, value: number | bigint, ...more: Labels) =>
    `${name}${suffix}${labelled([...labels, ...more])} ${numeral(value)}`
  switch (one.type) {
    case "Counter":
      return [sample("", one.state.count)]
    case "Gauge":
      return [sample("", one.state.value)]
    case "Frequency":
      return Array.from(one.state.occurrences, ([key, count]) => sample("", count, ["key", key]))
    case "Histogram": {
      const finite = one.state.buckets.filter(([boundary]) => Number.isFinite(boundary))
      return [
        ...finite.map(([boundary, count]) => sample("_bucket", count, ["le", String(boundary)])),
        sample("_bucket", one.state.count, ["le", "+Inf"]),
        sample("_sum", one.state.sum),
        sample("_count", one.state.count)
      ]
    }
    case "Summary": {
      const known = one.state.quantiles.flatMap(([quantile, value]) =>
        value === undefined ? [] : [sample("", value, ["quantile", String(quantile)])]
      )
      return [...known, sample("_sum", one.state.sum), sample("_count", one.state.count)]
    }
  }
}

const labelled = (labels: Labels): string =>
  labels.length === 0
    ? ""
    : `{${labels.map(([name, value]) => `${name.replaceAll(/\W/g, "_")}="${escapeLabel(value)}"`).join(",")}}`

const legalName = (name: string): string => name.replaceAll(/[^\w:]/g, "_").replace(/^(?=\d)/, "_")

const escapeHelp = (text: string): string => text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")

const escapeLabel = (text: string): string => escapeHelp(text).replaceAll('"', '\\"')

const numeral = (value: number | bigint): string => {
  if (value === Number.POSITIVE_INFINITY) return "+Inf"
  return value === Number.NEGATIVE_INFINITY ? "-Inf" : String(value)
}
