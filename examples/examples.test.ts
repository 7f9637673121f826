/** Each example is run as a reader would, and must say what its page promises. */
import { existsSync, globSync, readFileSync } from "node:fs"
import { execFile } from "node:child_process"
import { basename, dirname, join } from "node:path"
import { promisify } from "node:util"
import { assert, describe, it } from "vitest"

const here = import.meta.dirname

const run = async (name: string): Promise<string> => {
  const args = ["--conditions=@parti/source", join(here, name, "main.ts")]
  const { stdout } = await promisify(execFile)(process.execPath, args, { env: { ...process.env, NO_COLOR: "1" } })
  return stdout
}

/** Tested where they are shown: in the README, and on the page about observability. */
const elsewhere = ["hello-effect", "hello-promise", "metrics"]

/** What each of the others prints, among other things. */
const promises: ReadonlyArray<readonly [name: string, lines: ReadonlyArray<string>]> = [
  ["nats-consumer", ["one of two workers was killed", "20 of 20 customers have all their orders, once and in order"]],
  ["custom-strategy", ["a worker in eu runs eu.1, eu.2, eu.3"]],
  ["dynamic-partitions", ["acme runs", "globex runs", "acme has ended", "initech runs"]],
  ["blue-green", ["in turn: blue, green, blue; 200 of 200 orders, 0 repeated"]]
]

const programs = globSync("*/main.ts", { cwd: here }).map(dirname).sort()
const folders = globSync("*/*.ts", { cwd: here }).map(dirname)

describe("The examples", () => {
  it("are all run by a test", () => {
    const tested = [...promises.map(([name]) => name), ...elsewhere]
    assert.deepStrictEqual(programs, tested.toSorted())
  })

  it.each([...new Set(folders)].sort())("have a page each, with the command that runs it (%s)", (name) => {
    const page = readFileSync(join(here, name, "README.md"), "utf8")
    if (programs.includes(name)) assert.include(page, `npm run example -- ${name}\n`)
    for (const [, file = ""] of page.matchAll(/`([\w.-]+\.(?:ts|yaml))`/g))
      assert.isTrue(existsSync(join(here, name, file)), `${file} is not in ${basename(name)}`)
  })

  it.each(promises)("do what they promise (%s)", { timeout: 120_000 }, async (name, lines) => {
    const printed = await run(name)
    const page = readFileSync(join(here, name, "README.md"), "utf8")
    for (const line of lines) {
      assert.include(printed.split("\n"), line)
      assert.include(page.split("\n"), line, "its page shows what it prints")
    }
  })
})
