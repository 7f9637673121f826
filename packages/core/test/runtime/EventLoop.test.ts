import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit, Fiber, Queue, Result } from "effect"
import { TestClock } from "effect/testing"
import * as PartiConfig from "../../src/model/PartiConfig.ts"
import type { Fact } from "../../src/protocol/Event.ts"
import * as Step from "../../src/protocol/Step.ts"
import type { NodeView } from "../../src/protocol/View.ts"
import * as EventLoop from "../../src/runtime/EventLoop.ts"
import * as OwnClock from "../../src/runtime/OwnClock.ts"
import * as Timer from "../../src/runtime/Timer.ts"
import { sticky } from "../../src/strategy/Sticky.ts"
import { quiet } from "./QuietView.ts"

const config = {
  ...Result.getOrThrow(PartiConfig.parse({ group: "test" })),
  boot: "boot",
  seed: 1,
  strategy: sticky()
}

const view: NodeView = { ...quiet, state: "Init" }

/** Counts events; sets a timer at the first one and halts when it is told to stop. */
const counting: EventLoop.Machine<number> = {
  initial: () => 0,
  transition: (_, count, event) => {
    switch (event._tag) {
      case "Started":
        return Step.next(count + 1, { _tag: "SetTimer", at: event.at + 500 })
      case "StopRequested":
        return Step.next(count + 1, { _tag: "Halt", outcome: { _tag: "Stopped", released: true } })
      case "TimerFired":
        return Step.next(count + 1)
      default:
        return Step.ignore(count, "NothingDue")
    }
  },
  view: () => view,
  breach: () => null,
  leading: () => null
}

const start = (machine: EventLoop.Machine<number>) =>
  Effect.gen(function* () {
    const clock = yield* OwnClock.make
    const facts = yield* Queue.unbounded<Fact>()
    const log: Array<string> = []
    const timer = yield* Timer.make(clock, Effect.asVoid(Queue.offer(facts, { _tag: "TimerFired" })))
    const loop = yield* EventLoop.run({
      machine,
      config,
      clock,
      facts,
      execute: (command) => {
        log.push(command._tag)
        return command._tag === "SetTimer" ? timer.set(command.at) : Effect.void
      },
      observe: ({ event, ignored }) =>
        Effect.sync(() => void log.push(`${event.at} ${event._tag} ${ignored ?? ""}`.trim()))
    }).pipe(Effect.forkChild)
    const offer = (fact: Fact) => Queue.offer(facts, fact)
    return { loop, log, offer }
  })

describe("The loop", () => {
  it.effect("takes facts in order, stamps them when it takes them, and gives orders before it tells anybody", () =>
    Effect.gen(function* () {
      const { log, loop, offer } = yield* start(counting)
      yield* offer({ _tag: "Started" })
      yield* TestClock.adjust(250)
      yield* offer({ _tag: "PlanSynced" })
      yield* TestClock.adjust(1000)
      yield* offer({ _tag: "StopRequested", intent: "leave" })
      assert.deepStrictEqual(yield* Fiber.join(loop), { _tag: "Stopped", released: true })
      assert.deepStrictEqual(log, [
        "SetTimer",
        "0 Started",
        "250 PlanSynced NothingDue",
        "500 TimerFired",
        "Halt",
        "1250 StopRequested"
      ])
    })
  )

  it.effect("takes nothing more after the machine has halted", () =>
    Effect.gen(function* () {
      const { log, loop, offer } = yield* start(counting)
      yield* offer({ _tag: "StopRequested", intent: "leave" })
      yield* offer({ _tag: "Started" })
      yield* Fiber.join(loop)
      assert.deepStrictEqual(log, ["Halt", "0 StopRequested"])
    })
  )

  it.effect("ends as a defect, and orders nothing, when an invariant does not hold", () =>
    Effect.gen(function* () {
      const breach = () => ({ rule: "S2", detail: "a token fell" }) as const
      const { log, loop, offer } = yield* start({ ...counting, breach })
      yield* offer({ _tag: "Started" })
      const exit = yield* Fiber.await(loop)
      assert.isTrue(Exit.hasDies(exit))
      assert.include(Exit.isFailure(exit) ? Cause.pretty(exit.cause) : "", "S2 does not hold: a token fell")
      assert.deepStrictEqual(log, [])
    })
  )
})

describe("The timer", () => {
  it.effect("fires once, when what was set last has come", () =>
    Effect.gen(function* () {
      const clock = yield* OwnClock.make
      const fired: Array<number> = []
      const timer = yield* Timer.make(
        clock,
        Effect.sync(() => void fired.push(clock.stamp().at))
      )
      yield* timer.set(1000)
      yield* timer.set(300)
      yield* timer.set(2000)
      yield* timer.set(2000)
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(fired, [2000])
      yield* timer.set(10)
      assert.lengthOf(fired, 2, "what is due already fires at once")
    })
  )

  it.effect("does not fire after its scope was closed", () =>
    Effect.gen(function* () {
      let fired = 0
      const clock = yield* OwnClock.make
      yield* Effect.scoped(
        Effect.flatMap(
          Timer.make(
            clock,
            Effect.sync(() => void (fired += 1))
          ),
          (timer) => timer.set(1000)
        )
      )
      yield* TestClock.adjust("1 hour")
      assert.strictEqual(fired, 0)
    })
  )
})
