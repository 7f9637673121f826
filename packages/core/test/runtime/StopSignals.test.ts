import { assert, describe, it } from "vitest"
import * as StopSignals from "../../src/runtime/StopSignals.ts"

describe("A signal that is to stop a worker", () => {
  it("is listened to once, however often it is named, until it is forgotten", () => {
    const before = process.listenerCount("SIGUSR2")
    const { forget } = StopSignals.listen(["SIGUSR2", "SIGUSR2"])
    assert.strictEqual(process.listenerCount("SIGUSR2"), before + 1)
    forget()
    assert.strictEqual(process.listenerCount("SIGUSR2"), before)
  })
})
