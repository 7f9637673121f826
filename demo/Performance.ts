/**
 * A play as a process: shown, summed up, and turned into an exit code.
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Logger from "effect/Logger"
import * as Screen from "../packages/nats-adapter/src/cli/demo/Screen.ts"

/**
 * What is played, and what is said of it afterwards. `faults`: what broke.
 *
 * @category models
 * @since 0.1.0
 */
export interface Performance<A, E> {
  readonly play: (screen: Screen.Screen) => Effect.Effect<A, E>
  readonly lines: (summary: A) => ReadonlyArray<string>
  readonly faults: (summary: A) => ReadonlyArray<string>
}

/**
 * Plays on the standard output. The exit code: 0, or 1 if anything broke, or 130 if it was interrupted.
 *
 * @category running
 * @since 0.1.0
 */
export const give = async <A, E>({ faults, lines, play }: Performance<A, E>): Promise<number> => {
  const interrupted = new AbortController()
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => interrupted.abort())
  // A reader that has gone (`| head`) is no reason to print a stack.
  process.stdout.on("error", () => process.exit(1))
  const screen = Screen.on(process.stdout, process.env["NO_COLOR"] === undefined)
  const silent = Effect.provide(play(screen), Logger.layer([]))
  const exit = await Effect.runPromiseExit(silent, { signal: interrupted.signal })
  if (Exit.isSuccess(exit)) {
    console.log(lines(exit.value).join("\n"))
    return faults(exit.value).length === 0 ? 0 : 1
  }
  if (interrupted.signal.aborted) return 130
  console.error(Cause.pretty(exit.cause))
  return 1
}
