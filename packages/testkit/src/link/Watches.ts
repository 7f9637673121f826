/**
 * How watches fare on a link.
 *
 * @since 0.1.0
 */
import type { Bucket, WatchEvent } from "@parti/core/CoordinationStore"
import * as Revision from "@parti/core/Revision"
import * as Arr from "effect/Array"
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { type Link, pass, type Store, within } from "./Link.ts"

type Events = Arr.NonEmptyReadonlyArray<WatchEvent>

/**
 * Watches a store over a link.
 *
 * @category operations
 * @since 0.1.0
 */
export const watch = (
  link: Link,
  inner: Store,
  bucket: Bucket,
  patterns: ReadonlyArray<string>
): ReturnType<Store["watch"]> =>
  Stream.suspend(() => {
    const shown = new Set<string>()
    return Effect.gen(function* () {
      const pull = yield* Stream.toPull(inner.watch(bucket, patterns))
      const whenCut = Effect.andThen(Deferred.await(link.cut), losePlace(link))
      const shows = Effect.flatMap(pull, (events) => show(link, events))
      // The cut comes first: a store that always has something to show would otherwise win for ever.
      return Stream.fromPull(Effect.succeed(Effect.raceFirst(whenCut, shows)))
    }).pipe(Stream.unwrap, Stream.mapArray(withGone(shown)), Stream.forever)
  })

const losePlace = (link: Link) =>
  Effect.suspend(() => {
    link.faults.Relisted += 1
    return Cause.done()
  })

/** What the store has to show passes here: late, thinned out, or not at all. */
const show = (link: Link, events: Events) =>
  Effect.gen(function* () {
    const { rates } = link
    const [held, coalesced, relisted] = [link.draw(), link.draw(), link.draw()]
    const [delay, hold] = [link.draw(), link.draw()]
    yield* pass(within(rates.latencyMs, delay))
    if (held < rates.held) {
      link.faults.Held += 1
      yield* pass(within(rates.heldMs, hold))
    }
    yield* link.watchesPass.await
    // A watch that lost its place again and again at its very beginning would never show anything.
    if (relisted < rates.relisted && events[0]._tag !== "Opened") return yield* losePlace(link)
    const thinned = coalesced < rates.coalesced ? newestOfEach(events) : events
    if (thinned.length < events.length) link.faults.Coalesced += 1
    return thinned
  })

/** A listing must be complete when it ends, so what belongs to one is left as it is. */
const newestOfEach = (events: Events): Events => {
  if (events.some(({ _tag }) => _tag !== "Entry")) return events
  const newest = new Map(events.map((event, i) => [keyOf(event), i]))
  const [first, ...rest] = events.filter((event, i) => newest.get(keyOf(event)) === i)
  return first === undefined ? events : [first, ...rest]
}

const keyOf = (event: WatchEvent): string => (event._tag === "Entry" ? event.key : event._tag)

/** Says at the end of a new listing which of the keys that were shown before have gone meanwhile. */
const withGone = (shown: Set<string>) => {
  let listed: Set<string> | null = null
  return (events: Events): Events =>
    Arr.flatMap(events, (event): Events => {
      switch (event._tag) {
        case "Opened":
          listed = new Set()
          return [event]
        case "Entry":
          if (event.value === null) {
            shown.delete(event.key)
          } else {
            shown.add(event.key)
            listed?.add(event.key)
          }
          return [event]
        case "Synced": {
          const gone = [...shown].filter((key) => listed?.has(key) === false)
          listed = null
          for (const key of gone) shown.delete(key)
          return Arr.append(gone.map(entryOfGone), event)
        }
      }
    })
}

const entryOfGone = (key: string): WatchEvent => ({ _tag: "Entry", key, revision: Revision.absent, value: null })
