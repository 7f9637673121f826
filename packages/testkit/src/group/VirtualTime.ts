/**
 * Time and turns from one seed: a clock that stands still while anybody has something to do, and a scheduler that draws who
 * is next.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import type { Scheduler } from "effect/Scheduler"
import assert from "node:assert/strict"
import { setImmediate as macrotask } from "node:timers/promises"
import * as Random from "../simulation/Random.ts"

/**
 * What is under way: fibers that have not ended, and sleepers that have not been woken.
 *
 * @category models
 * @since 0.1.0
 */
export interface Census {
  readonly fibers: number
  readonly sleepers: number
}

/**
 * A clock and a scheduler that belong together.
 *
 * @category models
 * @since 0.1.0
 */
export interface VirtualTime {
  /** Milliseconds since it was made. */
  readonly now: () => number
  readonly clock: Clock.Clock
  readonly census: () => Census
  /**
   * Runs an effect to its end, and whatever it leaves behind for as long as that needs no time. Rejects when nobody can
   * ever go on.
   */
  readonly run: <A, E>(effect: Effect.Effect<A, E>) => Promise<Exit.Exit<A, E>>
}

/** A year like any other, so that versions are what they are in real life. */
const epochMs = 1_700_000_000_000

/** More turns at one instant are an endless loop. */
const mostTurns = 100_000

/** How many steps a fiber may take before it must let others have a turn; which of them the seed says. */
const strides = [3, 5, 10, 40, 400] as const

interface Sleeper {
  readonly at: number
  readonly order: number
  readonly wake: () => void
}

class Turns {
  readonly #random: Random.Random
  readonly #stride: number
  readonly #ready: Array<() => void> = []
  readonly #sleepers = new Set<Sleeper>()
  readonly #fibers = new Set<Fiber.Fiber<unknown, unknown>>()
  #pruneAt = 1000
  #order = 0
  nowMs = 0

  constructor(seed: number) {
    this.#random = Random.make(seed, "turns")
    this.#stride = this.#random.pick(strides)
  }

  readonly scheduler: Scheduler = {
    executionMode: "async",
    shouldYield: (fiber) => {
      this.#note(fiber)
      return fiber.currentOpCount >= this.#stride
    },
    makeDispatcher: () => ({
      scheduleTask: (task) => void this.#ready.push(task),
      flush: () => this.#takeTurns()
    })
  }

  census(): Census {
    this.#prune()
    return { fibers: this.#fibers.size, sleepers: this.#sleepers.size }
  }

  /** Returns a function that takes the sleeper away. */
  sleep(ms: number, wake: () => void): () => void {
    const sleeper: Sleeper = { at: this.nowMs + Math.max(0, ms), order: (this.#order += 1), wake }
    this.#sleepers.add(sleeper)
    return () => void this.#sleepers.delete(sleeper)
  }

  async drive(isDone: () => boolean): Promise<void> {
    for (;;) {
      this.#takeTurns()
      // Promises take their turns now, and may give somebody else one.
      await macrotask()
      if (this.#ready.length > 0) continue
      if (isDone()) return
      this.#advance()
    }
  }

  #note(fiber: Fiber.Fiber<unknown, unknown>): void {
    this.#fibers.add(fiber)
    if (this.#fibers.size < this.#pruneAt) return
    this.#prune()
    this.#pruneAt = 1000 + 2 * this.#fibers.size
  }

  #prune(): void {
    for (const fiber of this.#fibers) if (fiber.pollUnsafe() !== undefined) this.#fibers.delete(fiber)
  }

  #takeTurns(): void {
    for (let turn = 0; this.#ready.length > 0; turn++) {
      assert.ok(turn < mostTurns, `at ${this.nowMs} ms somebody goes round and round, and time cannot pass`)
      const [task] = this.#ready.splice(this.#random.between(0, this.#ready.length - 1), 1)
      task?.()
    }
  }

  #advance(): void {
    const at = Math.min(...[...this.#sleepers].map((one) => one.at))
    assert.ok(Number.isFinite(at), `at ${this.nowMs} ms everybody waits, and nothing is to come`)
    this.nowMs = Math.max(this.nowMs, at)
    for (const sleeper of this.#sleepers) {
      if (sleeper.at > this.nowMs) continue
      this.#sleepers.delete(sleeper)
      this.#ready.push(sleeper.wake)
    }
  }
}

/**
 * Makes a time that begins now.
 *
 * **Details**
 *
 * Everything that is ready is given its turn, in an order drawn from the seed, before the clock goes on to the next sleeper.
 * Promises are given theirs in between, as long as they wait for nothing outside.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (seed: number): VirtualTime => {
  const turns = new Turns(seed)
  const sleep = (ms: number) =>
    Effect.callback<void>((resume) => {
      const cancel = turns.sleep(ms, () => resume(Effect.void))
      return Effect.sync(cancel)
    })
  const clock = clockOf(() => turns.nowMs, epochMs, sleep)
  return {
    now: () => turns.nowMs,
    clock,
    census: () => turns.census(),
    run: async (effect) => {
      const fiber = Effect.runFork(Effect.provideService(effect, Clock.Clock, clock), { scheduler: turns.scheduler })
      await turns.drive(() => fiber.pollUnsafe() !== undefined)
      const exit = fiber.pollUnsafe()
      assert.ok(exit !== undefined, "what was driven to its end has ended")
      return exit
    }
  }
}

/**
 * A clock that reads what it is told. `wallMs` is what the wall clock shows when the reading is 0.
 *
 * @category constructors
 * @since 0.1.0
 */
export const clockOf = (
  readMs: () => number,
  wallMs: number,
  sleep: (ms: number) => Effect.Effect<void>
): Clock.Clock => {
  const millis = () => Math.floor(wallMs + readMs())
  const nanos = (ms: number) => BigInt(Math.round(ms * 1e6))
  const wallNanos = () => nanos(readMs()) + BigInt(wallMs) * 1_000_000n
  return {
    currentTimeMillisUnsafe: millis,
    currentTimeMillis: Effect.sync(millis),
    currentTimeNanosUnsafe: wallNanos,
    currentTimeNanos: Effect.sync(wallNanos),
    monotonicTimeNanosUnsafe: () => nanos(readMs()),
    monotonicTimeNanos: Effect.sync(() => nanos(readMs())),
    sleep: (duration) => sleep(Duration.toMillis(duration))
  }
}

/**
 * Sleeps by a clock, whatever clock the fiber has.
 *
 * @category operations
 * @since 0.1.0
 */
export const sleepOn = (clock: Clock.Clock, ms: number): Effect.Effect<void> => clock.sleep(Duration.millis(ms))
