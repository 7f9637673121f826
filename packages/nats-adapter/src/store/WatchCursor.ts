/**
 * How far a watch has come, across the consumers that it goes through.
 *
 * @since 0.1.0
 */
import type { WatchEvent } from "@parti/core/CoordinationStore"
import * as Revision from "@parti/core/Revision"
import type { PushSignal } from "./PushSignal.ts"

/**
 * Where the next consumer has to start: behind what was shown, or with the newest of each key.
 *
 * @category models
 * @since 0.1.0
 */
export type Start = { readonly _tag: "Resume"; readonly sequence: number } | { readonly _tag: "List" }

type Entry = Extract<WatchEvent, { readonly _tag: "Entry" }>

interface Listing {
  readonly listed: Set<string>
  /** Whatever comes at or behind this sequence was written after the listing began. */
  readonly through: number
}

/**
 * Turns what consumers deliver into what a watch shows, and finds out when something is missing.
 *
 * **Details**
 *
 * A consumer numbers what it sends, so a gap shows with the next message; its heartbeats tell the last number, so a gap at
 * the end shows too. Until a listing is complete nothing is resumed: it begins anew.
 *
 * @category models
 * @since 0.1.0
 */
export class WatchCursor {
  #incarnation = ""
  #sequence = 0
  #delivery = 0
  #listing: Listing | null = null
  #isSynced = false
  readonly #known = new Map<string, Revision.Revision>()

  /** A new consumer takes over. Resumes in the same incarnation, if it may; lists everything otherwise. */
  begin(incarnation: string, lastSequence: number, mayResume: boolean): Start {
    this.#delivery = 0
    if (mayResume && this.#isSynced && incarnation === this.#incarnation) {
      return { _tag: "Resume", sequence: this.#sequence + 1 }
    }
    this.#incarnation = incarnation
    this.#isSynced = false
    this.#sequence = 0
    this.#listing = { listed: new Set(), through: lastSequence }
    return { _tag: "List" }
  }

  /** The server has made the consumer, and says how much it has sent and will send. */
  created(totalCount: number): ReadonlyArray<WatchEvent> {
    return this.#listing !== null && totalCount === 0 ? this.#sync(this.#listing) : []
  }

  /** Takes a change; `null` when one before it is missing. */
  take(change: Extract<PushSignal, { readonly _tag: "Change" }>): ReadonlyArray<WatchEvent> | null {
    if (change.delivery !== this.#delivery + 1) return null
    this.#delivery = change.delivery
    this.#sequence = change.sequence
    const listing = this.#listing
    const events: Array<WatchEvent> = []
    // A marker in a listing tells of a key that is absent: that is shown only to who has seen it, at the end.
    if (change.value !== null || listing === null) {
      const { key, sequence, value, writtenAt } = change
      events.push({ ...this.#show(key, sequence, value), writtenAt })
    }
    if (listing === null) return events
    if (change.value !== null) listing.listed.add(change.key)
    const isComplete = change.pendingCount === 0 || change.sequence >= listing.through
    return isComplete ? [...events, ...this.#sync(listing)] : events
  }

  /** Whether the consumer has sent more than came. */
  isBehind(lastDelivery: number): boolean {
    return lastDelivery > this.#delivery
  }

  /** The revision at which a key was last shown; `Revision.absent` when it was not, or as gone. */
  revisionOf(key: string): Revision.Revision {
    return this.#known.get(key) ?? Revision.absent
  }

  #show(key: string, revision: Revision.Revision, value: Uint8Array | null): Entry {
    if (value === null) this.#known.delete(key)
    else this.#known.set(key, revision)
    return { _tag: "Entry", key, revision, value }
  }

  #sync({ listed }: Listing): ReadonlyArray<WatchEvent> {
    this.#listing = null
    this.#isSynced = true
    const gone = [...this.#known.keys()].filter((key) => !listed.has(key))
    return [...gone.map((key) => this.#show(key, Revision.absent, null)), { _tag: "Synced" }]
  }
}
