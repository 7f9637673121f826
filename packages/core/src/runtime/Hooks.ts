/**
 * Calls the user's hooks: in order, one at a time, and without harm to the worker.
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"
import type { WorkerState } from "../protocol/Manager.ts"
import { HookFailed, type Problem } from "./Errors.ts"
import * as OwnAssignment from "./OwnAssignment.ts"

/**
 * A worker went from one state to another.
 *
 * @category models
 * @since 0.1.0
 */
export interface StateChange {
  readonly from: WorkerState
  readonly to: WorkerState
}

/**
 * What the user wants to be told.
 *
 * **Details**
 *
 * Hooks are called one after the other, in the order of what happened, each once. A hook that fails is reported; one
 * that does not end within 10 seconds is interrupted, reported and left behind. Up to 1,024 calls wait their turn;
 * beyond that the oldest are dropped, and the changes of the assignment that are told next include what was dropped.
 *
 * **Gotchas** A hook is no place to stop work on a partition: by the time it is called the handler has been told.
 *
 * @category models
 * @since 0.1.0
 */
export interface Hooks {
  readonly onAssignmentChanged?: (change: OwnAssignment.AssignmentChange) => Effect.Effect<unknown, unknown>
  readonly onStateChanged?: (change: StateChange) => Effect.Effect<unknown, unknown>
  readonly onLeaderChanged?: (isLeader: boolean) => Effect.Effect<unknown, unknown>
  readonly onError?: (problem: Problem) => Effect.Effect<unknown, unknown>
}

/**
 * Something to tell.
 */
type News =
  | { readonly _tag: "AssignmentChanged"; readonly assignment: OwnAssignment.Assignment }
  | ({ readonly _tag: "StateChanged" } & StateChange)
  | { readonly _tag: "LeaderChanged"; readonly isLeader: boolean }
  | { readonly _tag: "ProblemArisen"; readonly problem: Problem }

/**
 * The hooks of one worker, at work.
 *
 * @category models
 * @since 0.1.0
 */
export interface Caller {
  readonly tell: (news: News) => Effect.Effect<void>
  /** Takes no more news, and waits until the last has been told, for as long as one call may take. */
  readonly finish: Effect.Effect<void>
}

const capacity = 1024
const patienceMs = 10_000

interface Call {
  readonly hook: keyof Hooks
  readonly effect: Effect.Effect<unknown, unknown>
}

/**
 * Makes a caller of hooks. `failed` is told of each call that went wrong.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (
  hooks: Hooks,
  failed: (problem: HookFailed) => Effect.Effect<void>
): Effect.Effect<Caller, never, Scope.Scope> =>
  Effect.gen(function* () {
    const queue = yield* Queue.sliding<News, Cause.Done>(capacity)
    let told = OwnAssignment.none
    const next = Effect.gen(function* () {
      const news = yield* Queue.take(queue)
      const call = callFor(hooks, told, news)
      if (news._tag === "AssignmentChanged") told = news.assignment
      if (call !== null) yield* perform(call, failed)
    })
    const calling = yield* Effect.forever(next).pipe(Effect.ignore, Effect.forkScoped)
    return {
      tell: (news) => Effect.asVoid(Queue.offer(queue, news)),
      finish: Effect.andThen(Queue.end(queue), Effect.timeoutOption(Fiber.await(calling), patienceMs)).pipe(
        Effect.asVoid
      )
    }
  })

const callFor = (hooks: Hooks, told: OwnAssignment.Assignment, news: News): Call | null => {
  switch (news._tag) {
    case "AssignmentChanged": {
      const change = OwnAssignment.between(told, news.assignment)
      if (change.added.length + change.removed.length === 0) return null
      return prepare("onAssignmentChanged", hooks.onAssignmentChanged, change)
    }
    case "StateChanged":
      return prepare("onStateChanged", hooks.onStateChanged, { from: news.from, to: news.to })
    case "LeaderChanged":
      return prepare("onLeaderChanged", hooks.onLeaderChanged, news.isLeader)
    case "ProblemArisen":
      return prepare("onError", hooks.onError, news.problem)
  }
}

const prepare = <A>(
  hook: keyof Hooks,
  f: ((argument: A) => Effect.Effect<unknown, unknown>) | undefined,
  argument: A
): Call | null => (f === undefined ? null : { hook, effect: Effect.suspend(() => f(argument)) })

/** In a fiber of its own: one that cannot be interrupted is left behind. */
const perform = ({ effect, hook }: Call, failed: (problem: HookFailed) => Effect.Effect<void>): Effect.Effect<void> =>
  Effect.gen(function* () {
    const fiber = yield* Effect.forkDetach(effect)
    const exit = yield* Effect.timeoutOption(Fiber.await(fiber), patienceMs).pipe(
      Effect.onInterrupt(() => Effect.sync(() => fiber.interruptUnsafe()))
    )
    if (Option.isNone(exit)) {
      fiber.interruptUnsafe()
      yield* failed(new HookFailed({ hook, cause: new Error(`it did not end within ${patienceMs} ms`) }))
    } else if (Exit.isFailure(exit.value)) {
      yield* failed(new HookFailed({ hook, cause: exit.value.cause }))
    }
  })
