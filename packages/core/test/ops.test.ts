import { assert, describe, it } from "vitest"
import * as MetricTable from "../src/runtime/MetricTable.ts"
import { alerts, dashboard, type Panel, queries, type Query, textOf } from "./OpsFiles.ts"

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

describe("The dashboard", () => {
  it("asks only for metrics and labels that there are", () => {
    assert.isAbove(queries.length, 40)
    assert.deepStrictEqual(queries.flatMap(faults), [])
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

// Grafana shows a dashboard that it does not understand, without what it did not understand. Grafana itself is not started here:
// these are the rules by which it reads one, as far as this dashboard depends on them.
describe("Grafana, as far as its rules are known here,", () => {
  const { annotations, panels, templating } = dashboard
  const targetsOf = ({ targets = [] }: Panel) => targets

  it("takes the file for a new dashboard that it need not translate, with an address of its own", () => {
    assert.isUndefined(dashboard.id, "a number of its own belongs to one installation")
    assert.match(dashboard.uid, /^[a-zA-Z0-9_-]{1,40}$/)
    assert.isAbove(dashboard.title.length, 0)
    // 36 brought data sources that are named by type and uid; 39 is that of Grafana 10 and 11. Later ones translate it.
    assert.isAtLeast(dashboard.schemaVersion, 36)
    assert.isAtMost(dashboard.schemaVersion, 39)
    assert.match(dashboard.refresh, /^\d+[smhd]$/)
    assert.match(dashboard.time.from, /^now-\d+[smhdwMy]$/)
    assert.strictEqual(dashboard.time.to, "now")
  })

  it("asks the data source that is chosen, everywhere", () => {
    const [chosen, ...others] = templating.list.filter(({ type }) => type === "datasource")
    assert.deepInclude(chosen, { name: "datasource", query: "prometheus" })
    assert.lengthOf(others, 0)
    // What depends on it comes after it.
    assert.strictEqual(templating.list[0], chosen)
    const asking = [
      ...templating.list.slice(1),
      ...annotations.list,
      ...panels.filter(({ type }) => type !== "row"),
      ...panels.flatMap(targetsOf)
    ]
    for (const each of asking) {
      assert.deepStrictEqual(each.datasource, { type: "prometheus", uid: "${datasource}" }, JSON.stringify(each))
    }
  })

  it("asks for the variables of the file what their text says", () => {
    for (const { definition, query, type } of templating.list.slice(1)) {
      assert.strictEqual(type, "query")
      assert.strictEqual(definition, query)
    }
  })

  it("knows each kind of panel, its unit, and how it makes one value of many", () => {
    for (const { fieldConfig, options, title, type } of panels) {
      assert.include(["row", "stat", "timeseries"], type, title)
      if (type === "row") continue
      // An unknown one would be written behind the number, as it is.
      assert.include(["none", "s", "ops", "percentunit"], fieldConfig?.defaults.unit, title)
      if (type === "stat") assert.deepStrictEqual(options?.reduceOptions?.calcs, ["lastNotNull"], title)
    }
  })

  it("shows seconds as seconds, and nothing else as such", () => {
    for (const panel of panels.filter(({ type }) => type !== "row")) {
      const isTime = targetsOf(panel).every(({ expr }) => /^histogram_quantile.*_seconds_bucket/.test(expr))
      assert.strictEqual(panel.fieldConfig?.defaults.unit === "s", isTime, panel.title)
    }
  })

  it("can tell the queries of a panel from each other, and a row from what stands below it", () => {
    for (const panel of panels) {
      const names = targetsOf(panel).map(({ refId }) => refId)
      for (const name of names) assert.match(name, /^[A-Z]$/, panel.title)
      assert.strictEqual(new Set(names).size, names.length, panel.title)
      assert.strictEqual(names.length === 0, panel.type === "row", panel.title)
      // An open row has its panels after it, not in it: there they would not be shown.
      if (panel.type === "row") assert.deepInclude(panel, { collapsed: false, panels: [] })
    }
  })

  it("colours a value by steps that rise from a first one that has no number", () => {
    for (const { fieldConfig, title } of panels) {
      const thresholds = fieldConfig?.defaults.thresholds
      if (thresholds === undefined) continue
      const [first, ...rest] = thresholds.steps.map(({ value }) => value)
      assert.strictEqual(thresholds.mode, "absolute", title)
      assert.isNull(first, title)
      const numbers = rest.map((value) => value ?? assert.fail(`${title}: a second step without a number`))
      assert.deepStrictEqual(
        numbers,
        [...numbers].sort((left, right) => left - right),
        title
      )
    }
  })
})

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

describe("The tests of the alarms", () => {
  const tests = textOf("ops/prometheus-alerts.test.yml")

  it("feed them only metrics, labels and problems that there are", () => {
    const fed = [...tests.matchAll(/\bseries: '(\w+\{.*?\})'/g)].map(([, text = ""]) => ({ where: text, text }))
    assert.strictEqual(fed.length, tests.split(/\bseries:/).length - 1)
    assert.deepStrictEqual(fed.flatMap(faults), [])
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
