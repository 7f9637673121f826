/**
 * What happened in a process, in the process's own words: one line for each event, which outlives the process.
 *
 * **Example** (A worker process that tells all that the judge must know)
 *
 * ```ts
 * import { FleetJournal } from "@parti/testkit"
 *
 * const problem = ({ message, name }: Error): FleetJournal.Entry => ({ _tag: "ProblemArisen", name, text: message })
 *
 * // The first line is written before anything is done for the partition, the last after everything.
 * const record = async (journal: FleetJournal.Writer, partition: string, token: number) => {
 *   journal.write({ _tag: "RunBegan", partition, token })
 *   try {
 *     await workOn(partition, token)
 *   } catch (error) {
 *     if (error instanceof Error) journal.write(problem(error))
 *   } finally {
 *     journal.write({ _tag: "RunEnded", partition, token })
 *   }
 * }
 *
 * const obey = ({ life, onTold, write }: FleetJournal.Own) =>
 *   onTold((text) => void write({ _tag: "Noted", what: "told", value: `${life}: ${text}` }))
 *
 * const journal = FleetJournal.ofProcess()
 * obey(journal)
 * await record(journal, "eu", 7)
 * ```
 *
 * **Example** (A supervisor of one's own, and a history that is kept for a test)
 *
 * ```ts
 * import { FleetJournal, FleetJudge } from "@parti/testkit"
 * import { spawn } from "node:child_process"
 * import { readFileSync, writeFileSync } from "node:fs"
 *
 * const { file, life } = FleetJournal.variables
 * const start = (name: string) =>
 *   spawn(process.execPath, ["worker.js"], { env: { ...process.env, [file]: `${name}.jsonl`, [life]: name } })
 *
 * // What is no event is left out, as is a last line that a kill cut off.
 * const read = (name: string): ReadonlyArray<FleetJournal.Stamped> =>
 *   readFileSync(`${name}.jsonl`, "utf8")
 *     .split("\n")
 *     .flatMap((line) => FleetJournal.parse(line, name) ?? [])
 *
 * const { overlaps } = FleetJudge.judge(["one", "two"].flatMap(read))
 *
 * const keep = (name: string) =>
 *   writeFileSync(`kept-${name}.jsonl`, read(name).map(({ at, entry }) => FleetJournal.render(entry, at)).join(""))
 * if (overlaps.length > 0) ["one", "two"].forEach(keep)
 * ```
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { closeSync, openSync, writeSync } from "node:fs"
import { createInterface } from "node:readline"

const Partition = Schema.String
const Count = Schema.Int

const run = { partition: Partition, token: Schema.Int }
const handling = { ...run, sequence: Schema.Int, attempt: Count }
const life = { life: Schema.String }

/** What a worker process says of itself. */
const ofWorkers = [
  Schema.TaggedStruct("Ready", { worker: Schema.NullOr(Schema.String) }),
  Schema.TaggedStruct("StateChanged", { state: Schema.String, worker: Schema.NullOr(Schema.String) }),
  Schema.TaggedStruct("LeaderChanged", { isLeader: Schema.Boolean }),
  Schema.TaggedStruct("RunBegan", run),
  Schema.TaggedStruct("RunStopping", run),
  Schema.TaggedStruct("RunEnded", run),
  Schema.TaggedStruct("MessageBegan", handling),
  Schema.TaggedStruct("MessageEnded", { ...handling, outcome: Schema.Literals(["done", "late", "refused", "failed"]) }),
  Schema.TaggedStruct("BlockBegan", {}),
  Schema.TaggedStruct("BlockEnded", {}),
  Schema.TaggedStruct("ProblemArisen", { name: Schema.String, text: Schema.String }),
  Schema.TaggedStruct("Noted", { what: Schema.String, value: Schema.Unknown }),
  Schema.TaggedStruct("Stopping", {}),
  Schema.TaggedStruct("Stopped", {})
] as const

/** What is known only outside: what was done to the processes and to the world, what there was to do, what arrived. */
const ofSupervisors = [
  Schema.TaggedStruct("ProcessStarted", { ...life, process: Schema.String }),
  Schema.TaggedStruct("ProcessPaused", life),
  Schema.TaggedStruct("ProcessResumed", life),
  Schema.TaggedStruct("ProcessTerminated", life),
  Schema.TaggedStruct("ProcessKilled", life),
  Schema.TaggedStruct("ProcessExited", {
    ...life,
    code: Schema.NullOr(Schema.Int),
    signal: Schema.NullOr(Schema.String)
  }),
  Schema.TaggedStruct("FaultBegan", { fault: Schema.String }),
  Schema.TaggedStruct("FaultEnded", { fault: Schema.String }),
  Schema.TaggedStruct("Published", { partition: Partition, through: Count }),
  Schema.TaggedStruct("EffectTaken", { ...run, sequence: Schema.Int, isAccepted: Schema.Boolean }),
  Schema.TaggedStruct("Closing", {})
] as const

/**
 * One event.
 *
 * **Details**
 *
 * Of a worker process:
 *
 * - `Ready`: it takes part in its group. `StateChanged`, `LeaderChanged`: of its worker, and the id that it bears then.
 * - `RunBegan`, `RunStopping`, `RunEnded`: a partition's handler began, was told to stop, has ended. The first is written
 *   before anything is done for the partition, the last after everything.
 * - `MessageBegan`, `MessageEnded`: the same for a message. `sequence` counts a partition's messages from 1. `refused`: by
 *   what it wrote to, for its token. `late`: done, but its handler had been told to give up before, so that it comes again.
 * - `BlockBegan`, `BlockEnded`: around synchronous code that lets nothing else in the process run.
 * - `ProblemArisen`: an error that somebody was told of. `Noted`: anything else, for whoever knows `what`.
 * - `Stopping`, `Stopped`: it was asked to stop, and it has, in good order.
 *
 * Of a supervisor, where `life` is one start of a process:
 *
 * - `ProcessStarted`, `ProcessPaused`, `ProcessResumed`, `ProcessTerminated`, `ProcessKilled`, `ProcessExited`.
 * - `FaultBegan`, `FaultEnded`: something is done to what all processes share.
 * - `Published`: all messages of the partition up to this one are there to be handled.
 * - `EffectTaken`: what a sink with a memory for tokens did with an effect; see `FleetSink`.
 * - `Closing`: what follows is the end of the run, and says nothing about the group.
 *
 * @category models
 * @since 0.1.0
 */
export const Entry = Schema.Union([...ofWorkers, ...ofSupervisors])
/**
 * The type of an event.
 *
 * @category models
 * @since 0.1.0
 */
export type Entry = typeof Entry.Type

/**
 * An event, when it happened, and in whose journal it stands. All journals of a machine share one clock: milliseconds that
 * only rise.
 *
 * @category models
 * @since 0.1.0
 */
export interface Stamped {
  readonly at: number
  readonly by: string
  readonly entry: Entry
}

/**
 * A journal that is being written. `write` returns when the line is with the operating system, so that nothing that it
 * tells of is lost when the process is killed, and tells the time that it wrote.
 *
 * @category models
 * @since 0.1.0
 */
export interface Writer {
  readonly write: (entry: Entry) => number
  readonly close: () => void
}

/**
 * The time by the clock that all processes of a machine share, in milliseconds.
 *
 * @category getters
 * @since 0.1.0
 */
export const now = (): number => Number(process.hrtime.bigint() / 1000n) / 1000

/**
 * Opens a journal; what is in it already stays.
 *
 * **Example**
 *
 * ```ts
 * import { FleetJournal } from "@parti/testkit"
 *
 * const journal = FleetJournal.open("supervisor.jsonl")
 * journal.write({ _tag: "FaultBegan", fault: "the link was cut" })
 * journal.close()
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const open = (file: string): Writer => {
  const descriptor = openSync(file, "a")
  return {
    write: (entry) => {
      const at = now()
      writeSync(descriptor, render(entry, at))
      return at
    },
    close: () => closeSync(descriptor)
  }
}

/**
 * The line for an event, its end included.
 *
 * @category conversions
 * @since 0.1.0
 */
export const render = (entry: Entry, at: number): string => `${JSON.stringify({ at, ...entry })}\n`

/**
 * What stands in a line; `null` if it is no event.
 *
 * @category conversions
 * @since 0.1.0
 */
export const parse = (line: string, by: string): Stamped | null => {
  const value = valueOf(line)
  const entry = decode(value)
  const at = typeof value === "object" && value !== null && "at" in value ? value.at : null
  return entry._tag === "Success" && typeof at === "number" ? { at, by, entry: entry.success } : null
}

const decode = Schema.decodeUnknownResult(Entry)

const valueOf = (line: string): unknown => {
  try {
    return JSON.parse(line)
  } catch {
    // No event has this value, so that the line is told of as any other that is none.
    return null
  }
}

/**
 * The names of the variables that tell a process of a fleet where its journal is, and what this start of it is called.
 *
 * @category constants
 * @since 0.1.0
 */
export const variables = { file: "PARTI_FLEET_JOURNAL", life: "PARTI_FLEET_LIFE" } as const

/**
 * The journal of a process that a fleet has started. `onTold`: calls the listener with each line that the supervisor sends.
 *
 * @category models
 * @since 0.1.0
 */
export interface Own extends Writer {
  readonly life: string
  readonly onTold: (listener: (text: string) => void) => void
}

/**
 * The journal of this process, for programs that a fleet starts. When the supervisor has gone the process ends, so that
 * none is left behind; listening to the supervisor does not keep it alive.
 *
 * **Example** (A worker process that a fleet starts)
 *
 * ```ts
 * import { FleetJournal } from "@parti/testkit"
 *
 * const journal = FleetJournal.ofProcess()
 * journal.write({ _tag: "Ready", worker: "worker-1" })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const ofProcess = (): Own => {
  const { [variables.file]: file, [variables.life]: life } = process.env
  if (file === undefined || life === undefined) {
    throw new Error(`start this program by a fleet: ${variables.file} and ${variables.life} are not set`)
  }
  const lines = createInterface({ input: process.stdin })
  lines.once("error", () => process.exit(1))
  lines.once("close", () => process.exit(1))
  process.stdin.unref()
  return { life, ...open(file), onTold: (listener) => void lines.on("line", listener) }
}
