import { existsSync, globSync, readFileSync } from "node:fs"
import { posix } from "node:path"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "vitest"

const root = fileURLToPath(new URL("../../../", import.meta.url))
const read = (path: string): string => readFileSync(root + path, "utf8")
const page = "docs/scenarios.md"
const lines = read(page).split("\n")

/** Everything that is captured in some files. */
const captured = (files: string, pattern: RegExp): ReadonlyArray<string> =>
  globSync(files, { cwd: root }).flatMap((path) => [...read(path).matchAll(pattern)].map(([, found = ""]) => found))

/** What can be named beside tests, by kind, and what there is of each. */
const others: Readonly<Record<string, ReadonlyArray<string>>> = {
  trace: globSync("packages/core/test/protocol/traces/*.trace", { cwd: root }).map((path) =>
    posix.basename(path, ".trace")
  ),
  storm: captured("packages/testkit/src/simulation/Fault.ts", /^ {2}(\w+): \d+,?$/gm),
  world: captured("packages/testkit/src/checker/Scenarios.ts", /Scenario\.make\(\s*"([^"]+)"/g),
  mutant: captured("packages/testkit/src/simulation/mutants/*.ts", /\bname: "([^"]+)"/g),
  chaos: captured("chaos/Menu.ts", /^ {2}"?([\w-]+)"?: (?:any\(|\{$|\{ moment)/gm),
  bench: globSync("bench/*.ts", { cwd: root }).map((path) => posix.basename(path, ".ts"))
}

const files = new Map(
  lines.flatMap((line) => {
    const found = /^\[([^\]]+)\]: (\S+)$/.exec(line)
    return found === null ? [] : [[found[1] ?? "", posix.join("docs", found[2] ?? "")] as const]
  })
)

interface Row {
  readonly number: number
  /** At which levels the section asks for proof. */
  readonly asked: ReadonlyArray<string>
  readonly cells: ReadonlyArray<readonly [level: string, cell: string]>
}

const levels = ["P", "E", "N"]

const rows: ReadonlyArray<Row> = lines.flatMap((line, index) => {
  const [, number, , ...cells] = line.split("|").map((cell) => cell.trim())
  if (!/^\d+$/.test(number ?? "")) return []
  const heading = lines.slice(0, index).findLast((one) => one.startsWith("## ")) ?? ""
  const asked = (/: ([PEN, ]+)$/.exec(heading)?.[1] ?? "").split(", ")
  return [{ number: Number(number), asked, cells: levels.map((level, i) => [level, cells[i] ?? ""] as const) }]
})

// The file is of this repository, and has this shape.
const { scripts } = JSON.parse(read("package.json")) as { readonly scripts: Readonly<Record<string, string>> }
const ofCommands = /`npm run ([\w:]+)[^`]*`/g

const ofTests = /\[([^\]]+)\]((?: "[^"]+",?)+)/g
const ofOthers = new RegExp(`\\b(${Object.keys(others).join("|")})((?: \`[^\`]+\`,?)+)`, "g")

/** What is left of a cell without what can be checked. */
const remainder = (cell: string): string =>
  cell
    .replaceAll(ofTests, "")
    .replaceAll(ofOthers, "")
    .replaceAll(ofCommands, (command, name: string) => (name in scripts ? "" : command))

/** What a cell names that is not there, or in a way that nobody could check. */
const wrongs = (cell: string): ReadonlyArray<string> => [
  ...[...cell.matchAll(ofTests)].flatMap(([, label = "", titles = ""]) => {
    const path = files.get(label)
    if (path === undefined || !existsSync(root + path)) return [`no file for ${label}`]
    const text = read(path)
    const isThere = (title: string) => ['"', "`"].some((quote) => text.includes(quote + title + quote))
    const named = [...titles.matchAll(/"([^"]+)"/g)].map(([, title = ""]) => title)
    return named.filter((title) => !isThere(title)).map((title) => `no test in ${path}: ${title}`)
  }),
  ...[...cell.replaceAll(ofTests, "").matchAll(ofOthers)].flatMap(([, kind = "", names = ""]) => {
    const named = [...names.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name)
    return named.filter((name) => others[kind]?.includes(name) !== true).map((name) => `no ${kind}: ${name}`)
  }),
  ...(remainder(cell).match(/[[\]"`]+[^;]*/g) ?? [])
]

const isShown = (cell: string): boolean => wrongs(cell).length === 0 && cell.search(/[["`]/) >= 0

describe("The page about scenarios", () => {
  it("has each of the 53 once, in order", () => {
    assert.deepStrictEqual(
      rows.map(({ number }) => number),
      Array.from({ length: 53 }, (_, i) => i + 1)
    )
  })

  it.each(rows)("names only what is there: row $number", ({ cells }) => {
    assert.deepStrictEqual(
      cells.flatMap(([, cell]) => wrongs(cell)),
      []
    )
  })

  it.each(rows)("says at each level that is asked for what shows it, or that nothing does: row $number", (row) => {
    assert.isNotEmpty(row.asked)
    for (const [level, cell] of row.cells) {
      const isAsked = row.asked.includes(level)
      if (isAsked) assert.isTrue(isShown(cell) || cell.startsWith("not shown"), `${level}: ${cell}`)
      else assert.isTrue(isShown(cell) || cell === "–", `${level}: ${cell}`)
    }
  })

  it("has a use for each file that it links to", () => {
    const used = rows.flatMap(({ cells }) => cells.flatMap(([, cell]) => [...cell.matchAll(ofTests)]))
    const labels = new Set(used.map(([, label = ""]) => label))
    assert.deepStrictEqual(
      [...files.keys()].filter((label) => !labels.has(label)),
      []
    )
  })

  it.each([
    ["a title that no test has", '[Manager] "is green"'],
    ["a file that it does not link to", '[Nobody] "is green"'],
    ["a title without a file", '"is green"'],
    ["a file without a title", "[Manager]"],
    ["a trace that is not there", "trace `nowhere`"],
    ["a kind of proof that there is not", "promise `cold-start`"],
    ["a command that there is not", "`npm run prove`"]
  ])("would notice %s", (_, cell) => {
    assert.isNotEmpty(wrongs(cell))
    assert.isFalse(isShown(cell))
  })
})
