import { assert, describe, expect, it } from "vitest"
import * as Frame from "../../../src/cli/demo/Frame.ts"
import type { Scene } from "../../../src/cli/demo/Scene.ts"
import { scene } from "./Sample.ts"

const text = (of: Scene, size: Frame.Size) => `${Frame.draw(of, size).map(Frame.plain).join("\n")}\n`

const crowd: Scene = {
  ...scene,
  rows: Array.from({ length: 24 }, (_, i) => ({
    process: `host-${String.fromCharCode(97 + i)}`,
    workerId: `worker-${i}`,
    isLeader: i === 0,
    status: "Stable",
    mood: "well",
    running: 2
  }))
}

describe("A frame of the demo", () => {
  it.each([
    ["a terminal of the usual size", "usual", scene, { columns: 80, rows: 24 }],
    ["a large terminal", "large", crowd, { columns: 120, rows: 40 }],
    ["many workers in a terminal of the usual size", "crowd", crowd, { columns: 80, rows: 24 }],
    ["a terminal that is far too small", "small", scene, { columns: 40, rows: 12 }]
  ])("fits %s", async (_, name, of, size) => {
    await expect(text(of, size)).toMatchFileSnapshot(`Frame/${name}.txt`)
  })

  it("is never wider or higher than its terminal", () => {
    for (let columns = 1; columns < 130; columns += 7) {
      for (let rows = 1; rows < 50; rows += 3) {
        const lines = Frame.draw(crowd, { columns, rows })
        assert.isAtMost(lines.length, rows)
        for (const line of lines) {
          const width = line.reduce((sum, span) => sum + span.text.length, 0)
          assert.isAtMost(width, columns, `${columns} × ${rows}: ${Frame.plain(line)}`)
        }
      }
    }
  })

  it("shows the newest lines of the log", () => {
    const log = Array.from({ length: 100 }, (_, i) => ({ atMs: i * 100, text: `event ${i}`, tone: "plain" as const }))
    const lines = Frame.draw({ ...scene, log }, { columns: 80, rows: 24 }).map(Frame.plain)
    assert.strictEqual(lines.at(-1), "   9.9  event 99")
  })
})
