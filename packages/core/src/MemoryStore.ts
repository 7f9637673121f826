/**
 * The embedded store: a group's two buckets in the memory of one process.
 *
 * **Example** (A test of what happens when the store is lost)
 *
 * ```ts
 * import { MemoryStore } from "@parti/core"
 * import { Effect } from "effect"
 *
 * // Small and quick to forget, so that the test meets both.
 * const options: MemoryStore.Options = { liveMaxAge: "1 second", maxValueBytes: 4096 }
 *
 * const loseEverything = (store: MemoryStore.MemoryStore) =>
 *   Effect.andThen(store.reset("live"), store.reset("plan"))
 *
 * const test = Effect.flatMap(MemoryStore.make(options), loseEverything)
 * ```
 *
 * @since 0.1.0
 */
export * from "./runtime/MemoryStore.ts"
