/**
 * `parti replay`: computes logged decisions again.
 *
 * @since 0.1.0
 */
import { Argument, Command } from "effect/cli"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { IllStateFound, UsageInvalid } from "../Failure.ts"
import * as Print from "../Print.ts"
import * as ReplayReport from "../report/ReplayReport.ts"
import { root } from "../Root.ts"
import * as Settings from "../Settings.ts"
import { logbook } from "./Explain.ts"

const number = Argument.Int("decision").pipe(
  Argument.withDescription("The number of one decision; all that are in the log, if none is given"),
  Argument.optional
)

/**
 * The command.
 *
 * @category commands
 * @since 0.1.0
 */
export const command = Command.make(
  "replay",
  { number },
  Effect.fnUntraced(function* (given) {
    const settings = yield* root
    const group = yield* Settings.group(settings)
    const { decisions, unreadable } = yield* logbook(settings)
    const asked = Option.getOrNull(given.number)
    const meant = decisions.filter(({ decision }) => asked === null || decision.number === asked)
    if (asked !== null && meant.length === 0) {
      const known = decisions.map(({ decision }) => decision.number)
      const range = known.length === 0 ? "none" : `${Math.min(...known)} to ${Math.max(...known)}`
      return yield* new UsageInvalid({ reason: `the log has no decision ${asked}; it has ${range}` })
    }
    const report = ReplayReport.of(group, meant, unreadable)
    yield* Print.report(settings, report, ReplayReport.render)
    const errors = ReplayReport.differing(report)
    if (errors > 0) return yield* new IllStateFound({ errors })
  }, Effect.scoped)
).pipe(
  Command.withDescription("Compute logged decisions again, and compare them byte for byte; changes nothing"),
  Command.withExamples([
    { command: "parti replay --group orders", description: "All decisions in the log" },
    { command: "parti replay 17 --group orders --json", description: "One of them, for programs" }
  ])
)
