import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "vitest"

const forged = fileURLToPath(new URL("Forged.ts", import.meta.url))
const root = fileURLToPath(new URL("../../../../", import.meta.url))

interface Ended {
  readonly code: number | string | null | undefined
  readonly stdout: string
  readonly stderr: string
}

const run = (script: string, ...args: ReadonlyArray<string>): Promise<Ended> =>
  new Promise((resolve) => {
    const argv = ["--conditions=@parti/source", script, ...args]
    const options = { cwd: root, timeout: 100_000 }
    execFile(process.execPath, argv, options, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : error.code, stdout, stderr })
    )
  })

describe("The demo on NATS, as a process", () => {
  it(
    "kills, adds and drains worker processes on a server of its own, and nothing is lost",
    { timeout: 100_000 },
    async () => {
      const args = ["--nats", "--seconds", "5", "--seed", "3", "--workers", "2", "--partitions", "16"]
      const { code, stderr, stdout } = await run("demo/main.ts", ...args)
      assert.strictEqual(stderr, "")
      for (const event of [
        /host-\w is killed with SIGKILL/,
        /host-c is worker-\d+/,
        /host-d is worker-\d+/,
        /host-\w is asked to leave, and drains/,
        /host-\w has left/,
        /cold_start: done, 16 moved, 16 had to/,
        /lost {23}0\n/,
        /out of order {15}0\n/,
        /two owners at once {9}0\.0 ms\n/,
        /by the kill +\d+ times, at worst \d+ ms\n/,
        /unowned at the end {9}0\n/,
        /Every invariant held\.\n$/
      ]) {
        assert.match(stdout, event)
      }
      const [, handled, published] = /(\d+) of (\d+) handled/.exec(stdout) ?? []
      assert.strictEqual(handled, published)
      assert.isAbove(Number(handled), 100)
      assert.strictEqual(code, 0)
    }
  )

  it("refuses a bad argument in one line, with exit code 2", async () => {
    assert.deepStrictEqual(await run("demo/main.ts", "--nats", "--seconds", "soon"), {
      code: 2,
      stderr: `--seconds takes a whole number from 5 to 3600, not "soon"; try --seconds 20\n`,
      stdout: ""
    })
  })

  it.each([
    ["sound", 0, /Every invariant held\./],
    ["overlap", 1, /BROKEN: partition p0 was run by one and by two for 1\.5 ms/],
    ["lost", 1, /BROKEN: 1 messages were lost, such as 2 of p0/],
    ["disorder", 1, /BROKEN: message 2 of partition p0 was begun by one before the one before it was handled/],
    ["unowned", 1, /BROKEN: partition p0 was left without an owner/],
    ["nothing", 1, /BROKEN: nobody ran anything/]
  ])("ends upon journals that are %s with exit code %i", async (what, code, sign) => {
    const ended = await run(forged, what)
    assert.match(ended.stdout, sign)
    assert.deepStrictEqual([ended.code, ended.stderr], [code, ""])
  })
})
