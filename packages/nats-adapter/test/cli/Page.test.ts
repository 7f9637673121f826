import { readFileSync } from "node:fs"
import { assert, describe, it } from "vitest"
import * as Examination from "../../src/cli/doctor/Examination.ts"
import type { UiReport } from "../../src/cli/commands/Ui.ts"
import type { DemoReport } from "../../src/cli/commands/Demo.ts"
import type { BenchReport } from "../../src/cli/report/BenchReport.ts"
import { exitCodes } from "../../src/cli/Failure.ts"
import * as Program from "../../src/cli/Program.ts"
import * as Changes from "../../src/cli/report/Changes.ts"
import { flags } from "../../src/cli/Settings.ts"
import * as SampleGroup from "./SampleGroup.ts"

const page = readFileSync(new URL("../../../../docs/cli.md", import.meta.url), "utf8")

const commands = Program.commands.map(({ name }) => name)

/** What stands under a heading of the second level. */
const section = (heading: string): string => {
  const parts = page.split(/^## /m)
  return parts.find((part) => part.startsWith(`${heading}\n`)) ?? assert.fail(`the page has no section ${heading}`)
}

const exampleIn = (heading: string): unknown =>
  JSON.parse(/^```json\n([^]*?)^```/m.exec(section(heading))?.[1] ?? assert.fail(`${heading} has no JSON`))

const golden = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`golden/${name}.json.txt`, import.meta.url), "utf8"))

/** The keys, as deep as both go: `null` and an empty list say nothing of what may stand there. */
const differences = (one: unknown, other: unknown, path = ""): ReadonlyArray<string> => {
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === 0 || other.length === 0 ? [] : differences(one[0], other[0], `${path}[]`)
  }
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return []
  const [left, right] = [new Map(Object.entries(one)), new Map(Object.entries(other))]
  return [...new Set([...left.keys(), ...right.keys()])].flatMap((key) =>
    left.has(key) && right.has(key) ? differences(left.get(key), right.get(key), `${path}.${key}`) : [`${path}.${key}`]
  )
}

const uiReport: UiReport = { group: "orders", url: "", allowsActions: false }

const demoReport: DemoReport = {
  group: null,
  title: "",
  lengthMs: 0,
  partitions: 0,
  rebalances: [{ reason: "", moved: 0, minimum: 0 }],
  account: { running: 0, overlaps: 0, staleTokens: 0, idlePartitionSeconds: 0, breaches: [] },
  failures: [],
  faults: []
}

const spread = { count: 0, p50Ms: null, p99Ms: null }

const benchReport: BenchReport = {
  server: "",
  serverVersion: "",
  group: "",
  lengthMs: 0,
  roundTrip: spread,
  write: spread,
  putToWatch: spread,
  writesPerSecond: 0,
  writers: 0,
  partitions: 0,
  measuredWith: "balanced",
  startToStableMs: 0,
  leaseWaitMs: 0,
  unowned: spread,
  leastLeaseMs: 0,
  presets: [{ preset: "balanced", leaseMs: 0, marginMs: 0, bears: "well" }]
}

const shapes: ReadonlyArray<readonly [heading: string, told: () => unknown]> = [
  ["`parti status`", () => golden("status")],
  ["`parti watch`", () => ({ at: "", ...Changes.between(null, SampleGroup.statusOf(SampleGroup.snapshotOf({})))[0] })],
  ["`parti ui`", () => uiReport],
  ["`parti partitions`", () => golden("partitions-of-one")],
  ["`parti explain`", () => golden("explain")],
  ["`parti replay`", () => golden("replay-one")],
  ["`parti plan`", () => golden("plan-one-less")],
  ["Orders", () => golden("resume")],
  ["`parti doctor`", () => golden("doctor")],
  ["`parti bench`", () => benchReport],
  ["`parti demo`", () => demoReport]
]

describe("The page of the command", () => {
  it("has a heading for each command, and for nothing else", () => {
    const headings = [...page.matchAll(/^##+ `parti ([a-z]+)`$/gm)].map(([, name]) => name)
    assert.sameMembers(headings, commands)
    assert.lengthOf(headings, new Set(commands).size)
  })

  it("names each flag that all commands have, with its variable", () => {
    const table = section("For every command")
    for (const name of Object.keys(flags)) {
      const flag = name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
      assert.include(table, `\`--${flag}\``)
    }
  })

  it("lists the exit codes", () => {
    const listed = [...section("For every command").matchAll(/^\| (\d+) \|/gm)].map(([, code]) => Number(code))
    assert.sameMembers(listed, Object.values(exitCodes))
  })

  it("lists the checks of the doctor, with what they look for", () => {
    const listed = [...section("`parti doctor`").matchAll(/^\| `([a-z-]+)` \| (.+) \|$/gm)].map(
      ([, name, what]) => `${name}: ${what}`
    )
    assert.deepStrictEqual(
      listed,
      Examination.checks.map(({ looksFor, name }) => `${name}: ${looksFor}`)
    )
  })

  it.each(shapes)("shows the JSON of %s with the keys that it has", (heading, told) => {
    assert.deepStrictEqual(differences(exampleIn(heading), told()), [])
  })

  it("tells keys apart", () => {
    assert.deepStrictEqual(differences({ a: [{ b: 1 }], c: null }, { a: [{ d: 1 }], e: null }), [
      ".a[].b",
      ".a[].d",
      ".c",
      ".e"
    ])
  })
})
