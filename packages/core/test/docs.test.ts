import { existsSync, globSync, readFileSync } from "node:fs"
import { posix } from "node:path"
import { fileURLToPath } from "node:url"
import { Result } from "effect"
import { assert, describe, it } from "vitest"
import * as ConfigRule from "../src/model/ConfigRule.ts"
import * as PartiConfig from "../src/model/PartiConfig.ts"

const root = fileURLToPath(new URL("../../../", import.meta.url))
const folders = [".", "docs/**", "examples/**", "packages/*"]
const pages = folders.flatMap((folder) => globSync(`${folder}/*.md`, { cwd: root })).sort()
const textOf = (page: string) => readFileSync(root + page, "utf8")

/** Headings as links name them. */
const anchorsOf = (page: string): ReadonlyArray<string> =>
  [...textOf(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(/\s/g, "-")
  )

describe("The documentation", () => {
  it.each(pages)("%s links to what is there", (page) => {
    const links = [...textOf(page).matchAll(/\]\((?!https?:)([^)]+)\)/g)].map((match) => match[1] ?? "")
    for (const link of links) {
      const [path = "", anchor] = link.split("#")
      const target = path === "" ? page : posix.join(posix.dirname(page), path)
      assert.isTrue(existsSync(root + target), `${link} leads nowhere`)
      if (anchor !== undefined) assert.include(anchorsOf(target), anchor)
    }
  })

  it.each(globSync("docs/*.md", { cwd: root }).filter((page) => !page.endsWith("README.md")))(
    "%s is in the index",
    (page) => {
      assert.include(textOf("docs/README.md"), `](${posix.basename(page)})`)
    }
  )

  it.each(pages)("%s names files that are there", (page) => {
    const named = [...textOf(page).matchAll(/`((?:packages|bench|docs|examples|ops|tools)\/[\w./-]+)`/g)].map(
      (match) => match[1] ?? ""
    )
    for (const path of named) assert.isTrue(existsSync(root + path), `${path} is not there`)
  })
})

const presets = ["development", "balanced", "production"] as const

const seconds = (...ms: ReadonlyArray<number>): string =>
  `${ms.map((one) => String(Math.round(one / 10) / 100)).join(" to ")} s`

type Cost = (config: PartiConfig.PartiConfig) => string

const fullLease = ({ leaseMs, marginMs }: PartiConfig.PartiConfig): number => leaseMs + marginMs

const upTo = (ms: number): string => `up to ${seconds(ms)}`

const crash: Cost = (c) => seconds(fullLease(c) - c.heartbeatIntervalMs, fullLease(c))

/** The beginning of each row of the tables, and what must stand in its last three cells. */
const costs: ReadonlyArray<readonly [row: string, cost: Cost]> = [
  ["| a renewal every |", (c) => seconds(c.heartbeatIntervalMs)],
  ["| handlers are told to stop after |", (c) => seconds(c.leaseMs - c.marginMs - c.fenceLeadMs)],
  ["| permission ends after |", (c) => seconds(c.leaseMs - c.marginMs)],
  ["| others may act after (a full lease) |", (c) => seconds(fullLease(c))],
  ["| rates of clocks may differ by |", (c) => `${(100 * c.marginMs) / c.leaseMs} %`],
  ["| a worker crashes |", crash],
  ["| the leader crashes |", (c) => seconds(fullLease(c) - c.heartbeatIntervalMs, fullLease(c) + c.electionJitterMs)],
  ["| the leader crashes, with every candidate |", (c) => upTo(2 * (fullLease(c) + c.electionJitterMs))],
  ["| more than `restartRatio` crash together |", (c) => upTo(fullLease(c) + c.restartWindowMs)],
  ["| a handler does not end when it is told to |", (c) => upTo(c.revokeTimeoutMs + fullLease(c))],
  ["| the leader leaves: until another leads |", (c) => seconds(c.electionJitterMs)],
  ["| a worker leaves |", (c) => seconds(c.drainWindowMs)],
  ["| a worker joins, or partitions change |", (c) => seconds(c.plannedWindowMs)],
  ["| a worker restarts under its id |", (c) => seconds(c.plannedWindowMs)],
  ["| a new group starts, or the plan was lost |", (c) => seconds(Math.max(c.coldStartWindowMs, fullLease(c)))],
  ["| the `live` bucket was lost: no grant for |", (c) => seconds(fullLease(c))]
]

describe("The page about timing", () => {
  const lines = textOf("docs/timing.md").split("\n")
  const configs = presets.map((preset) => Result.getOrThrow(PartiConfig.parse({ group: "docs", preset })))

  it.each(costs)("is right about %s", (row, cost) => {
    const found = lines.filter((line) => line.startsWith(row))
    assert.lengthOf(found, 1)
    assert.isTrue(
      found[0]?.endsWith(`| ${configs.map(cost).join(" | ")} |`),
      `${found[0]}: ${configs.map(cost).join()}`
    )
  })

  it.each([
    [
      "docs/timing.md",
      /^\| (?:a worker|the leader), lease .*\| ([\d.]+ m?s) \|$|for (\d+ ms) \(|, (\d+ ms) \(99th/gm,
      6
    ],
    ["README.md", /\| ([^|]+?)(?: \(median\))? \| `npm run bench -- nats` \|$/gm, 2]
  ] as const)("tells of the benches what the page about performance does (%s)", (path, pattern, count) => {
    const told = [...textOf(path).matchAll(pattern)].map((match) => match.slice(1).join(""))
    assert.lengthOf(told, count)
    for (const figure of told) assert.include(textOf("docs/performance.md"), ` ${figure}`, path)
  })

  it("lists every relation of the configuration", () => {
    const listed = lines.filter((line) => /^\| C\d+ \|/.test(line))
    assert.deepStrictEqual(
      listed,
      ConfigRule.rules.map(({ because, id, states }) => `| ${id} | ${states} | ${because} |`)
    )
  })
})

describe("The page about troubles", () => {
  const page = textOf("docs/troubleshooting.md")
  const tagsIn = (path: string, pattern: RegExp) => [...textOf(path).matchAll(pattern)].map(([, tag = ""]) => tag)
  const tags = [
    ...tagsIn("packages/core/src/protocol/Report.ts", /_tag: "(\w+)"/g),
    ...tagsIn("packages/core/src/runtime/Errors.ts", /class (\w+) extends/g),
    ...tagsIn("packages/core/src/runtime/PartiError.ts", /^ {2}(\w+): "/gm),
    ...tagsIn("packages/nats-adapter/src/NatsError.ts", /class (\w+) extends/g),
    ...tagsIn("packages/nats-adapter/src/ConsumptionError.ts", /class (\w+) extends/g)
  ]
  // These say what another one caused; they are never told by themselves.
  const wrappers = ["UserCodeFailed", "ProblemReported"]

  it.each([...new Set(tags)].filter((tag) => !wrappers.includes(tag)))("has a cure for %s", (tag) => {
    assert.include(page, `\`${tag}\``)
  })

  it("names only what there is", () => {
    const named = tagsIn("docs/troubleshooting.md", /`([A-Z]\w+)`/g)
    assert.deepStrictEqual(
      named.filter((name) => !tags.includes(name) && name !== "PartiError"),
      []
    )
  })
})
