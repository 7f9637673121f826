/**
 * `parti bench`: what the server can do for a group.
 *
 * @since 0.1.0
 */
import { Command, Flag } from "effect/cli"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import type * as Scope from "effect/Scope"
import * as GroupBench from "../bench/GroupBench.ts"
import * as StoreBench from "../bench/StoreBench.ts"
import { type Failure, UsageInvalid } from "../Failure.ts"
import * as Print from "../Print.ts"
import * as BenchReport from "../report/BenchReport.ts"
import { root } from "../Root.ts"
import * as Settings from "../Settings.ts"
import * as ThrowAway from "../ThrowAway.ts"

const [leastSeconds, mostSeconds] = [4, 600]

const flags = {
  seconds: Flag.Int("seconds").pipe(
    Flag.withDescription("About how long to measure, half of it what workers do"),
    Flag.withDefault(10)
  ),
  ...ThrowAway.flags
}

const measure = (
  settings: Settings.Settings,
  { seconds, ...chosen }: ThrowAway.Chosen & { readonly seconds: number }
): Effect.Effect<BenchReport.BenchReport, Failure, Scope.Scope> =>
  Effect.gen(function* () {
    const place = yield* ThrowAway.make(settings, "bench", chosen)
    const startedAt = performance.now()
    const halfMs = (seconds * 1000) / 2
    const store = yield* StoreBench.run(place, halfMs)
    const borne = BenchReport.borne(store)
    const measuredWith = borne.presets.find(({ bears }) => bears === "well")?.preset ?? "production"
    const group = yield* GroupBench.run(settings, { group: place.group, measuredWith }, halfMs)
    return {
      server: Settings.shownServer(settings),
      serverVersion: place.server.version,
      group: place.group,
      lengthMs: Math.round(performance.now() - startedAt),
      ...store,
      ...group,
      ...borne
    }
  })

/**
 * The command.
 *
 * @category commands
 * @since 0.1.0
 */
export const command = Command.make(
  "bench",
  flags,
  Effect.fnUntraced(function* (chosen) {
    if (chosen.seconds < leastSeconds || chosen.seconds > mostSeconds) {
      const reason = `--seconds takes a whole number from ${leastSeconds} to ${mostSeconds}, not ${chosen.seconds}`
      return yield* new UsageInvalid({ reason })
    }
    const settings = yield* root
    // What its workers log is no part of the report.
    const report = yield* measure(settings, chosen).pipe(Effect.scoped, Effect.provide(Logger.layer([])))
    yield* Print.report(settings, report, BenchReport.render)
  })
).pipe(
  Command.withDescription("What the server can do for a group, and which leases that allows; removes what it makes"),
  Command.withExamples([
    { command: "parti bench --server 127.0.0.1:4222", description: "About 10 seconds" },
    { command: "parti bench --seconds 60 --replicas 3 --json", description: "On three servers, for programs" }
  ])
)
