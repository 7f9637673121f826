/**
 * The whole command: its commands, its errors, and its exit code.
 *
 * @since 0.1.0
 */
import { CliError, CliOutput, Command } from "effect/cli"
import * as Cause from "effect/Cause"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as References from "effect/References"
import { readFileSync } from "node:fs"
import * as Failure from "./Failure.ts"
import { root } from "./Root.ts"
import * as Bench from "./commands/Bench.ts"
import * as Demo from "./commands/Demo.ts"
import * as Doctor from "./commands/Doctor.ts"
import * as Explain from "./commands/Explain.ts"
import * as Orders from "./commands/Orders.ts"
import * as Partitions from "./commands/Partitions.ts"
import * as Plan from "./commands/Plan.ts"
import * as Replay from "./commands/Replay.ts"
import * as Simulate from "./commands/Simulate.ts"
import * as Status from "./commands/Status.ts"
import * as Ui from "./commands/Ui.ts"
import * as Watch from "./commands/Watch.ts"

/**
 * All commands, in the order of the help. A new one is a module of `commands/`, a name in this list, and a section of
 * `docs/cli.md`.
 *
 * @category commands
 * @since 0.1.0
 */
export const commands = [
  Status.command,
  Watch.command,
  Ui.command,
  Partitions.command,
  Explain.command,
  Replay.command,
  Plan.command,
  ...Orders.commands,
  Doctor.command,
  Bench.command,
  Simulate.command,
  Demo.command
] as const

const program = root.pipe(Command.withSubcommands(commands))

const version = (): string => {
  const { version: found }: { readonly version?: unknown } = JSON.parse(
    readFileSync(new URL("../../package.json", import.meta.url), "utf8")
  )
  return typeof found === "string" ? found : "unknown"
}

/**
 * Runs a command line, the name of the program left out, and gives the exit code. It fails with nothing: what goes wrong is
 * told in one line.
 *
 * @category running
 * @since 0.1.0
 */
export const run = (argv: ReadonlyArray<string>): Effect.Effect<number, never, Command.Environment> =>
  Command.runWith(program, { version: version() })(argv).pipe(
    Effect.as<number>(Failure.exitCodes.ok),
    Effect.catch((error) =>
      CliError.isCliError(error) ? Effect.succeed(misused(error)) : Effect.as(tell(error), Failure.exitCode(error))
    ),
    Effect.catchDefect((defect) =>
      Effect.as(
        Console.error(Failure.line(`a mistake of the program, please report it: ${messageOf(defect)}`)),
        Failure.exitCodes.bug
      )
    ),
    Effect.provideService(CliOutput.Presenter, presenter),
    Effect.provideService(References.LogToStderr, true),
    Effect.provideService(References.MinimumLogLevel, "Error")
  )

/** The presenter has told what was wrong; help that was asked for is no misuse. */
const misused = (error: CliError.CliError): number =>
  error._tag === "ShowHelp" && error.errors.length === 0 ? Failure.exitCodes.ok : Failure.exitCodes.usage

/** What a report has told already is not told again. */
const tell = (failure: Failure.Failure): Effect.Effect<void> =>
  failure._tag === "IllStateFound" ? Effect.void : Console.error(Failure.line(failure.message))

const messageOf = (defect: unknown): string => Cause.prettyErrors(Cause.die(defect))[0]?.message ?? String(defect)

/** A command line that is wrong is answered in one line, not with all the help. */
const presenter: CliOutput.Presenter = {
  present: (event) =>
    event._tag === "InvalidInvocation"
      ? Console.error(
          Failure.line(
            `${event.errors.map(({ message }) => message).join("; ")}; see \`${event.commandPath.join(" ")} --help\``
          )
        )
      : CliOutput.defaultPresenter.present(event)
}
