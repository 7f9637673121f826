import { assert, describe, it } from "@effect/vitest"
import { Cause } from "effect"
import * as Errors from "../../src/runtime/Errors.ts"
import * as PartiError from "../../src/runtime/PartiError.ts"

/** What `querystring.parse` and `Object.create(null)` give: `String` throws at it. */
const wordless: unknown = Object.assign(Object.create(null), { status: 503 })

describe("An error", () => {
  it("has a message also where what was thrown cannot be turned into a string", () => {
    const failed = new Errors.UserCodeFailed({ cause: wordless })
    assert.include(failed.message, "503")
    const hook = new Errors.HookFailed({ hook: "onError", cause: Cause.fail(failed) })
    assert.include(hook.message, "503")
    assert.include(PartiError.fromCause(Cause.fail(wordless)).message, "503")
  })

  it("has the message of an error, and a text as it is", () => {
    assert.strictEqual(new Errors.UserCodeFailed({ cause: new Error("no such table") }).message, "no such table")
    assert.strictEqual(new Errors.UserCodeFailed({ cause: "no such table" }).message, "no such table")
  })
})
