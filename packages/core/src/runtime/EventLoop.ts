/**
 * The one fiber that decides: it takes facts from a queue, asks the machine, and hands on what the machine orders.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import { assert } from "../model/Assert.ts"
import type { Command, Outcome } from "../protocol/Command.ts"
import type { Config } from "../protocol/Config.ts"
import type { Leading } from "../protocol/DecisionMaking.ts"
import type { Event, Fact, Stamp } from "../protocol/Event.ts"
import type { Breach } from "../protocol/Invariants.ts"
import type { Step } from "../protocol/Step.ts"
import type { NodeView } from "../protocol/View.ts"
import type { OwnClock } from "./OwnClock.ts"

/**
 * A state machine as the loop drives it: pure, and total.
 *
 * @category models
 * @since 0.1.0
 */
export interface Machine<S> {
  readonly initial: (config: Config) => S
  readonly transition: (config: Config, state: S, event: Event) => Step<S>
  readonly view: (state: S, at: number) => NodeView
  /** What a step breaks of all that must always hold; `null` for nothing. */
  readonly breach: (config: Config, before: S, event: Event, step: Step<S>) => Breach | null
  /** What a step shows of the leader's office; `null` where this worker does not lead. */
  readonly leading: (config: Config, step: Step<S>, now: Stamp) => Leading | null
}

/**
 * One event, and what came of it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Turn {
  readonly event: Event
  readonly commands: ReadonlyArray<Command>
  readonly ignored: Step<unknown>["ignored"]
  readonly before: NodeView
  readonly after: NodeView
  readonly leading: Leading | null
}

/**
 * What a loop is made of. `execute` and `observe` are done when they return: they fork what takes time.
 *
 * @category models
 * @since 0.1.0
 */
export interface Parts<S> {
  readonly machine: Machine<S>
  readonly config: Config
  readonly clock: OwnClock
  readonly facts: Queue.Dequeue<Fact>
  readonly execute: (command: Command, after: NodeView) => Effect.Effect<void>
  readonly observe: (turn: Turn) => Effect.Effect<void>
}

/**
 * Runs until the machine halts, and says how it ended.
 *
 * **Details**
 *
 * Facts are taken one at a time and stamped when they are taken. Orders go out before anybody is told: a heartbeat
 * does not wait for a log line. A mistake of the program, in the machine or found by an invariant, ends the loop as a
 * defect: nothing is ordered from a state that must not be.
 *
 * @category running
 * @since 0.1.0
 */
export const run = <S>(parts: Parts<S>): Effect.Effect<Outcome> =>
  Effect.gen(function* () {
    const { clock, config, execute, facts, machine, observe } = parts
    let state = machine.initial(config)
    let before = machine.view(state, clock.stamp().at)
    for (;;) {
      const event: Event = { ...(yield* Queue.take(facts)), ...clock.stamp() }
      const step = machine.transition(config, state, event)
      const breach = machine.breach(config, state, event, step)
      assert(breach === null, `${breach?.rule} does not hold: ${breach?.detail}`)
      state = step.state
      const after = machine.view(state, event.at)
      for (const command of step.commands) yield* execute(command, after)
      const leading = machine.leading(config, step, event)
      yield* observe({ event, commands: step.commands, ignored: step.ignored, before, after, leading })
      before = after
      const halt = step.commands.find((command) => command._tag === "Halt")
      if (halt !== undefined) return halt.outcome
    }
  })
