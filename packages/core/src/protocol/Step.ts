/**
 * What a reducer returns.
 *
 * @since 0.1.0
 */
import type { Command } from "./Command.ts"

/**
 * Why an event changed nothing. Reasons show up in traces, metrics and the coverage of tests.
 *
 * @category models
 * @since 0.1.0
 */
export type Ignored =
  | "Halted"
  | "NotYetStarted"
  | "AlreadyStarted"
  | "NothingDue"
  | "StaleWatch"
  | "StaleObservation"
  | "NoChange"
  | "AnswerToNobody"
  | "LateAnswer"
  | "AlreadyStopping"

/**
 * The next state, the orders that go with it, and, where nothing changed, the reason.
 *
 * @category models
 * @since 0.1.0
 */
export interface Step<S> {
  readonly state: S
  readonly commands: ReadonlyArray<Command>
  readonly ignored: Ignored | null
}

/**
 * The step that changes the state or gives orders.
 *
 * @category constructors
 * @since 0.1.0
 */
export const next = <S>(state: S, ...commands: ReadonlyArray<Command>): Step<S> => ({ state, commands, ignored: null })

/**
 * The step that does nothing, and says why.
 *
 * @category constructors
 * @since 0.1.0
 */
export const ignore = <S>(state: S, reason: Ignored): Step<S> => ({ state, commands: none, ignored: reason })

/**
 * Orders, and those that follow them. Most steps give none, and build no list of them.
 *
 * @category combinators
 * @since 0.1.0
 */
export const joined = (first: ReadonlyArray<Command>, more: ReadonlyArray<Command>): ReadonlyArray<Command> => {
  if (more.length === 0) return first
  return first.length === 0 ? more : [...first, ...more]
}

const none: ReadonlyArray<Command> = []
