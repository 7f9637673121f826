/** The command `parti`, run within the process of a test. */
import { ConfigProvider, Effect } from "effect"
import { TestConsole } from "effect/testing"
import * as Platform from "../../src/cli/Platform.ts"
import * as Program from "../../src/cli/Program.ts"

export interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Runs a command line under an environment of its own, and gives what it printed and its exit code. */
export const run = (argv: ReadonlyArray<string>, env: Readonly<Record<string, string>> = {}): Effect.Effect<Ran> =>
  Effect.gen(function* () {
    const code = yield* Program.run(argv)
    const text = (lines: ReadonlyArray<unknown>) => lines.map((line) => `${String(line)}\n`).join("")
    return { code, out: text(yield* TestConsole.logLines), err: text(yield* TestConsole.errorLines) }
  }).pipe(
    Effect.provide([
      Platform.layer,
      TestConsole.layer,
      ConfigProvider.layer(ConfigProvider.fromEnv({ env: { ...env } }))
    ])
  )

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
