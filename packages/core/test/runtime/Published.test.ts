import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Stream } from "effect"
import * as Published from "../../src/runtime/Published.ts"

describe("A published value", () => {
  it.effect("shows the current value first, then each change once", () =>
    Effect.gen(function* () {
      const published = yield* Published.make("a")
      yield* published.publish("b")
      const seen = yield* Stream.runCollect(published.changes).pipe(Effect.forkChild({ startImmediately: true }))
      yield* published.publish("c")
      yield* published.publish("c")
      yield* published.publish("d")
      yield* published.end
      assert.deepStrictEqual(yield* Fiber.join(seen), ["b", "c", "d"])
      assert.strictEqual(published.current(), "d")
    })
  )

  it.effect("shows the last value to one who comes after the end, and ends", () =>
    Effect.gen(function* () {
      const published = yield* Published.make(1)
      yield* published.publish(2)
      yield* published.end
      assert.deepStrictEqual(yield* Stream.runCollect(published.changes), [2])
    })
  )

  it.effect("keeps the newest changes for a follower that sleeps, not all of them", () =>
    Effect.gen(function* () {
      const published = yield* Published.make(0)
      const seen = yield* published.changes.pipe(
        Stream.rechunk(1),
        Stream.runForEach(() => Effect.sleep("1 millis")),
        Effect.forkChild({ startImmediately: true })
      )
      for (let value = 1; value <= 5000; value++) yield* published.publish(value)
      yield* published.end
      yield* Fiber.interrupt(seen)
      const late = yield* Stream.runCollect(published.changes)
      assert.deepStrictEqual(late, [5000])
    })
  )
})
