import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "vitest"
import * as MetricTable from "../src/runtime/MetricTable.ts"

const root = fileURLToPath(new URL("../../../", import.meta.url))
const textOf = (path: string) => readFileSync(root + path, "utf8")

/** What Prometheus makes of the table: the series of a histogram have names of their own. */
const seriesOf = (
  name: MetricTable.MetricName
): ReadonlyArray<readonly [name: string, labels: ReadonlyArray<string>]> => {
  const { kind, labels, scope } = MetricTable.entryOf(name)
  const all = [...(scope === "consumption" ? ["stream", "consumption"] : ["group", "worker"]), ...labels]
  if (kind !== "histogram") return [[name, all]]
  return [
    [`${name}_bucket`, [...all, "le"]],
    [`${name}_sum`, all],
    [`${name}_count`, all]
  ]
}

const series = new Map(MetricTable.names.flatMap(seriesOf))

interface Query {
  readonly where: string
  readonly text: string
}

/** Texts that are values of labels must be values that the code gives them. */
const sourceOf = ["Report", "Errors"].map((file) =>
  textOf(file === "Report" ? "packages/core/src/protocol/Report.ts" : "packages/core/src/runtime/Errors.ts")
)
const problems = sourceOf.flatMap((text) =>
  [...text.matchAll(/(?:_tag: |TaggedError\()"(\w+)"/g)].map(([, tag]) => tag)
)
const values: Readonly<Record<string, ReadonlyArray<string | undefined>>> = {
  problem: problems,
  phase: ["Idle", "Scaling", "Rebalancing", "Emergency"]
}

/** What is wrong with a query, as far as names go. */
const faults = ({ text, where }: Query): ReadonlyArray<string> => {
  const selectors = [...text.matchAll(/\b(parti_\w+)(?:\{([^}]*)\})?/g)]
  if (selectors.length === 0) return [`${where}: it asks for no metric`]
  const known = selectors.flatMap(([, name = ""]) => series.get(name) ?? [])
  const grouped = [...text.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, labels = ""]) =>
    labels.split(",").map((l) => l.trim())
  )
  return [
    ...selectors.flatMap(([, name = ""]) => (series.has(name) ? [] : [`${where}: there is no ${name}`])),
    ...grouped.flatMap((label) => (known.includes(label) ? [] : [`${where}: nothing has the label ${label}`])),
    ...selectors.flatMap(([, name = "", matchers = ""]) =>
      [...matchers.matchAll(/(\w+)(?:=~?|!=|!~)"([^"]*)"/g)].flatMap(([, label = "", wanted = ""]) => [
        ...(series.get(name)?.includes(label) === true ? [] : [`${where}: ${name} has no label ${label}`]),
        ...(values[label] === undefined || wanted.startsWith("$") ? [] : wanted.split("|")).flatMap((value) =>
          values[label]?.includes(value) === true ? [] : [`${where}: ${label} is never ${value}`]
        )
      ])
    )
  ]
}

interface Panel {
  readonly id: number
  readonly type: string
  readonly title: string
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  readonly targets?: ReadonlyArray<{ readonly expr: string; readonly legendFormat: string }>
}

interface Dashboard {
  readonly panels: ReadonlyArray<Panel>
  readonly templating: { readonly list: ReadonlyArray<{ readonly name: string; readonly query: string }> }
  readonly annotations: { readonly list: ReadonlyArray<{ readonly expr: string }> }
}

// A file of our own: what is missing of it makes the tests fail.
const dashboard: Dashboard = JSON.parse(textOf("ops/grafana-dashboard.json"))

const panelQueries = dashboard.panels.flatMap(({ targets = [], title }) =>
  targets.map(({ expr }) => ({ where: title, text: expr }))
)

describe("The dashboard", () => {
  it("asks only for metrics and labels that there are", () => {
    const annotations = dashboard.annotations.list.map(({ expr }) => ({ where: "annotations", text: expr }))
    assert.isAbove(panelQueries.length, 40)
    assert.deepStrictEqual([...panelQueries, ...annotations].flatMap(faults), [])
  })

  it("shows in its legends only labels that the query leaves", () => {
    for (const { targets = [], title } of dashboard.panels) {
      for (const { expr, legendFormat } of targets) {
        const left = [...expr.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, labels = ""]) => labels.split(", "))
        for (const [, label = ""] of legendFormat.matchAll(/\{\{(\w+)\}\}/g)) assert.include(left, label, title)
      }
    }
  })

  it("offers only variables that are asked of metrics, and uses no other", () => {
    const names = dashboard.templating.list.map(({ name }) => name)
    for (const { name, query } of dashboard.templating.list) {
      if (name === "datasource") continue
      const [, metric = "", label = ""] = /^label_values\((\w+), (\w+)\)$/.exec(query) ?? []
      assert.include(series.get(metric) ?? [], label, query)
    }
    const used = [...JSON.stringify(dashboard).matchAll(/\$\{?(?!__)(\w+)/g)].map(([, name = ""]) => name)
    assert.deepStrictEqual([...new Set(used)].sort(), [...names].sort())
  })

  it("has panels beside and below each other, none upon another, each with a number of its own", () => {
    const cells = dashboard.panels.flatMap(({ gridPos: { h, w, x, y } }) => {
      assert.isAtMost(x + w, 24)
      return Array.from({ length: w * h }, (_, i) => `${x + (i % w)} ${y + Math.floor(i / w)}`)
    })
    assert.strictEqual(new Set(cells).size, cells.length)
    assert.strictEqual(new Set(dashboard.panels.map(({ id }) => id)).size, dashboard.panels.length)
  })
})

const alerts = textOf("ops/prometheus-alerts.yml")

describe("The alarms", () => {
  // Of YAML only as much as the file uses: one rule after the other, each value on its line.
  const rules = alerts
    .split(/^ {6}- alert: /m)
    .slice(1)
    .map((text) => {
      const [name = ""] = text.split("\n", 1)
      const field = (key: string) =>
        new RegExp(`^ +${key}: (['"]?)(.+)\\1$`, "m").exec(text)?.[2] ?? assert.fail(`${name} has no ${key}`)
      return { name, field }
    })

  it("ask only for metrics, labels and problems that there are", () => {
    assert.isAbove(rules.length, 15)
    assert.deepStrictEqual(
      rules.flatMap(({ field, name }) => faults({ where: name, text: field("expr") })),
      []
    )
  })

  it("have a name of their own, a severity, and advice", () => {
    assert.strictEqual(new Set(rules.map(({ name }) => name)).size, rules.length)
    for (const { field, name } of rules) {
      assert.match(name, /^Parti[A-Z][A-Za-z]+$/)
      assert.match(field("for"), /^\d+m$/)
      assert.include(["info", "warning", "critical"], field("severity"))
      assert.isAbove(field("summary").length, 20)
      assert.isAbove(field("description").length, 40)
    }
  })

  it("tell by labels only what their query leaves", () => {
    for (const { field, name } of rules) {
      const left = [...field("expr").matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, labels = ""]) => labels.split(", "))
      const told = [...(field("summary") + field("description")).matchAll(/\$labels\.(\w+)/g)]
      for (const [, label = ""] of told) assert.include(left, label, name)
    }
  })
})

describe("A query that asks for what there is not", () => {
  it.each([
    ["a metric", "sum(parti_nothing)", "there is no parti_nothing"],
    ["a histogram by its bare name", "sum(parti_lease_age_seconds)", "there is no parti_lease_age_seconds"],
    ["a label to group by", "sum by (partition) (parti_degraded)", "nothing has the label partition"],
    ["a label to choose by", 'sum(parti_degraded{state="Stable"})', "has no label state"],
    ["a problem", 'sum(parti_problems_total{problem="Nothing|PlanLost"})', "problem is never Nothing"],
    ["nothing at all", "1", "asks for no metric"]
  ])("is found: %s", (_, text, fault) => {
    const found = faults({ where: "here", text })
    assert.lengthOf(found, 1)
    assert.include(found[0], fault)
  })
})
