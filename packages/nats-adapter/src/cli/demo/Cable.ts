/**
 * A store that a process can be cut off from.
 *
 * @since 0.1.0
 */
import * as CoordinationStore from "@parti/core/CoordinationStore"
import * as Effect from "effect/Effect"

type Store = (typeof CoordinationStore.CoordinationStore)["Service"]

/**
 * A process's way to the store, until it is cut: after that nothing that it writes arrives.
 *
 * @category models
 * @since 0.1.0
 */
export interface Cable {
  readonly store: Store
  readonly cut: () => void
}

/**
 * A cable to a store.
 *
 * @category constructors
 * @since 0.1.0
 */
export const to = (store: Store): Cable => {
  let isCut = false
  const refusal = (operation: "write" | "put" | "remove") =>
    new CoordinationStore.StoreUnavailable({ operation, outcome: "NotApplied", reason: "the process was killed" })
  return {
    store: {
      write: (...args) => Effect.suspend(() => (isCut ? Effect.fail(refusal("write")) : store.write(...args))),
      put: (...args) => Effect.suspend(() => (isCut ? Effect.fail(refusal("put")) : store.put(...args))),
      remove: (...args) => Effect.suspend(() => (isCut ? Effect.fail(refusal("remove")) : store.remove(...args))),
      watch: store.watch
    },
    cut: () => {
      isCut = true
    }
  }
}
