/**
 * `parti demo`: a group of workers, live.
 *
 * @since 0.1.0
 */
import { Command, Flag } from "effect/cli"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import type * as Scope from "effect/Scope"
import { type Arguments, choices, faultOf } from "../demo/Arguments.ts"
import * as Screen from "../demo/Screen.ts"
import * as Show from "../demo/Show.ts"
import * as Summary from "../demo/Summary.ts"
import { type Failure, IllStateFound, UsageInvalid } from "../Failure.ts"
import * as Print from "../Print.ts"
import { root } from "../Root.ts"
import type { Settings } from "../Settings.ts"
import * as ThrowAway from "../ThrowAway.ts"

const number = (name: keyof Arguments) =>
  Flag.Int(name).pipe(Flag.withDescription(choices[name].meaning), Flag.withDefault(choices[name].usual))

const flags = {
  seconds: number("seconds"),
  seed: number("seed"),
  workers: number("workers"),
  partitions: number("partitions"),
  nats: Flag.Boolean("nats").pipe(
    Flag.withDescription("Play on the server of --server, in a group of its own that is removed at the end"),
    Flag.withDefault(false)
  ),
  ...ThrowAway.flags
}

interface Chosen extends Arguments, ThrowAway.Chosen {
  readonly nats: boolean
}

/**
 * The JSON of `parti demo`: what came of it, and what of that is wrong. `group`: the one it was played in, `null` in memory.
 *
 * @category models
 * @since 0.1.0
 */
export interface DemoReport extends Summary.Summary {
  readonly group: string | null
  readonly faults: ReadonlyArray<string>
}

const fault = (chosen: Arguments): string | null => {
  for (const name of ["seconds", "seed", "workers", "partitions"] as const) {
    const { least, most } = choices[name]
    if (chosen[name] < least || chosen[name] > most) return faultOf(name, choices[name], String(chosen[name]))
  }
  return null
}

/** Programs get the summary alone. */
const silent: Screen.Screen = { show: () => undefined, tell: () => undefined, close: () => undefined }

const play = (settings: Settings, chosen: Chosen): Effect.Effect<DemoReport, Failure, Scope.Scope> =>
  Effect.gen(function* () {
    const screen = settings.json ? silent : Screen.on(process.stdout, process.env["NO_COLOR"] === undefined)
    const place = chosen.nats ? yield* ThrowAway.make(settings, "demo", chosen) : null
    const summary = yield* place === null ? Show.play(chosen, screen) : Show.playOn(place, chosen, screen)
    return { group: place?.group ?? null, ...summary, faults: Summary.faults(summary) }
  })

/**
 * The command.
 *
 * @category commands
 * @since 0.1.0
 */
export const command = Command.make(
  "demo",
  flags,
  Effect.fnUntraced(function* (chosen: Chosen) {
    const reason = fault(chosen)
    if (reason !== null) return yield* new UsageInvalid({ reason })
    const settings = yield* root
    // What the workers log would tear the picture; the play shows their problems itself.
    const report = yield* play(settings, chosen).pipe(Effect.scoped, Effect.provide(Logger.layer([])))
    yield* Print.report(settings, report, Summary.lines)
    if (report.faults.length > 0) return yield* new IllStateFound({ errors: report.faults.length })
  })
).pipe(
  Command.withDescription(
    "A group of workers, live: some join, one crashes, one leaves, one restarts; needs no server"
  ),
  Command.withExamples([
    { command: "parti demo", description: "In memory" },
    { command: "parti demo --nats --server 127.0.0.1:4222", description: "On a server" }
  ])
)
