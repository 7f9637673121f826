/**
 * Stores, for programs written with promises.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { CoordinationStore } from "./CoordinationStore.ts"
import * as MemoryStore from "./MemoryStore.ts"

/**
 * Where groups keep what they must agree upon.
 *
 * @category models
 * @since 0.1.0
 */
export interface GroupStore {
  /** The store of one group, for as long as the scope is open. */
  readonly open: (group: string) => Effect.Effect<(typeof CoordinationStore)["Service"], unknown, Scope.Scope>
}

/**
 * A store in the memory of this process, for the workers that are given it. Each group has its own.
 *
 * **Example** (A world of its own for each test)
 *
 * ```ts
 * import { createGroupStore, createWorker } from "@parti/core/Worker"
 *
 * const store = createGroupStore()
 * const options = { group: "orders", partitions: [{ keys: ["eu"] }], store }
 * const workers = await Promise.all([createWorker(options), createWorker(options)])
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const createGroupStore = (options?: MemoryStore.Options): GroupStore => {
  const open = Effect.runSync(MemoryStore.makeGroups(options))
  return { open }
}

/**
 * The store of this process, for workers that name no other.
 *
 * @category constants
 * @since 0.1.0
 */
export const shared: GroupStore = createGroupStore()
