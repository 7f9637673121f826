import { execFile } from "node:child_process"
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { assert, describe, it } from "vitest"

const root = fileURLToPath(new URL("../../../", import.meta.url))

const run = async (path: string): Promise<string> => {
  const { stdout } = await promisify(execFile)(process.execPath, ["--conditions=@parti/source", path], { cwd: root })
  return stdout
}

describe("The page about testing", () => {
  // The last two are run elsewhere: one needs a server, the other is a suite.
  it.each([
    "examples/testing/handler.ts",
    "examples/testing/faults.ts",
    "examples/testing/strategy.ts",
    "examples/testing/server.ts",
    "packages/testkit/test/MemoryStore.conformance.test.ts"
  ])("shows its example as it is (%s)", (path) => {
    const example = readFileSync(root + path, "utf8")
    assert.include(readFileSync(`${root}docs/testing.md`, "utf8"), `\`\`\`ts\n${example}\`\`\``)
  })

  it("has an example that finds the mistake, and none in the handler without it", { timeout: 60_000 }, async () => {
    const printed = await run("examples/testing/handler.ts")
    assert.match(printed, /^careless: .*effects came from runs that had ended/m)
    assert.match(printed, /^careful: nothing found$/m)
  })

  it("has an example that cuts one worker off, and another takes over", { timeout: 60_000 }, async () => {
    assert.match(await run("examples/testing/faults.ts"), /^cut off: the other runs both$/m)
  })

  it("has an example of a strategy that breaks a law, and of one that keeps them", { timeout: 60_000 }, async () => {
    const printed = await run("examples/testing/strategy.ts")
    assert.match(printed, /restless breaks law 3: the same input gives the same plan/)
    assert.match(printed, /^steady: keeps the laws$/m)
  })
})
