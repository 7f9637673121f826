/**
 * The one timer of a worker.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as FiberHandle from "effect/FiberHandle"
import type * as Scope from "effect/Scope"
import type { OwnClock } from "./OwnClock.ts"

/**
 * Fires once when the own clock has reached what was set last.
 *
 * @category models
 * @since 0.1.0
 */
export interface Timer {
  readonly set: (at: number) => Effect.Effect<void>
}

/**
 * Makes a timer that is not set.
 *
 * **Gotchas**
 *
 * It may fire once more after it was set anew, if its time had come just then.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (clock: OwnClock, fired: Effect.Effect<void>): Effect.Effect<Timer, never, Scope.Scope> =>
  Effect.map(FiberHandle.make<void, never>(), (handle) => {
    let setAt: number | null = null
    const wait = (at: number): Effect.Effect<void> =>
      Effect.gen(function* () {
        // The system's timers may fire a little early, and the own clock may have jumped: ask it.
        for (let leftMs = at - clock.stamp().at; leftMs > 0; leftMs = at - clock.stamp().at) yield* Effect.sleep(leftMs)
        setAt = null
        yield* fired
      })
    const set = (at: number) =>
      Effect.suspend(() => {
        if (at === setAt) return Effect.void
        setAt = at
        return Effect.asVoid(FiberHandle.run(handle, wait(at), { startImmediately: true }))
      })
    return { set }
  })
