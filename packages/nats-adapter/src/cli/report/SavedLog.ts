/**
 * The log of decisions as a file: what is in the store, to be read where there is no store.
 *
 * @since 0.1.0
 */
import { CoordinationStore, type StoreMisconfigured, type StoreUnavailable } from "@parti/core/CoordinationStore"
import * as Decision from "@parti/core/Decision"
import * as MemoryStore from "@parti/core/MemoryStore"
import * as StoreKey from "@parti/core/StoreKey"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"

const SavedRecord = Schema.Struct({
  key: Schema.String,
  /** As it is in the store. */
  value: Schema.Uint8ArrayFromBase64
})

const Saved = Schema.Struct({ group: Schema.String, records: Schema.Array(SavedRecord) })

const Text = Schema.fromJsonString(Saved, { space: 2 })

/**
 * What is in such a file: the group, and the records that its log and its plan are read from, in the order of their writes.
 *
 * @category models
 * @since 0.1.0
 */
export type SavedLog = typeof Saved.Type

/** The decisions, what they were decided upon, and the plan, whose list of partitions they may need. */
const patterns = ["plan", "plan.>", "partitions.>", "decision.>", "evidence.>"]

/**
 * Takes it from a store.
 *
 * @category operations
 * @since 0.1.0
 */
export const take = (
  group: string,
  store: CoordinationStore["Service"]
): Effect.Effect<SavedLog, StoreUnavailable | StoreMisconfigured> =>
  Effect.suspend(() => {
    const values = new Map<string, Uint8Array>()
    return store.watch("plan", patterns).pipe(
      Stream.takeUntil(({ _tag }) => _tag === "Synced"),
      Stream.runForEach((seen) =>
        Effect.sync(() => {
          if (seen._tag === "Opened") values.clear()
          if (seen._tag !== "Entry") return
          values.delete(seen.key)
          if (seen.value !== null) values.set(seen.key, seen.value)
        })
      ),
      Effect.map(() => ({
        group,
        records: [...values].map(([key, value]) => ({ key, value }))
      }))
    )
  })

/**
 * The text of the file.
 *
 * @category encoding
 * @since 0.1.0
 */
export const render = (saved: SavedLog): string => `${Schema.encodeSync(Text)(saved)}\n`

/**
 * Reads the text of a file, or says what is wrong with it.
 *
 * @category decoding
 * @since 0.1.0
 */
export const parse = (text: string): Result.Result<SavedLog, string> =>
  Result.mapError(Schema.decodeUnknownResult(Text)(text), () => "it is not what `parti replay --save` writes")

/**
 * The log in it, read as from a store.
 *
 * @category operations
 * @since 0.1.0
 */
export const logbook = ({ records }: SavedLog): Effect.Effect<Decision.Logbook, string> =>
  Effect.gen(function* () {
    const store = yield* MemoryStore.make({ maxValueBytes: Number.POSITIVE_INFINITY })
    for (const { key, value } of records) {
      const fault = StoreKey.fault(key)
      if (fault !== null) return yield* Effect.fail(`it has a record ${JSON.stringify(key)}: ${fault}`)
      yield* store.put("plan", key, value)
    }
    return yield* Effect.provideService(Decision.read, CoordinationStore, store)
  }).pipe(Effect.mapError((error) => (typeof error === "string" ? error : error.message)))
