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
import type { Event } from "./Event.ts"
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
  const settled = Settle.settle(config, taught.state, event)
  const commands = [...taught.commands, ...settled.commands]
  const timed = setTimer(config, settled.state, event)
  const isQuiet = commands.length === 0 && timed.commands.length === 0 && settled.ignored !== null
  return isQuiet && taught.ignored !== null
    ? Step.ignore(timed.state, taught.ignored)
    : Step.next(timed.state, ...commands, ...timed.commands)
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

const setTimer = (config: Config, state: State, event: Event): Step.Step<State> => {
  if (state.life._tag === "Halted") return Step.next(state)
  const at = Settle.wakeAt(config, state, event)
  if (!Number.isFinite(at) || at === state.timerAt) return Step.next(state)
  const command: Command = { _tag: "SetTimer", at }
  return Step.next<State>({ ...state, timerAt: at }, command)
}
