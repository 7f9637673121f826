/**
 * `parti replay`: computes logged decisions again.
 *
 * @since 0.1.0
 */
import type * as Decision from "@parti/core/Decision"
import { Argument, Command, Flag } from "effect/cli"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import { readFileSync, writeFileSync } from "node:fs"
import { type Failure, IllStateFound, UsageInvalid } from "../Failure.ts"
import * as Print from "../Print.ts"
import * as ReplayReport from "../report/ReplayReport.ts"
import * as SavedLog from "../report/SavedLog.ts"
import { root } from "../Root.ts"
import * as Session from "../Session.ts"
import * as Settings from "../Settings.ts"
import { inTime, logbook } from "./Explain.ts"

const number = Argument.Int("decision").pipe(
  Argument.withDescription("The number of one decision; all that are in the log, if none is given"),
  Argument.optional
)

const flags = {
  number,
  save: Flag.String("save").pipe(
    Flag.withDescription("Also write the log to this new file, to be replayed elsewhere"),
    Flag.optional
  ),
  file: Flag.String("file").pipe(
    Flag.withDescription("Replay what --save wrote to this file, without a server"),
    Flag.optional
  )
}

interface Source extends Pick<Decision.Logbook, "decisions" | "unreadable"> {
  readonly group: string
}

const fromGroup = (settings: Settings.Settings): Effect.Effect<Source, Failure, Scope.Scope> =>
  Effect.gen(function* () {
    const group = yield* Settings.group(settings)
    return { group, ...(yield* logbook(settings)) }
  })

/** Written before it is replayed, and replayed from what was written: the file says the same elsewhere. */
const savedFrom = (settings: Settings.Settings, path: string): Effect.Effect<Source, Failure, Scope.Scope> =>
  Effect.gen(function* () {
    const group = yield* Settings.group(settings)
    const store = yield* Session.openStore(settings, yield* Session.connect(settings))
    const saved = yield* inTime(SavedLog.take(group, store), settings)
    yield* Effect.try({
      // Never over a file that is there.
      try: () => writeFileSync(path, SavedLog.render(saved), { flag: "wx" }),
      catch: () =>
        new UsageInvalid({
          reason: `--save: ${path} cannot be made; give a new name, in a folder that you may write to`
        })
    })
    return yield* sourceIn(saved, path)
  })

const fromFile = (path: string): Effect.Effect<Source, UsageInvalid> =>
  Effect.gen(function* () {
    const text = yield* Effect.try({
      try: () => readFileSync(path, "utf8"),
      catch: () => new UsageInvalid({ reason: `--file: ${path} cannot be read; look at its path and its rights` })
    })
    const saved = yield* Effect.mapError(Effect.fromResult(SavedLog.parse(text)), (why) => unfit(path, why))
    return yield* sourceIn(saved, path)
  })

const sourceIn = (saved: SavedLog.SavedLog, path: string): Effect.Effect<Source, UsageInvalid> =>
  Effect.map(
    Effect.mapError(SavedLog.logbook(saved), (why) => unfit(path, why)),
    (found) => ({ group: saved.group, ...found })
  )

const unfit = (path: string, why: string): UsageInvalid =>
  new UsageInvalid({ reason: `${path} is no saved log: ${why}` })

const chosenIn = (
  decisions: Decision.Logbook["decisions"],
  asked: number | null
): Effect.Effect<Decision.Logbook["decisions"], UsageInvalid> => {
  const meant = decisions.filter(({ decision }) => asked === null || decision.number === asked)
  if (asked === null || meant.length > 0) return Effect.succeed(meant)
  const known = decisions.map(({ decision }) => decision.number)
  const range = known.length === 0 ? "none" : `${Math.min(...known)} to ${Math.max(...known)}`
  return Effect.fail(new UsageInvalid({ reason: `the log has no decision ${asked}; it has ${range}` }))
}

/**
 * The command.
 *
 * @category commands
 * @since 0.1.0
 */
export const command = Command.make(
  "replay",
  flags,
  Effect.fnUntraced(function* (given) {
    const settings = yield* root
    const [file, save] = [Option.getOrNull(given.file), Option.getOrNull(given.save)]
    if (file !== null && save !== null) {
      return yield* new UsageInvalid({ reason: "--file reads what --save wrote; give one of them" })
    }
    const reading = file !== null ? fromFile(file) : save !== null ? savedFrom(settings, save) : fromGroup(settings)
    const { decisions, group, unreadable } = yield* reading
    const meant = yield* chosenIn(decisions, Option.getOrNull(given.number))
    const report = ReplayReport.of(group, meant, unreadable)
    yield* Print.report(settings, report, ReplayReport.render)
    const errors = ReplayReport.differing(report)
    if (errors > 0) return yield* new IllStateFound({ errors })
  }, Effect.scoped)
).pipe(
  Command.withDescription("Compute logged decisions again, and compare them byte for byte; changes nothing"),
  Command.withExamples([
    { command: "parti replay --group orders", description: "All decisions in the log" },
    { command: "parti replay 17 --group orders --json", description: "One of them, for programs" },
    { command: "parti replay --file orders.json", description: "What --save has written, without a server" }
  ])
)
