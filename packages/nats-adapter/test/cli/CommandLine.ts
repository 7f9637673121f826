/** The command `parti`, run within the process of a test. */
import { type Cause, ConfigProvider, Effect, Layer, Option, Queue, Stdio, Terminal } from "effect"
import type { Command } from "effect/cli"
import { TestConsole } from "effect/testing"
import * as Platform from "../../src/cli/Platform.ts"
import * as Program from "../../src/cli/Program.ts"

export interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Runs a command line under an environment of its own, and gives what it printed and its exit code. */
export const run = (
  argv: ReadonlyArray<string>,
  env: Readonly<Record<string, string>> = {},
  platform: Layer.Layer<Command.Environment> = Platform.layer
): Effect.Effect<Ran> =>
  Effect.gen(function* () {
    const code = yield* Program.run(argv)
    const text = (lines: ReadonlyArray<unknown>) => lines.map((line) => `${String(line)}\n`).join("")
    return { code, out: text(yield* TestConsole.logLines), err: text(yield* TestConsole.errorLines) }
  }).pipe(
    Effect.provide([platform, TestConsole.layer, ConfigProvider.layer(ConfigProvider.fromEnv({ env: { ...env } }))])
  )

/** Presses keys in a terminal of 80 × 24, once a picture shows the words; what it has shown is given to `display`. */
export const terminal = (
  words: string,
  key: string,
  display: (text: string) => void
): Layer.Layer<Command.Environment> => {
  const keys = Effect.runSync(Queue.make<Terminal.UserInput, Cause.Done>())
  const press = { input: Option.some(key), key: { name: key, ctrl: false, meta: false, shift: false } }
  const made = Terminal.make({
    columns: Effect.succeed(80),
    rows: Effect.succeed(24),
    size: Effect.die("nobody resizes it"),
    readInput: Effect.succeed(keys),
    readLine: Effect.die("nobody writes lines"),
    display: (text) =>
      Effect.sync(() => {
        display(text)
        if (text.includes(words)) Queue.offerUnsafe(keys, press)
      })
  })
  const stdio = Stdio.layerTest({ stdinIsTerminal: Effect.succeed(true), stdoutIsTerminal: Effect.succeed(true) })
  return Layer.mergeAll(Platform.layer, stdio, Layer.succeed(Terminal.Terminal, made))
}

/** What differs from one run to the next, made the same. Columns keep their widths where what stands in them does. */
export const masked = (text: string): string =>
  text
    .replaceAll(/\b1[6-9]\d{11}\b/g, "1000000000000")
    .replaceAll(/127\.0\.0\.1:\d+/g, "127.0.0.1:PORT")
    .replaceAll(/nats-server \d+\.\d+\.\d+/g, "nats-server VERSION")
    .replaceAll(/round trip \d+ ms/g, "round trip N ms")
    .replaceAll(/[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}/g, "SESSION")
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, "TIME")
    .replaceAll(/ *\b\d+(\.\d+)? (s|min|h|d)( \d+ (s|min|h))?\b/g, " SPAN")
    .replaceAll(/"(roundTripMs|heartbeatAgeMs|ageMs|endsInMs|pausedForMs)": [\d.]+/g, '"$1": 0')
    .replaceAll(/"serverVersion": "[^"]*"/g, '"serverVersion": "VERSION"')
