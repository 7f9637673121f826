/**
 * What the store's keys and patterns may look like, for those who write a store.
 *
 * **Example** (The doors of a store of one's own)
 *
 * ```ts
 * import * as StoreKey from "@parti/core/StoreKey"
 * import { Effect } from "effect"
 *
 * // A bad key is a mistake of the program: nobody could handle it as an error.
 * const demand = (fault: string | null) => (fault === null ? Effect.void : Effect.die(new Error(fault)))
 *
 * const listeners = new Map<string, Set<(key: string) => void>>()
 *
 * const watch = (patterns: ReadonlyArray<string>, listener: (key: string) => void) =>
 *   Effect.map(demand(StoreKey.faultOfPatterns(patterns)), () => {
 *     // Patterns may overlap, and a change is shown once.
 *     for (const pattern of StoreKey.disjoint(patterns))
 *       listeners.set(pattern, (listeners.get(pattern) ?? new Set()).add(listener))
 *   })
 *
 * const put = (key: string) =>
 *   Effect.map(demand(StoreKey.fault(key)), () => {
 *     for (const pattern of StoreKey.patternsOf(key)) listeners.get(pattern)?.forEach((listener) => listener(key))
 *   })
 * ```
 *
 * @since 0.1.0
 */
export * from "./runtime/StoreKey.ts"
