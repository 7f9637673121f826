import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, References } from "effect"
import * as Orders from "../../src/runtime/Orders.ts"

describe("An order", () => {
  it.effect("is refused when the worker ends, at whichever step of its giving", () =>
    Effect.gen(function* () {
      for (let steps = 3; steps < 24; steps++) {
        const orders = Orders.make("test", () => Effect.void)
        const giving = yield* Effect.forkChild(
          // Its fiber gives way after so many steps, so that the end comes between any two of them.
          Effect.provideService(
            orders.give("pause", { _tag: "Pause", paused: true }),
            References.MaxOpsBeforeYield,
            steps
          ),
          { startImmediately: true }
        )
        yield* orders.end
        for (let turn = 0; turn < 100; turn++) yield* Effect.yieldNow
        const exit = giving.pollUnsafe()
        assert.isTrue(exit !== undefined && Exit.isFailure(exit), `the worker ends after ${steps} steps`)
      }
    })
  )
})
