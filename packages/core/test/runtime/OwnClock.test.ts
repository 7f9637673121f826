import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect } from "effect"
import fc from "fast-check"
import * as OwnClock from "../../src/runtime/OwnClock.ts"

/** A pair of clocks that are set by hand, in milliseconds. */
const byHand = () => {
  const now = { monotonic: 5_000, wall: 1_700_000_000_000 }
  const unused = () => assert.fail("the own clock reads the other clocks")
  const clock: Clock.Clock = {
    currentTimeMillisUnsafe: () => Math.floor(now.wall),
    currentTimeMillis: Effect.sync(() => Math.floor(now.wall)),
    monotonicTimeNanosUnsafe: () => BigInt(Math.round(now.monotonic * 1e6)),
    monotonicTimeNanos: Effect.sync(() => BigInt(Math.round(now.monotonic * 1e6))),
    currentTimeNanosUnsafe: unused,
    currentTimeNanos: Effect.sync(unused),
    sleep: () => Effect.sync(unused)
  }
  const own = Effect.runSync(Effect.provideService(OwnClock.make, Clock.Clock, clock))
  const pass = (monotonicMs: number, wallMs: number) => {
    now.monotonic += monotonicMs
    now.wall += wallMs
    return own.stamp()
  }
  return { now, own, pass }
}

describe("A worker's own clock", () => {
  it("starts at zero and follows the monotonic clock", () => {
    const { own, pass, now } = byHand()
    assert.deepStrictEqual(own.stamp(), { at: 0, wall: now.wall })
    assert.strictEqual(pass(250, 250).at, 250)
    assert.strictEqual(pass(1_000, 1_000).at, 1_250)
  })

  it("jumps ahead with the wall clock after the machine was suspended", () => {
    const { pass } = byHand()
    assert.strictEqual(pass(10, 60_010).at, 60_010)
    assert.strictEqual(pass(10, 10).at, 60_020)
  })

  it("neither goes back nor stands still when the wall clock is set back", () => {
    const { pass } = byHand()
    assert.strictEqual(pass(1_000, -3_600_000).at, 1_000)
    assert.strictEqual(pass(1_000, 1_000).at, 2_000)
    assert.strictEqual(pass(0, 30_000).at, 32_000, "a suspension after that is still noticed")
  })

  it("does not run fast because the wall clock is read in whole milliseconds", () => {
    const { now, own } = byHand()
    const start = { ...now }
    for (let step = 1; step <= 100_000; step++) {
      now.monotonic = start.monotonic + step / 10
      now.wall = start.wall + step / 10
      own.stamp()
    }
    assert.approximately(own.stamp().at, 10_000, 1)
  })

  it("never goes back, and is never behind either clock", () => {
    const passing = fc.tuple(fc.integer({ min: 0, max: 20_000 }), fc.integer({ min: -20_000, max: 20_000 }))
    fc.assert(
      fc.property(fc.array(passing, { maxLength: 50 }), (steps) => {
        const { pass } = byHand()
        let before = 0
        for (const [monotonicMs, wallMs] of steps) {
          const { at } = pass(monotonicMs, wallMs)
          assert.isAtLeast(at, before + Math.max(0, monotonicMs))
          // A wall clock that creeps back by less than the wobble may hide as much of a later jump.
          assert.isAtLeast(at, before + wallMs - 100)
          before = at
        }
      }),
      { seed: 20_261_123, numRuns: 500 }
    )
  })
})
