import { execFile } from "node:child_process"
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { assert, describe, it } from "vitest"

const root = fileURLToPath(new URL("../../../", import.meta.url))

const run = (path: string) =>
  promisify(execFile)(process.execPath, ["--conditions=@parti/source", path], { cwd: root, timeout: 60_000 })

describe("The README", () => {
  it.each(["effect", "promise"])("shows its example as it is (%s)", (name) => {
    const example = readFileSync(`${root}examples/hello-${name}/main.ts`, "utf8")
    assert.include(readFileSync(`${root}README.md`, "utf8"), `\`\`\`ts\n${example}\`\`\``)
    assert.isAtMost(example.trimEnd().split("\n").length, 15, "a first example is short")
  })

  it.concurrent.each(["effect", "promise"])("has an example that runs (%s)", { timeout: 60_000 }, async (name) => {
    const { stdout } = await run(`examples/hello-${name}/main.ts`)
    for (const region of ["africa", "asia", "europe", "oceania"]) {
      assert.match(stdout, new RegExp(`worker-\\d+ runs ${region} under token \\d+`))
    }
    const owners = new Set([...stdout.matchAll(/(worker-\d+) runs/g)].map((match) => match[1]))
    assert.strictEqual(owners.size, 2, "both workers have work")
  })
})
