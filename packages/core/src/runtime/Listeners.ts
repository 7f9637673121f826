/**
 * Whoever wants to be called back.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import { type Problem, UserCodeFailed } from "./Errors.ts"
import type { Hooks, StateChange } from "./Hooks.ts"
import type { AssignmentChange } from "./OwnAssignment.ts"

/**
 * What can be listened to.
 *
 * @category models
 * @since 0.1.0
 */
export interface Events {
  readonly state: StateChange
  readonly assignment: AssignmentChange
  readonly leader: boolean
  readonly error: Problem
}

/**
 * The hooks that tell the listeners.
 *
 * @category conversions
 * @since 0.1.0
 */
export const hooksFor = (listeners: Listeners): Hooks => ({
  onStateChanged: (change) => listeners.tell("state", change),
  onAssignmentChanged: (change) => listeners.tell("assignment", change),
  onLeaderChanged: (isLeader) => listeners.tell("leader", isLeader),
  onError: (problem) => listeners.tell("error", problem)
})

type Listener<K extends keyof Events> = (value: Events[K]) => void

/**
 * The listeners of one worker.
 *
 * @category models
 * @since 0.1.0
 */
export class Listeners {
  readonly #all: { readonly [K in keyof Events]: Set<Listener<K>> } = {
    state: new Set(),
    assignment: new Set(),
    leader: new Set(),
    error: new Set()
  }

  add<K extends keyof Events>(event: K, listener: Listener<K>): () => void {
    // Wrapped, so that one function may be added twice and taken away once.
    const added: Listener<K> = (value) => listener(value)
    this.#all[event].add(added)
    return () => void this.#all[event].delete(added)
  }

  /** Tells everybody, also when one of them throws; the first error is the one that is reported. */
  tell<K extends keyof Events>(event: K, value: Events[K]): Effect.Effect<void, UserCodeFailed> {
    const call = (listener: Listener<K>) =>
      Effect.result(Effect.try({ try: () => listener(value), catch: (cause) => new UserCodeFailed({ cause }) }))
    return Effect.gen({ self: this }, function* () {
      const results = yield* Effect.forEach([...this.#all[event]], call)
      yield* Effect.forEach(results, Effect.fromResult, { discard: true })
    })
  }
}
