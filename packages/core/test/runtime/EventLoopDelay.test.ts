import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { afterEach, beforeEach, vi } from "vitest"
import { EventLoopDelay, split } from "../../src/runtime/EventLoopDelay.ts"

let now = 0

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] })
  vi.spyOn(performance, "now").mockImplementation(() => now)
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const open = Effect.gen(function* () {
  return yield* yield* EventLoopDelay
})

/** Timers fire when they are due. */
const pass = (ms: number) => {
  for (let passed = 0; passed < ms; passed += 50) {
    now += 50
    vi.advanceTimersByTime(50)
  }
}

/** Time goes by, and no timer fires; then all that were due have their turn, once. */
const block = (ms: number) => {
  now += ms
  vi.advanceTimersToNextTimer()
}

describe("The delay of the event loop", () => {
  it.effect("is nothing while timers fire when they are due", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const probe = yield* open
        pass(10_000)
        assert.strictEqual(probe.read(), 0)
      })
    )
  )

  it.effect("is the longest since it was last read", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const probe = yield* open
        block(450)
        pass(1000)
        block(150)
        pass(1000)
        assert.strictEqual(probe.read(), 400)
        pass(1000)
        assert.strictEqual(probe.read(), 0)
      })
    )
  )

  it.effect("counts while it goes on, and once", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const probe = yield* open
        pass(1000)
        assert.strictEqual(probe.read(), 0)
        now += 3000
        assert.strictEqual(probe.read(), 2950)
        block(100)
        assert.strictEqual(probe.read(), 50)
      })
    )
  )

  it.effect("is seen where it is real", () =>
    Effect.scoped(
      Effect.gen(function* () {
        vi.useRealTimers()
        vi.restoreAllMocks()
        const probe = yield* open
        const blockedUntil = performance.now() + 100
        while (performance.now() < blockedUntil);
        assert.isAtLeast(probe.read(), 50)
      })
    )
  )

  it.effect("is measured no more when the scope has ended", () =>
    Effect.gen(function* () {
      yield* Effect.scoped(open)
      assert.strictEqual(vi.getTimerCount(), 0)
    })
  )
})

describe("A probe that was split", () => {
  it("tells each reader the longest delay since that reader has read", () => {
    const delays = [300, 100, 0, 200, 0, 0]
    const [one, other] = split({ read: () => delays.shift() ?? assert.fail("it is read too often") })
    assert.strictEqual(one.read(), 300)
    assert.strictEqual(one.read(), 100)
    assert.strictEqual(other.read(), 300)
    assert.strictEqual(other.read(), 200)
    assert.strictEqual(one.read(), 200)
    assert.strictEqual(other.read(), 0)
  })
})
