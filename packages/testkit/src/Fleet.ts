/**
 * Groups of real processes, for tests of what is built on several of them: start, pause and kill them, and judge what they
 * did by what they wrote down.
 *
 * **Example** (A rolling update, and what is kept of one that fails)
 *
 * ```ts
 * import { Fleet } from "@parti/testkit"
 * import { Effect } from "effect"
 * import { writeFileSync } from "node:fs"
 *
 * const options: Fleet.FleetOptions = { script: "worker.js", partitions: ["eu", "us"], patienceMs: 60_000 }
 *
 * const replace = (fleet: Fleet.Fleet, old: Fleet.FleetProcess): Effect.Effect<void, Fleet.FleetError> =>
 *   Effect.gen(function* () {
 *     yield* old.terminate
 *     yield* old.exited
 *     const next = yield* fleet.start(old.name)
 *     yield* next.ready
 *   })
 *
 * const update = Effect.gen(function* () {
 *   const fleet = yield* Fleet.make(options)
 *   for (const name of ["one", "two", "three"]) yield* fleet.start(name)
 *   for (const old of [...fleet.processes()]) yield* replace(fleet, old)
 *   yield* fleet.finish
 * })
 *
 * // The report has what the processes printed last, for whoever sees only what the build has kept.
 * const program = Effect.scoped(update).pipe(
 *   Effect.tapError((error: Fleet.FleetError) =>
 *     Effect.sync(() => {
 *       if (error instanceof Fleet.FleetFailed) writeFileSync("update.log", error.report)
 *     })
 *   )
 * )
 * ```
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Child from "./fleet/Child.ts"
import * as JournalReader from "./fleet/JournalReader.ts"
import * as Stopped from "./fleet/Stopped.ts"
import * as FleetJournal from "./FleetJournal.ts"
import * as FleetJudge from "./FleetJudge.ts"

/**
 * A process did not do what it was told, or something that was waited for did not happen. `report`: what the processes
 * printed at last, and what the judge had found by then.
 *
 * @category errors
 * @since 0.1.0
 */
export class FleetFailed extends Data.TaggedError("FleetFailed")<{ readonly reason: string; readonly report: string }> {
  override get message(): string {
    return `${this.reason}\n${this.report}`
  }
}

/**
 * What can go wrong with a fleet.
 *
 * @category errors
 * @since 0.1.0
 */
export type FleetError = FleetFailed | JournalReader.JournalUnreadable

/**
 * How a fleet starts its processes.
 *
 * **Details**
 *
 * - `script`: what Node runs. It keeps its journal by `FleetJournal.ofProcess`. `execArgv`: Node's own arguments.
 * - `wrapper`: a command, with arguments, that Node is started by.
 * - `env`: variables besides those of this process.
 * - `directory`: where journals and logs are kept (default: a temporary folder, which is removed with the scope).
 * - `partitions`: all that must have an owner, for the judge.
 * - `patienceMs`: how long anything is waited for (default 20,000).
 *
 * @category models
 * @since 0.1.0
 */
export interface FleetOptions {
  readonly script: string
  readonly execArgv?: ReadonlyArray<string>
  readonly wrapper?: ReadonlyArray<string>
  readonly env?: Readonly<Record<string, string>>
  readonly directory?: string
  readonly partitions?: ReadonlyArray<string>
  readonly patienceMs?: number
}

/**
 * One start of a process and what can be done to it. The end of the scope kills it, whatever was done.
 *
 * **Details**
 *
 * - `ready`: waits until it says so in its journal. Fails when it ends instead.
 * - `kill`: SIGKILL, until it has ended. `terminate`: SIGTERM; `exited` waits for its end.
 * - `pause`, `resume`: SIGSTOP, until it stands; and SIGCONT.
 * - `tell`: sends it a line.
 *
 * @category models
 * @since 0.1.0
 */
export interface FleetProcess {
  /** The name that it was started by, and that of this start. */
  readonly name: string
  readonly life: string
  readonly pid: number
  readonly isRunning: () => boolean
  readonly ready: Effect.Effect<void, FleetError>
  readonly kill: Effect.Effect<void>
  readonly terminate: Effect.Effect<void>
  readonly pause: Effect.Effect<void, FleetError>
  readonly resume: Effect.Effect<void>
  readonly exited: Effect.Effect<Child.Ending, FleetError>
  readonly tell: (text: string) => Effect.Effect<void>
  /** What it has printed. */
  readonly log: Effect.Effect<string>
}

/**
 * A fleet.
 *
 * **Details**
 *
 * - `start`: starts a process with arguments for the script; `name` may be started again when it has ended.
 * - `journal`: that of the supervisor, for what is done to the world, and what there is to do.
 * - `events`: all that was read from the journals so far but messages, runs and effects. `judge`: who has heard everything.
 * - `refresh`: reads on. `until`: reads on until something is true, and fails with `what` when that takes too long.
 * - `close`: what follows is no longer judged as the group's work.
 * - `finish`: reads the rest. Only a process that was killed may have left a line undone.
 *
 * @category models
 * @since 0.1.0
 */
export interface Fleet {
  readonly start: (
    name: string,
    args?: ReadonlyArray<string>,
    options?: Pick<FleetOptions, "wrapper" | "env">
  ) => Effect.Effect<FleetProcess, FleetFailed>
  readonly processes: () => ReadonlyArray<FleetProcess>
  readonly journal: Pick<FleetJournal.Writer, "write">
  readonly events: ReadonlyArray<FleetJournal.Stamped>
  readonly judge: FleetJudge.Judge
  readonly refresh: Effect.Effect<ReadonlyArray<FleetJournal.Stamped>, JournalReader.JournalUnreadable>
  readonly until: (what: string, isTrue: () => boolean, patienceMs?: number) => Effect.Effect<void, FleetError>
  readonly close: Effect.Effect<void>
  readonly finish: Effect.Effect<void, FleetError>
}

const pollMs = 10

/**
 * A fleet without processes.
 *
 * **Example** (Kill one of two)
 *
 * ```ts
 * import { Fleet, FleetJudge } from "@parti/testkit"
 * import { Effect } from "effect"
 *
 * const program = Effect.scoped(Effect.gen(function* () {
 *   const fleet = yield* Fleet.make({ script: "worker.js", partitions: ["eu", "us"] })
 *   const [one, two] = [yield* fleet.start("one"), yield* fleet.start("two")]
 *   yield* Effect.all([one.ready, two.ready])
 *   yield* one.kill
 *   yield* fleet.until("the other has both", () => fleet.judge.running(two.life) === 2)
 *   yield* fleet.finish
 *   return FleetJudge.breaches.all(fleet.judge.account())
 * }))
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (options: FleetOptions): Effect.Effect<Fleet, never, Scope.Scope> =>
  Effect.gen(function* () {
    const directory = yield* place(options.directory)
    const journal = yield* Effect.acquireRelease(
      Effect.sync(() => FleetJournal.open(join(directory, `supervisor${JournalReader.extension}`))),
      ({ close }) => Effect.sync(close)
    )
    const reader = yield* Effect.acquireRelease(
      Effect.sync(() => JournalReader.make(directory)),
      ({ close }) => Effect.sync(close)
    )
    const processes: Array<FleetProcess> = []
    // Runs before the folder is removed.
    yield* Effect.addFinalizer(() => Effect.forEach(processes, ({ kill }) => kill, { discard: true }))
    return supervise({ options, directory, journal, reader, processes })
  })

const place = (directory: string | undefined): Effect.Effect<string, never, Scope.Scope> =>
  directory === undefined
    ? Effect.acquireRelease(
        Effect.sync(() => mkdtempSync(join(tmpdir(), "parti-fleet-"))),
        (made) => Effect.sync(() => rmSync(made, { recursive: true, force: true, maxRetries: 5 }))
      )
    : Effect.sync(() => {
        mkdirSync(directory, { recursive: true })
        return directory
      })

interface Post {
  readonly options: FleetOptions
  readonly directory: string
  readonly journal: FleetJournal.Writer
  readonly reader: JournalReader.JournalReader
  readonly processes: Array<FleetProcess>
}

/** What is too much to be kept, and what the judge keeps the sum of. */
const isMany = ({ entry }: FleetJournal.Stamped): boolean => "partition" in entry

const supervise = ({ directory, journal, options, processes, reader }: Post): Fleet => {
  const events: Array<FleetJournal.Stamped> = []
  const judge = FleetJudge.make(options.partitions === undefined ? {} : { partitions: options.partitions })
  const lifeCounts = new Map<string, number>()

  const refresh = Effect.map(reader.read, (records) => {
    judge.take(records)
    for (const each of records) if (!isMany(each)) events.push(each)
    return records
  })
  const failed = (reason: string): Effect.Effect<never, FleetFailed> =>
    Effect.flatMap(report(processes, judge), (told) => new FleetFailed({ reason, report: told }))
  const until: Fleet["until"] = (what, isTrue, patienceMs = options.patienceMs ?? 20_000) =>
    Effect.map(refresh, isTrue).pipe(
      Effect.repeat({ schedule: Schedule.spaced(pollMs), until: (answer) => answer }),
      Effect.timeoutOrElse({ duration: patienceMs, orElse: () => failed(`in ${patienceMs} ms not so: ${what}`) }),
      Effect.asVoid
    )

  const start: Fleet["start"] = (name, args = [], { env, wrapper } = {}) =>
    Effect.suspend(() => {
      const count = (lifeCounts.get(name) ?? 0) + 1
      lifeCounts.set(name, count)
      const life = `${name}.${count}`
      const [path = process.execPath, ...rest] = [
        ...(wrapper ?? options.wrapper ?? []),
        process.execPath,
        ...(options.execArgv ?? []),
        options.script,
        ...args
      ]
      const own = {
        [FleetJournal.variables.file]: join(directory, `${life}${JournalReader.extension}`),
        [FleetJournal.variables.life]: life
      }
      const logFile = join(directory, `${life}.log`)
      const child = Child.start({ path, args: rest, env: { ...process.env, ...options.env, ...env, ...own }, logFile })
      if (child === null) return failed(`${path} does not start`)
      journal.write({ _tag: "ProcessStarted", life, process: name })
      void child.exited.then((ending) => journal.write({ _tag: "ProcessExited", life, ...ending }))
      const made = handle({ name, life, child, logFile, journal, events, until, failed })
      processes.push(made)
      return Effect.succeed(made)
    })

  return {
    start,
    processes: () => processes,
    journal,
    events,
    judge,
    refresh,
    until,
    close: Effect.sync(() => void journal.write({ _tag: "Closing" })),
    finish: Effect.andThen(
      refresh,
      Effect.suspend(() => {
        const killed = events.flatMap(({ entry }) => (entry._tag === "ProcessKilled" ? [entry.life] : []))
        const torn = reader.torn().filter((life) => !killed.includes(life))
        return torn.length === 0
          ? Effect.void
          : failed(`the last line is incomplete in the journal of ${torn.join(", ")}`)
      })
    )
  }
}

interface Made {
  readonly name: string
  readonly life: string
  readonly child: Child.Child
  readonly logFile: string
  readonly journal: FleetJournal.Writer
  readonly events: ReadonlyArray<FleetJournal.Stamped>
  readonly until: Fleet["until"]
  readonly failed: (reason: string) => Effect.Effect<never, FleetFailed>
}

const handle = ({ child, events, failed, journal, life, logFile, name, until }: Made): FleetProcess => {
  const isRunning = (): boolean => child.ending() === null
  const isReady = (): boolean => events.some(({ by, entry }) => by === life && entry._tag === "Ready")
  const exited = until(`${life} has ended`, () => !isRunning()).pipe(Effect.andThen(Effect.promise(() => child.exited)))
  return {
    name,
    life,
    pid: child.pid,
    isRunning,
    exited,
    ready: Effect.andThen(
      until(`${life} is ready`, () => isReady() || !isRunning()),
      Effect.suspend(() => (isReady() ? Effect.void : failed(`${life} ended before it was ready`)))
    ),
    kill: Effect.suspend(() => {
      if (!isRunning()) return Effect.void
      child.signal("SIGKILL")
      journal.write({ _tag: "ProcessKilled", life })
      return Effect.asVoid(Effect.promise(() => child.exited))
    }),
    terminate: Effect.sync(() => {
      if (!isRunning()) return
      journal.write({ _tag: "ProcessTerminated", life })
      child.signal("SIGTERM")
    }),
    pause: Effect.sync(() => child.signal("SIGSTOP")).pipe(
      Effect.andThen(Stopped.isStopped(child.pid)),
      Effect.repeat({ schedule: Schedule.spaced(1), until: (answer) => answer || !isRunning() }),
      Effect.timeoutOrElse({ duration: "10 seconds", orElse: () => failed(`${life} does not stand still`) }),
      Effect.map(() => void journal.write({ _tag: "ProcessPaused", life }))
    ),
    // Written before it can run again, so that no time in which it ran is taken for its pause.
    resume: Effect.sync(() => {
      journal.write({ _tag: "ProcessResumed", life })
      child.signal("SIGCONT")
    }),
    tell: (text) => Effect.sync(() => child.tell(text)),
    log: Effect.sync(() => readFileSync(logFile, "utf8"))
  }
}

const report = (processes: ReadonlyArray<FleetProcess>, judge: FleetJudge.Judge): Effect.Effect<string> =>
  Effect.gen(function* () {
    const account = judge.account(FleetJournal.now())
    const lines = [`handled ${account.handled} of ${account.published}`, ...FleetJudge.breaches.all(account)]
    for (const { isRunning, life, log } of processes) {
      const printed = yield* Effect.exit(log)
      const text = Exit.isSuccess(printed) ? printed.value.slice(-1500).trimEnd() : ""
      lines.push(
        `${life} ${isRunning() ? "runs" : "has ended"}, with ${judge.running(life)} partitions; printed: ${text}`
      )
    }
    return lines.join("\n")
  })
