/**
 * A watch that a check reads at its own pace.
 *
 * @since 0.1.0
 */
import type { Bucket, WatchEvent } from "@parti/core/CoordinationStore"
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { type Store, text } from "./Rule.ts"

/**
 * What the events add up to: what its reader believes to be in the bucket.
 *
 * @category models
 * @since 0.1.0
 */
export interface View {
  readonly incarnation: string
  readonly isSynced: boolean
  readonly values: ReadonlyMap<string, string>
  readonly gone: ReadonlySet<string>
}

/**
 * What a watch has shown so far, and the means to wait for more.
 *
 * @category models
 * @since 0.1.0
 */
export interface Watching {
  readonly events: ReadonlyArray<WatchEvent>
  /** What is believed now; goes on changing. */
  readonly view: View
  /** Reads on until the watch has shown enough. */
  readonly until: (isEnough: (view: View) => boolean) => Effect.Effect<void, unknown>
  /** Reads on until the key has this value; `null`: until it was shown to be gone. */
  readonly untilShown: (key: string, value: string | null) => Effect.Effect<void, unknown>
}

/**
 * How long a check waits for what a watch must show. No healthy store needs nearly so long for anything asked of it here.
 *
 * @category references
 * @since 0.1.0
 */
export const Patience = Context.Reference<Duration.Input>("@parti/testkit/Patience", {
  defaultValue: () => "20 seconds"
})

/**
 * Opens a watch and reads up to `Synced`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const open = (
  store: Store,
  bucket: Bucket,
  patterns: ReadonlyArray<string>
): Effect.Effect<Watching, unknown, Scope.Scope> =>
  Effect.gen(function* () {
    const patience = yield* Patience
    const pull = yield* Stream.toPull(store.watch(bucket, patterns))
    const events: Array<WatchEvent> = []
    const view = { incarnation: "", isSynced: false, values: new Map<string, string>(), gone: new Set<string>() }
    const read = Effect.map(pull, (next) => {
      events.push(...next)
      for (const event of next) believe(view, event)
    })
    const until: Watching["until"] = (isEnough) =>
      Effect.gen(function* () {
        while (!isEnough(view)) yield* read
      }).pipe(
        Effect.timeoutOrElse({
          duration: patience,
          orElse: () => Effect.die(new Error(`waited in vain, having seen ${tell(events)}`))
        })
      )
    yield* until(({ isSynced }) => isSynced)
    return {
      events,
      view,
      until,
      untilShown: (key, value) =>
        until(({ gone, values }) => (value === null ? gone.has(key) : values.get(key) === value))
    }
  })

/**
 * Names the first rule that a sequence of events breaks, or `null`.
 *
 * **Details**
 *
 * A listing begins with `Opened` and ends with one `Synced`; within a listing and after it, revisions rise. An entry that
 * only says what has gone meanwhile stands outside that order.
 *
 * @category validation
 * @since 0.1.0
 */
export const fault = (events: ReadonlyArray<WatchEvent>): string | null => {
  let phase: "Closed" | "Listing" | "Following" = "Closed"
  let last = 0
  for (const event of events) {
    switch (event._tag) {
      case "Opened":
        phase = "Listing"
        last = 0
        break
      case "Synced":
        if (phase !== "Listing") return `Synced while ${phase}: ${tell(events)}`
        phase = "Following"
        break
      case "Entry":
        if (phase === "Closed") return `an entry before Opened: ${tell(events)}`
        if (phase === "Listing" && event.value === null) break
        if (event.revision <= last) return `revision ${event.revision} after ${last}: ${tell(events)}`
        last = event.revision
    }
  }
  return null
}

interface Belief extends View {
  incarnation: string
  isSynced: boolean
  readonly values: Map<string, string>
  readonly gone: Set<string>
}

const believe = (belief: Belief, event: WatchEvent): void => {
  switch (event._tag) {
    case "Opened":
      belief.incarnation = event.incarnation
      belief.isSynced = false
      break
    case "Synced":
      belief.isSynced = true
      break
    case "Entry":
      if (event.value === null) {
        belief.values.delete(event.key)
        belief.gone.add(event.key)
      } else {
        belief.values.set(event.key, text(event.value))
        belief.gone.delete(event.key)
      }
  }
}

/** The last few events in one line: what came before them is seldom what is wrong. */
const tell = (events: ReadonlyArray<WatchEvent>): string => {
  const shown = events.slice(-20).map((event) => {
    if (event._tag !== "Entry") return event._tag
    return `${event.key}@${event.revision}${event.value === null ? " gone" : ""}`
  })
  return `${events.length > shown.length ? "… " : ""}${shown.join(", ")}`
}
