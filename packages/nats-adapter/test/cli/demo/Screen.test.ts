import { assert, describe, it } from "vitest"
import * as Screen from "../../../src/cli/demo/Screen.ts"
import { scene } from "./Sample.ts"

const output = (isTTY: boolean) => {
  const written: Array<string> = []
  return { isTTY, columns: 80, rows: 24, write: (text: string) => void written.push(text), written }
}

const escape = "\u001b["

describe("The demo's screen", () => {
  it("is redrawn in place on a terminal, and leaves the last frame standing", () => {
    const out = output(true)
    const screen = Screen.on(out, false)
    const log = Array.from({ length: 50 }, (_, i) => ({ atMs: i, text: `event ${i}`, tone: "plain" as const }))
    screen.show({ ...scene, log })
    screen.show(scene)
    screen.close()
    const [first = "", second = "", last = ""] = out.written
    assert.isTrue(first.startsWith(`${escape}?1049h${escape}?25l${escape}H`))
    assert.isTrue(second.startsWith(`${escape}HParti`))
    assert.lengthOf(first.split("\n"), 24, "one line more would scroll")
    assert.isTrue(last.startsWith(`${escape}?25h${escape}?1049lParti`))
  })

  it("shows nothing any more once it was closed, and closes once", () => {
    for (const isTTY of [true, false]) {
      const out = output(isTTY)
      const screen = Screen.on(out, true)
      screen.show(scene)
      screen.close()
      const count = out.written.length
      screen.show(scene)
      screen.tell({ atMs: 0, text: "late", tone: "plain" })
      screen.close()
      assert.lengthOf(out.written, count)
    }
  })

  it("is colourful only where it may be", () => {
    const [plain, coloured] = [output(true), output(true)]
    Screen.on(plain, false).show(scene)
    Screen.on(coloured, true).show(scene)
    assert.notInclude(plain.written.join(""), `${escape}1m`)
    assert.include(coloured.written.join(""), `${escape}1mParti`)
  })

  it("is a plain list of events where there is no terminal", () => {
    const out = output(false)
    const screen = Screen.on(out, true)
    screen.show(scene)
    screen.tell({ atMs: 7400, text: "host-c is killed", tone: "act" })
    screen.close()
    assert.deepStrictEqual(out.written, ["   7.4  host-c is killed\n", "\n"])
  })
})
