/**
 * The one thing the runtime knows of the store.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Stream from "effect/Stream"
import type { Revision } from "../model/Revision.ts"

/**
 * A group has two buckets: `live` holds leases, which age away when nobody renews them; `plan` holds what must last.
 *
 * @category models
 * @since 0.1.0
 */
export type Bucket = "live" | "plan"

/**
 * What a watch shows.
 *
 * - `Opened`: a listing begins. Another `incarnation` than before means that the bucket was lost or set back.
 * - `Entry`: the newest value of a key, or `null` when it is gone. What is gone is absent, whatever revision is shown: in a
 *   listing it may be `Revision.absent`, as nobody knows when the key went. `writtenAt`, where the store can tell, is when the
 *   value was written, in milliseconds of the store's own wall clock: shown to people, and trusted by nobody.
 * - `Synced`: everything there was has been shown; from here on come changes.
 *
 * @category models
 * @since 0.1.0
 */
export type WatchEvent =
  | { readonly _tag: "Opened"; readonly incarnation: string }
  | {
      readonly _tag: "Entry"
      readonly key: string
      readonly revision: Revision
      readonly value: Uint8Array | null
      readonly writtenAt?: number
    }
  | { readonly _tag: "Synced" }

/**
 * The key was not at the revision that the write expected. Safe to try again after the watch has shown what is there.
 *
 * @category errors
 * @since 0.1.0
 */
export class RevisionMismatch extends Schema.TaggedError<RevisionMismatch>()("RevisionMismatch", {
  bucket: Schema.Literals(["live", "plan"]),
  key: Schema.String,
  expected: Schema.Int
}) {
  override get message(): string {
    return `${this.bucket}/${this.key} is no longer at revision ${this.expected}; watch the key before writing again`
  }
}

/**
 * The store gave no usable answer. `outcome` says whether the write may nevertheless have landed, now or later.
 *
 * @category errors
 * @since 0.1.0
 */
export class StoreUnavailable extends Schema.TaggedError<StoreUnavailable>()("StoreUnavailable", {
  operation: Schema.Literals(["write", "put", "remove", "watch", "open"]),
  outcome: Schema.Literals(["NotApplied", "Unknown"]),
  reason: Schema.String,
  cause: Schema.optionalKey(Schema.Defect())
}) {
  override get message(): string {
    const landed = this.outcome === "Unknown" ? "the write may have landed" : "nothing was written"
    return `the store did not answer a ${this.operation}: ${this.reason}; ${landed}`
  }
}

/**
 * The value is larger than the store takes. Nothing was written.
 *
 * @category errors
 * @since 0.1.0
 */
export class ValueTooLarge extends Schema.TaggedError<ValueTooLarge>()("ValueTooLarge", {
  key: Schema.String,
  bytes: Schema.Int,
  maxBytes: Schema.Int
}) {
  override get message(): string {
    return `${this.key} has ${this.bytes} bytes, and the store takes ${this.maxBytes}; raise the server's max_payload or use fewer partitions`
  }
}

/**
 * A bucket exists with settings that Parti cannot work with.
 *
 * @category errors
 * @since 0.1.0
 */
export class StoreMisconfigured extends Schema.TaggedError<StoreMisconfigured>()("StoreMisconfigured", {
  bucket: Schema.String,
  setting: Schema.String,
  is: Schema.String,
  shouldBe: Schema.String
}) {
  override get message(): string {
    return `bucket ${this.bucket}: ${this.setting} is ${this.is} and should be ${this.shouldBe}; change it, or choose another group name`
  }
}

/**
 * Small values under revisions, shared by all workers of one group.
 *
 * **Contract**
 *
 * - Writes to one bucket are totally ordered, and their revisions rise. A bucket that was lost and made anew goes on from
 *   above: otherwise a write that was under way meanwhile might meet the revision it expects, and undo what came after.
 * - `write` succeeds only if the key is at `expected`; `Revision.absent` means "there must be no such key". A removed or
 *   aged key is absent.
 * - `watch` shows `Opened`, the newest entry of each key that matches, `Synced`, then every later change. Both are in the
 *   order of the writes, also across keys. It may leave out values that were overtaken, never the newest; between one
 *   `Opened` and the next it never repeats or reorders. It goes on by itself after a lost connection: either where it was,
 *   or from `Opened` again, and then shows keys that have gone meanwhile as `null` before `Synced`.
 * - A key of the `live` bucket ages away when it was not written for the bucket's age limit, possibly without notice.
 * - Patterns: an exact key (`leader`), or a prefix that ends in `.>` (`worker.>`). They may overlap; a change is shown once.
 * - Keys have letters, digits and `- / _ = .`, without empty parts between dots. Another key, another pattern, or none at
 *   all is a mistake of the program: the operation dies.
 * - A value is any bytes, none included. What was handed over may be changed afterwards; what is shown may not.
 *
 * **Gotchas**
 *
 * After `StoreUnavailable` with outcome `Unknown` the write may still land *later*: only a compare-and-set against the same
 * revision makes that harmless.
 *
 * **Example** (A store of one's own)
 *
 * ```ts
 * import { CoordinationStore, MemoryStore, Parti } from "@parti/core"
 * import { Effect, Layer } from "effect"
 *
 * // Here the store in memory stands for the one that you write.
 * const Own = Layer.effect(CoordinationStore.CoordinationStore, MemoryStore.make())
 * const Worker = Parti.layer({ group: "orders", partitions: [{ keys: ["eu"] }] }).pipe(Layer.provide(Own))
 * Effect.runFork(Layer.launch(Worker))
 * ```
 *
 * @category services
 * @since 0.1.0
 */
export class CoordinationStore extends Context.Service<
  CoordinationStore,
  {
    /** Compare-and-set. */
    readonly write: (
      bucket: Bucket,
      key: string,
      value: Uint8Array,
      options: { readonly expected: Revision }
    ) => Effect.Effect<Revision, RevisionMismatch | StoreUnavailable | ValueTooLarge>
    /** Writes whatever is there. */
    readonly put: (
      bucket: Bucket,
      key: string,
      value: Uint8Array
    ) => Effect.Effect<Revision, StoreUnavailable | ValueTooLarge>
    /** Removes a key that nobody reads any more; one that is not there is no error. Never used on a lease. */
    readonly remove: (bucket: Bucket, key: string) => Effect.Effect<void, StoreUnavailable>
    /** The newest values, then every change. Fails only for what waiting does not cure. */
    readonly watch: (
      bucket: Bucket,
      patterns: ReadonlyArray<string>
    ) => Stream.Stream<WatchEvent, StoreUnavailable | StoreMisconfigured>
  }
>()("@parti/core/CoordinationStore") {}
