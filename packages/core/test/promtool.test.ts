/**
 * Prometheus' own tool loads what is in `ops/`: the alarms, their tests, and the queries of the dashboard. It is what Prometheus
 * loads its rules with; Grafana itself is not started. Where there is no promtool the tests are skipped: `npm test` says why, and
 * `ops.test.ts` holds without it.
 */
import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, assert, describe, it } from "vitest"
import { findPromtool } from "../../../tools/promtool.mjs"
import { alerts, dashboard, queries, type Query, root, textOf } from "./OpsFiles.ts"

const promtool = findPromtool()
const skipped = promtool === undefined ? " (skipped: there is no promtool, see what node tools/promtool.mjs says)" : ""

const work = mkdtempSync(join(tmpdir(), "parti-promtool-"))
afterAll(() => rmSync(work, { recursive: true, force: true }))

/** What it answers: whether all is well, and all that it says. */
const run = (folder: string, ...args: ReadonlyArray<string>) => {
  const { error, status, stderr, stdout } = spawnSync(promtool ?? assert.fail("it is here"), args, {
    cwd: folder,
    encoding: "utf8"
  })
  if (error !== undefined) throw error
  return { isWell: status === 0, text: stdout + stderr }
}

const ops = join(root, "ops")
const ruleTests = textOf("ops/prometheus-alerts.test.yml")
const alarms = [...alerts.matchAll(/^ {6}- alert: (\w+)$/gm)].map(([, name = ""]) => name)

/** What the tests of the rules complain about when each query is changed so. */
const complaints = (change: (query: string) => string): string => {
  const changed = alerts.replaceAll(/^( +expr: )(['"])(.*)\2$/gm, (_, key: string, quote: string, query: string) =>
    [key, quote, change(query), quote].join("")
  )
  writeFileSync(join(work, "prometheus-alerts.yml"), changed)
  writeFileSync(join(work, "prometheus-alerts.test.yml"), ruleTests)
  const check = run(work, "check", "rules", "prometheus-alerts.yml")
  assert.isTrue(check.isWell, check.text)
  const { isWell, text } = run(work, "test", "rules", "prometheus-alerts.test.yml")
  assert.isFalse(isWell)
  return text
}

/** The alarms that are named in lines of this kind, for this group or consumption. */
const named = (text: string, kind: "exp" | "got", whose: "ill" | "well"): ReadonlyArray<string> => {
  const lines = text.split("\n").filter((line) => line.trim().startsWith(`${kind}: {`))
  const one = new RegExp(`\\{alertname="(\\w+)", (?:group|consumption)="${whose}"`, "g")
  const names = lines.flatMap((line) => [...line.matchAll(one)].map(([, name = ""]) => name))
  return alarms.filter((alarm) => names.includes(alarm))
}

/** Grafana puts values for its variables before it asks; what it puts for several chosen groups is a regular expression. */
const filledIn = (query: string): string =>
  query
    .replaceAll("$__rate_interval", "1m")
    .replaceAll(/\$(?!__)\{?(\w+)\}?/g, (variable: string, name: string) =>
      dashboard.templating.list.some((each) => each.name === name) ? "(a|b\\\\.c)" : variable
    )

/** Prometheus loads queries as rules that record their answers. JSON is YAML, too. */
const load = (asked: ReadonlyArray<Query>) => {
  const rules = asked.map(({ text, where }, i) => ({ record: `query:${i}`, expr: filledIn(text), labels: { where } }))
  writeFileSync(join(work, "queries.yml"), JSON.stringify({ groups: [{ name: "dashboard", rules }] }))
  return run(work, "check", "rules", "queries.yml")
}

describe.skipIf(promtool === undefined)(`Prometheus${skipped}`, () => {
  it("loads the alarms", () => {
    const { isWell, text } = run(ops, "check", "rules", "prometheus-alerts.yml")
    assert.isTrue(isWell, text)
    assert.include(text, `${alarms.length} rules found`)
  })

  it("fires each alarm on what deserves it, and none on what does not", () => {
    const { isWell, text } = run(ops, "test", "rules", "prometheus-alerts.test.yml")
    assert.isTrue(isWell, text)
  })

  it("misses each alarm that never fires", () => {
    const text = complaints(() => "vector(1) < 0")
    assert.deepStrictEqual(named(text, "exp", "ill"), alarms)
    assert.notInclude(text, "got: {")
  })

  it("objects to each alarm that asks for no threshold", () => {
    const text = complaints((query) => query.replaceAll(/ (?:==|>=?) \d+/g, ""))
    assert.deepStrictEqual(named(text, "got", "well"), alarms)
  })

  it("loads each query of the dashboard", () => {
    const variables = dashboard.templating.list.flatMap(({ name, query }) => {
      const [, metric, label] = /^label_values\((\w+), (\w+)\)$/.exec(query) ?? []
      // It asks for the series, and reads their labels.
      return metric === undefined ? [] : [{ where: `the variable ${name}`, text: `group by (${label}) (${metric})` }]
    })
    const asked = [...queries, ...variables]
    const { isWell, text } = load(asked)
    assert.isTrue(isWell, text)
    assert.include(text, `${asked.length} rules found`)
  })

  it.each([
    ["a bracket that is missing", "sum by (group) (parti_degraded"],
    ["a function that there is not", "rates(parti_writes_total[5m])"],
    ["a range where one must not be", "sum(parti_writes_total[5m])"],
    ["a range that is missing", "rate(parti_writes_total)"],
    ["a variable that nobody declares", "sum(rate(parti_writes_total[$interval]))"]
  ])("refuses %s", (_, text) => {
    assert.isFalse(load([...queries, { where: "here", text }]).isWell)
  })
})
