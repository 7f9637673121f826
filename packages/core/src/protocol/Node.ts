/**
 * One worker of a group, whole: a function from what has happened to what is to be done.
 *
 * **Details**
 *
 * A fact is taken in (`Observe`), then everything that is due is done (`Settle`), then the one timer is set. A timer that
 * fires early, late or twice is harmless: what is due is judged by the time of the event alone.
 *
 * @since 0.1.0
 */
import * as Claim from "./Claim.ts"
import type { Command } from "./Command.ts"
import type { Config } from "./Config.ts"
import * as Election from "./Election.ts"
import type { Event, Stamp } from "./Event.ts"
import * as NodeState from "./NodeState.ts"
import { observe } from "./Observe.ts"
import * as Settle from "./Settle.ts"
import * as Step from "./Step.ts"
import type { NodeView } from "./View.ts"

/**
 * All that one node knows; plain data.
 *
 * @category models
 * @since 0.1.0
 */
export type State = NodeState.State

/**
 * A node before its first event.
 *
 * @category constructors
 * @since 0.1.0
 */
export const initial = (_config: Config): State => NodeState.initial

/**
 * What a node knows and orders after one more event.
 *
 * **Guarantees** Pure and total: the same arguments give the same step, and every event in every state has an answer.
 *
 * @category reducers
 * @since 0.1.0
 */
export const transition = (config: Config, state: State, event: Event): Step.Step<State> => {
  if (state.life._tag === "Halted") return Step.ignore(state, "Halted")
  if (state.life._tag === "Init" && event._tag !== "Started" && event._tag !== "StopRequested") {
    return Step.ignore(state, "NotYetStarted")
  }
  const taught = observe(config, state, event)
  if (taught.state.life._tag === "Halted") return taught
  // What is due depends on the time of the event alone; of one kind it is quicker to read than as part of any event.
  const now: Stamp = { at: event.at, wall: event.wall }
  const settled = Settle.settle(config, taught.state, now)
  const commands = Step.joined(taught.commands, settled.commands)
  const timerAt = timerFor(config, settled.state, now)
  if (timerAt !== null) {
    const timer: Command = { _tag: "SetTimer", at: timerAt }
    return { state: { ...settled.state, timerAt }, commands: [...commands, timer], ignored: null }
  }
  const isQuiet = commands.length === 0 && settled.ignored !== null && taught.ignored !== null
  return { state: settled.state, commands, ignored: isQuiet ? taught.ignored : null }
}

/**
 * What may be seen of a node from outside.
 *
 * @category combinators
 * @since 0.1.0
 */
export const view = (state: State, at: number): NodeView => {
  const held = Claim.held(state.claim)
  return {
    state: state.manager,
    entered: state.entered,
    connection: state.connection.shown,
    workerId: held?.workerId ?? null,
    session: held?.session ?? null,
    leaseUntil: held?.lease.heldUntil ?? null,
    isLeader: state.leadership._tag === "Acting" && Election.serving(state.election, at) !== null,
    plan: state.plan.plan,
    running: state.holdings.running,
    ending: state.holdings.ending
  }
}

/** The date to set the timer to; `null` where it may stay as it is. */
const timerFor = (config: Config, state: State, now: Stamp): number | null => {
  if (state.life._tag === "Halted") return null
  const at = Settle.wakeAt(config, state, now)
  return Number.isFinite(at) && at !== state.timerAt ? at : null
}
