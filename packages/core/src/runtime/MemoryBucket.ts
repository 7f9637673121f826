/**
 * One bucket of the embedded store: keys under revisions, and those who watch them.
 *
 * @since 0.1.0
 */
import type { Revision } from "../model/Revision.ts"
import * as Revisions from "../model/Revision.ts"
import type { WatchEvent } from "./CoordinationStore.ts"
import * as StoreKey from "./StoreKey.ts"

/**
 * How a bucket is made.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** A key that was not written for this long is gone, without notice. */
  readonly maxAgeMs: number
  /** The bucket's only clock, in milliseconds; never goes back. */
  readonly now: () => number
  /** Names one life of the bucket; called once for each. */
  readonly nextIncarnation: () => string
}

type Entry = Extract<WatchEvent, { readonly _tag: "Entry" }>

interface Slot {
  readonly entry: Entry
  readonly writtenAt: number
}

/**
 * A bucket and the few operations that change it, each a single synchronous step.
 *
 * @category models
 * @since 0.1.0
 */
export class MemoryBucket {
  readonly #options: Options
  // A key that is written moves to the end, so the slots stand in the order of their revisions, and of their ages.
  readonly #slots = new Map<string, Slot>()
  readonly #readers = new Map<string, Set<Reader>>()
  #incarnation: string
  #revision: Revision = Revisions.absent
  #nextExpiryAt = Number.POSITIVE_INFINITY

  constructor(options: Options) {
    this.#options = options
    this.#incarnation = options.nextIncarnation()
  }

  /** The newest revision: how many writes and removals the bucket has seen, in all its lives. */
  get revision(): Revision {
    return this.#revision
  }

  /** How many readers are open. */
  get readerCount(): number {
    return this.#allReaders().size
  }

  /** Writes if the key is at `expected`, else gives `null`. */
  write(key: string, value: Uint8Array, expected: Revision): Revision | null {
    this.#expire()
    const current = this.#slots.get(key)?.entry.revision ?? Revisions.absent
    return expected === current ? this.put(key, value) : null
  }

  /** Writes whatever is there. */
  put(key: string, value: Uint8Array): Revision {
    const at = this.#expire()
    // A copy, as the caller may go on using its array; `slice` would not copy a Node.js Buffer.
    const entry = this.#entry(key, new Uint8Array(value))
    this.#slots.delete(key)
    this.#slots.set(key, { entry, writtenAt: at })
    this.#nextExpiryAt = Math.min(this.#nextExpiryAt, at + this.#options.maxAgeMs)
    this.#show(entry)
    return entry.revision
  }

  /** Takes a key away and shows it; what is not there is left alone. */
  remove(key: string): void {
    this.#expire()
    if (this.#slots.delete(key)) this.#show(this.#entry(key, null))
  }

  /** Takes a key away without telling anybody, as an age limit does. */
  vanish(key: string): void {
    this.#slots.delete(key)
  }

  /**
   * Loses everything and begins a new life; every reader starts over. Revisions go on: a write that was sent in the former
   * life must not meet the revision that it expects in this one.
   */
  reset(): void {
    this.#slots.clear()
    this.#incarnation = this.#options.nextIncarnation()
    for (const reader of this.#allReaders()) reader.reopen(this.#incarnation, [])
  }

  /** Begins to read; whoever does must `close`. */
  open(requested: ReadonlyArray<string>): Reader {
    const patterns = StoreKey.disjoint(requested)
    const reader = new Reader(patterns)
    reader.reopen(this.#incarnation, this.#listing(patterns))
    for (const pattern of patterns) {
      const interested = this.#readers.get(pattern)
      if (interested === undefined) this.#readers.set(pattern, new Set([reader]))
      else interested.add(reader)
    }
    return reader
  }

  /** Ends a reader; it is shown nothing more. */
  close(reader: Reader): void {
    for (const pattern of reader.patterns) {
      const interested = this.#readers.get(pattern)
      interested?.delete(reader)
      if (interested?.size === 0) this.#readers.delete(pattern)
    }
  }

  #expire(): number {
    const at = this.#options.now()
    if (at < this.#nextExpiryAt) return at
    this.#nextExpiryAt = Number.POSITIVE_INFINITY
    for (const [key, { writtenAt }] of this.#slots) {
      const expiresAt = writtenAt + this.#options.maxAgeMs
      if (at < expiresAt) {
        this.#nextExpiryAt = expiresAt
        break
      }
      this.#slots.delete(key)
    }
    return at
  }

  /** A reader stands under each of its patterns. */
  #allReaders(): ReadonlySet<Reader> {
    return new Set([...this.#readers.values()].flatMap((each) => [...each]))
  }

  #entry(key: string, value: Uint8Array | null): Entry {
    this.#revision += 1
    return { _tag: "Entry", key, revision: this.#revision, value }
  }

  #show(entry: Entry): void {
    for (const pattern of StoreKey.patternsOf(entry.key)) {
      const interested = this.#readers.get(pattern)
      if (interested !== undefined) for (const reader of interested) reader.push(entry)
    }
  }

  #listing(patterns: ReadonlyArray<string>): ReadonlyArray<Entry> {
    this.#expire()
    const matches = (key: string) => StoreKey.patternsOf(key).some((pattern) => patterns.includes(pattern))
    return [...this.#slots.values()].flatMap(({ entry }) => (matches(entry.key) ? [entry] : []))
  }
}

/** From this many on, what a slow reader has not taken yet is reduced to the newest of each key. */
const slowFrom = 1024

/**
 * One reader of a bucket. What it has not taken yet waits here, and is all that it costs.
 *
 * @category models
 * @since 0.1.0
 */
export class Reader {
  readonly patterns: ReadonlyArray<string>
  // The keys that the reader believes to be there: a new listing without them must say so.
  readonly #shown = new Set<string>()
  #waiting: Array<WatchEvent> = []
  #limit = slowFrom
  #wake: (() => void) | null = null

  constructor(patterns: ReadonlyArray<string>) {
    this.patterns = patterns
  }

  /** Hands over what has come since the last time, if anything. */
  take(): ReadonlyArray<WatchEvent> {
    const taken = this.#waiting
    this.#waiting = []
    this.#limit = slowFrom
    for (const event of taken) {
      if (event._tag !== "Entry") continue
      if (event.value === null) this.#shown.delete(event.key)
      else this.#shown.add(event.key)
    }
    return taken
  }

  /** Calls back once, as soon as there is something to take; the next call replaces this one. */
  onReady(wake: () => void): void {
    this.#wake = wake
    if (this.#waiting.length > 0) this.#ready()
  }

  /** Shows a change. */
  push(entry: Entry): void {
    this.#waiting.push(entry)
    if (this.#waiting.length > this.#limit) {
      this.#waiting = newestOfEach(this.#waiting)
      this.#limit = Math.max(slowFrom, 2 * this.#waiting.length)
    }
    this.#ready()
  }

  /** Shows everything anew, and drops what was still waiting. */
  reopen(incarnation: string, listing: ReadonlyArray<Entry>): void {
    const gone = [...this.#shown].map((key): Entry => ({ _tag: "Entry", key, revision: Revisions.absent, value: null }))
    this.#waiting = [{ _tag: "Opened", incarnation }, ...gone, ...listing, { _tag: "Synced" }]
    this.#ready()
  }

  #ready(): void {
    const wake = this.#wake
    this.#wake = null
    wake?.()
  }
}

/** What is still to be shown goes before `Synced`: who is told that it has seen everything must have. */
const newestOfEach = (events: ReadonlyArray<WatchEvent>): Array<WatchEvent> => {
  const newest = new Map<string, Entry>()
  for (const event of events) {
    if (event._tag !== "Entry") continue
    newest.delete(event.key)
    newest.set(event.key, event)
  }
  return [
    ...events.filter(({ _tag }) => _tag === "Opened"),
    ...newest.values(),
    ...events.filter(({ _tag }) => _tag === "Synced")
  ]
}
