import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as ChildProcess from "./ChildProcess.ts"

describe("The page about testing", () => {
  it.live("has an example of a worker whose server is killed and comes back", () =>
    Effect.gen(function* () {
      const example = yield* ChildProcess.start("examples/testing/server.ts", {})
      yield* example.says(/the worker knows that the server has gone/)
      yield* example.says(/the worker is back/)
      assert.strictEqual(yield* example.ended, 0, example.printed())
    })
  )
})
