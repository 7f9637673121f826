import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, References, Result } from "effect"
import * as Partition from "../../src/model/Partition.ts"
import * as PromiseHandler from "../../src/runtime/PromiseHandler.ts"

const partition = Result.getOrThrow(Partition.make({ keys: ["a"] }))
const context = {
  partition,
  id: Partition.id(partition),
  token: 1,
  epoch: 1,
  isCurrent: () => true,
  revoked: Effect.never
}

describe("A handler that returns a promise", () => {
  it.effect("is told by its signal and awaited, at whichever step it is interrupted", () =>
    Effect.gen(function* () {
      let begun = 0
      for (let steps = 3; steps < 24; steps++) {
        let hasBegun = false
        let hasEnded = false
        const handler = ({ signal }: PromiseHandler.HandlerContext) =>
          new Promise<void>((resolve) => {
            hasBegun = true
            signal.addEventListener("abort", () => {
              hasEnded = true
              resolve()
            })
          })
        // Its fiber gives way after so many steps, so that the interruption comes between any two of them.
        const running = yield* Effect.forkChild(
          Effect.provideService(PromiseHandler.run(handler, context), References.MaxOpsBeforeYield, steps),
          { startImmediately: true }
        )
        yield* Fiber.interrupt(running)
        assert.strictEqual(hasEnded, hasBegun, `it is interrupted after ${steps} steps`)
        if (hasBegun) begun += 1
      }
      assert.isAbove(begun, 0)
    })
  )
})
