import { execFile } from "node:child_process"
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { assert, describe, it } from "vitest"

const root = fileURLToPath(new URL("../../../", import.meta.url))
const path = "examples/testing-handler.ts"

describe("The page about testing", () => {
  it("shows its example as it is", () => {
    const example = readFileSync(root + path, "utf8")
    assert.include(readFileSync(`${root}docs/testing.md`, "utf8"), `\`\`\`ts\n${example}\`\`\``)
  })

  it("has an example that finds the mistake, and none in the handler without it", { timeout: 60_000 }, async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ["--conditions=@parti/source", path], { cwd: root })
    assert.match(stdout, /^careless: .*effects came from runs that had ended/m)
    assert.match(stdout, /^careful: nothing found$/m)
  })
})
