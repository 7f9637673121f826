/**
 * Reads the journals of a folder while they are being written.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import { closeSync, fstatSync, openSync, readdirSync, readSync } from "node:fs"
import { join } from "node:path"
import * as FleetJournal from "../FleetJournal.ts"

/**
 * A line of a journal is no event, and not because its writer was cut off.
 *
 * @category errors
 * @since 0.1.0
 */
export class JournalUnreadable extends Data.TaggedError("JournalUnreadable")<{
  readonly journal: string
  readonly line: string
}> {
  override get message(): string {
    return `the journal of ${this.journal} has a line that is no event: ${this.line.slice(0, 200)}`
  }
}

/**
 * What reads the journals.
 *
 * @category models
 * @since 0.1.0
 */
export interface JournalReader {
  /** What was written since the last call, by time. */
  readonly read: Effect.Effect<ReadonlyArray<FleetJournal.Stamped>, JournalUnreadable>
  /** The journals that end in the middle of a line: that of a process that was killed while it wrote may. */
  readonly torn: () => ReadonlyArray<string>
  readonly close: () => void
}

/**
 * How journals are called: after the life that writes them.
 *
 * @category constants
 * @since 0.1.0
 */
export const extension = ".ndjson"

const newline = 10

interface Source {
  readonly by: string
  readonly descriptor: number
  position: number
  pending: Buffer
}

/**
 * A reader of all journals in a folder, those to come included.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (directory: string): JournalReader => {
  const sources = new Map<string, Source>()

  const discover = (): void => {
    for (const name of readdirSync(directory)) {
      if (!name.endsWith(extension) || sources.has(name)) continue
      const by = name.slice(0, -extension.length)
      const descriptor = openSync(join(directory, name), "r")
      sources.set(name, { by, descriptor, position: 0, pending: Buffer.alloc(0) })
    }
  }

  return {
    read: Effect.suspend(() => {
      discover()
      const found: Array<FleetJournal.Stamped> = []
      for (const source of sources.values()) {
        for (const line of linesOf(source)) {
          const stamped = FleetJournal.parse(line, source.by)
          if (stamped === null) return new JournalUnreadable({ journal: source.by, line })
          found.push(stamped)
        }
      }
      return Effect.succeed(found.sort((left, right) => left.at - right.at))
    }),
    torn: () => [...sources.values()].filter(({ pending }) => pending.length > 0).map(({ by }) => by),
    close: () => {
      for (const { descriptor } of sources.values()) closeSync(descriptor)
      sources.clear()
    }
  }
}

/** The lines that have been completed since the last time. */
const linesOf = (source: Source): ReadonlyArray<string> => {
  const size = fstatSync(source.descriptor).size - source.position
  if (size <= 0) return []
  const chunk = Buffer.alloc(size)
  const count = readSync(source.descriptor, chunk, 0, size, source.position)
  source.position += count
  const all = Buffer.concat([source.pending, chunk.subarray(0, count)])
  const end = all.lastIndexOf(newline) + 1
  source.pending = all.subarray(end)
  return end === 0 ? [] : all.toString("utf8", 0, end - 1).split("\n")
}
