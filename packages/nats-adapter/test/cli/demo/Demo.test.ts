import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "vitest"

const main = fileURLToPath(new URL("../../../../../demo/main.ts", import.meta.url))

const play = (...args: ReadonlyArray<string>) => {
  const { status, stderr, stdout } = spawnSync(process.execPath, ["--conditions=@parti/source", main, ...args], {
    encoding: "utf8",
    timeout: 60_000
  })
  return { status, stderr, stdout }
}

describe("The demo as a process", () => {
  it("plays to the end, keeps every invariant, and says so", { timeout: 60_000 }, () => {
    const { status, stderr, stdout } = play("--seconds", "8", "--seed", "3", "--workers", "4", "--partitions", "24")
    assert.strictEqual(stderr, "")
    for (const event of [/host-\w leaves/, /host-\w is killed/, /host-\w restarts/, /host-\w is back/, /was evicted/]) {
      assert.match(stdout, event)
    }
    assert.match(stdout, /cold_start: done, 24 moved, 24 had to/)
    assert.match(stdout, /emergency: done, \d+ moved/)
    assert.match(stdout, /two owners at once {9}0\n/)
    assert.match(stdout, /unowned at the end {9}0\n/)
    assert.match(stdout, /Every invariant held\.\n$/)
    assert.strictEqual(status, 0)
  })

  it("refuses a bad argument in one line, with exit code 2", () => {
    const { status, stderr, stdout } = play("--seconds", "soon")
    assert.deepStrictEqual(
      { status, stderr, stdout },
      { status: 2, stderr: `--seconds takes a whole number from 8 to 600, not "soon"; try --seconds 20\n`, stdout: "" }
    )
  })
})
