/**
 * The one thing the runtime knows of the store, for those who write another one.
 *
 * **Example** (What a store's three refusals mean to whoever writes)
 *
 * ```ts
 * import { CoordinationStore } from "@parti/core"
 * import * as Revision from "@parti/core/Revision"
 * import { Effect } from "effect"
 *
 * type Refusal =
 *   | CoordinationStore.RevisionMismatch
 *   | CoordinationStore.StoreUnavailable
 *   | CoordinationStore.ValueTooLarge
 *
 * // A write whose fate is unknown may land later: to send it again is safe against the same revision only.
 * const mayRepeat = (refusal: Refusal) => refusal._tag === "StoreUnavailable"
 *
 * const replace = (bucket: CoordinationStore.Bucket, key: string, value: Uint8Array, expected: Revision.Revision) =>
 *   Effect.gen(function* () {
 *     const store = yield* CoordinationStore.CoordinationStore
 *     return yield* store.write(bucket, key, value, { expected }).pipe(Effect.retry({ while: mayRepeat, times: 3 }))
 *   })
 * const create = replace("plan", "control.pause", new Uint8Array([1]), Revision.absent)
 *
 * // Where a cache of a watch has to begin anew.
 * const isAnotherBucket = (event: CoordinationStore.WatchEvent, known: string) =>
 *   event._tag === "Opened" && event.incarnation !== known
 * ```
 *
 * @since 0.1.0
 */
export * from "./runtime/CoordinationStore.ts"
