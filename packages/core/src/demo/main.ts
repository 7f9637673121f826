/**
 * `npm start`: a group of workers, live.
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Logger from "effect/Logger"
import * as Arguments from "./Arguments.ts"
import * as Screen from "./Screen.ts"
import * as Show from "./Show.ts"
import * as Summary from "./Summary.ts"

const run = async (chosen: Arguments.Arguments): Promise<number> => {
  const interrupted = new AbortController()
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => interrupted.abort())
  // A reader that has gone (`| head`) is no reason to print a stack.
  process.stdout.on("error", () => process.exit(1))
  const screen = Screen.on(process.stdout, process.env["NO_COLOR"] === undefined)
  const silent = Effect.provide(Show.play(chosen, screen), Logger.layer([]))
  const exit = await Effect.runPromiseExit(silent, { signal: interrupted.signal })
  if (Exit.isSuccess(exit)) {
    console.log(Summary.lines(exit.value).join("\n"))
    return Summary.faults(exit.value).length === 0 ? 0 : 1
  }
  if (interrupted.signal.aborted) return 130
  console.error(Cause.pretty(exit.cause))
  return 1
}

const parsed = Arguments.parse(process.argv.slice(2))
switch (parsed._tag) {
  case "Run":
    process.exitCode = await run(parsed.chosen)
    break
  case "Help":
    console.log(parsed.text)
    break
  case "Refused":
    console.error(parsed.advice)
    process.exitCode = 2
}
