/**
 * Work for the handlers of a simulated group: a log of messages for each partition, and a sink that checks tokens.
 *
 * @since 0.1.0
 */
import type { Run } from "./Ledger.ts"

/**
 * What became of the messages. A message is handled when a result for it was written.
 *
 * @category models
 * @since 0.1.0
 */
export interface WorkReport {
  /** Messages that could be had. */
  readonly offered: number
  /** Messages that were handled at least once. */
  readonly handled: number
  /** Acknowledged, and never handled: nobody will look at them again. */
  readonly lost: number
  /** Handled again, beyond the first time: as it must be for those in hand at a crash. */
  readonly duplicated: number
  /** Handled again although they had been acknowledged. */
  readonly repeated: number
  /** Handled for the first time after a later message of their partition. */
  readonly reordered: number
  /** Neither handled nor acknowledged when the simulation ended. */
  readonly left: number
  /** Writes and acknowledgements that were refused, because a higher token had been there. */
  readonly staleEffects: number
  /** Writes and acknowledgements of a run that had ended, refused or not. */
  readonly lateEffects: number
}

interface Shelf {
  committed: number
  highestToken: number
  lastHandled: number
  readonly timesHandled: Map<number, number>
}

/**
 * The messages of all partitions, numbered from 1 in each, one every `everyMs` until `untilMs`.
 *
 * @category models
 * @since 0.1.0
 */
export class Work {
  readonly #now: () => number
  readonly #everyMs: number
  readonly #untilMs: number
  readonly #shelves: ReadonlyMap<string, Shelf>
  #isUsed = false
  #repeated = 0
  #reordered = 0
  #staleEffects = 0
  #lateEffects = 0

  constructor(
    partitions: ReadonlyArray<string>,
    now: () => number,
    { everyMs, untilMs }: { readonly everyMs: number; readonly untilMs: number }
  ) {
    this.#now = now
    this.#everyMs = everyMs
    this.#untilMs = untilMs
    this.#shelves = new Map(
      partitions.map((id) => [id, { committed: 0, highestToken: 0, lastHandled: 0, timesHandled: new Map() }])
    )
  }

  /** The highest message of a partition that was acknowledged. */
  committed(partition: string): number {
    return this.#shelf(partition).committed
  }

  /** How long until a message can be had; infinite for one that never comes. */
  waitMs(offset: number): number {
    this.#isUsed = true
    const at = offset * this.#everyMs
    return at > this.#untilMs ? Number.POSITIVE_INFINITY : Math.max(0, at - this.#now())
  }

  /** Whether the sink took it. */
  write(run: Run, offset: number): boolean {
    const shelf = this.#shelf(run.partition)
    if (!this.#admits(run, shelf)) return false
    const times = shelf.timesHandled.get(offset) ?? 0
    if (times > 0 && offset <= shelf.committed) this.#repeated += 1
    if (times === 0 && offset < shelf.lastHandled) this.#reordered += 1
    shelf.timesHandled.set(offset, times + 1)
    shelf.lastHandled = Math.max(shelf.lastHandled, offset)
    return true
  }

  /** Acknowledges all messages of a partition up to one. */
  acknowledge(run: Run, offset: number): boolean {
    const shelf = this.#shelf(run.partition)
    if (!this.#admits(run, shelf)) return false
    shelf.committed = Math.max(shelf.committed, offset)
    return true
  }

  /** `null` if no handler ever asked for a message. */
  report(): WorkReport | null {
    if (!this.#isUsed) return null
    const perPartition = Math.floor(Math.min(this.#now(), this.#untilMs) / this.#everyMs)
    const shelves = [...this.#shelves.values()]
    const sum = (of: (shelf: Shelf) => number) => shelves.reduce((total, shelf) => total + of(shelf), 0)
    const handled = sum(({ timesHandled }) => timesHandled.size)
    const lost = sum(({ committed, timesHandled }) => countUpTo(committed, (offset) => !timesHandled.has(offset)))
    const offered = perPartition * shelves.length
    return {
      offered,
      handled,
      lost,
      duplicated: sum(({ timesHandled }) => [...timesHandled.values()].reduce((all, times) => all + times - 1, 0)),
      repeated: this.#repeated,
      reordered: this.#reordered,
      left: offered - handled - lost,
      staleEffects: this.#staleEffects,
      lateEffects: this.#lateEffects
    }
  }

  #admits(run: Run, shelf: Shelf): boolean {
    if (run.hasEnded) this.#lateEffects += 1
    if (run.token < shelf.highestToken) {
      // One that overslept could not know; that is what the token is for.
      if (!run.hasOverslept) this.#staleEffects += 1
      return false
    }
    shelf.highestToken = run.token
    return true
  }

  #shelf(partition: string): Shelf {
    const shelf = this.#shelves.get(partition)
    if (shelf === undefined) throw new Error(`the group has no partition ${partition}`)
    return shelf
  }
}

const countUpTo = (last: number, matches: (offset: number) => boolean): number => {
  let count = 0
  for (let offset = 1; offset <= last; offset++) if (matches(offset)) count += 1
  return count
}
