import { assert, describe, it } from "vitest"
import * as ScriptClock from "../../../src/cli/demo/ScriptClock.ts"

describe("The clock of the script", () => {
  it("goes as the play does, but for the time that it was held", () => {
    let playMs = 0
    const clock = ScriptClock.make(() => playMs)
    const after = (ms: number) => {
      playMs += ms
      return clock.now()
    }
    assert.strictEqual(after(100), 100)
    clock.hold()
    assert.strictEqual(after(50), 100)
    clock.hold()
    assert.strictEqual(after(50), 100, "held is held")
    clock.release()
    assert.strictEqual(after(1), 101)
    clock.release()
    assert.strictEqual(after(1), 102)
    clock.hold()
    assert.strictEqual(after(1000), 102)
    clock.release()
    assert.strictEqual(after(0), 102)
  })
})
