/**
 * `parti explain`: why a partition is where it is.
 *
 * @since 0.1.0
 */
import { CoordinationStore, StoreUnavailable } from "@parti/core/CoordinationStore"
import * as Decision from "@parti/core/Decision"
import { Argument, Command } from "effect/cli"
import * as Effect from "effect/Effect"
import { UsageInvalid } from "../Failure.ts"
import * as Print from "../Print.ts"
import * as ExplainReport from "../report/ExplainReport.ts"
import { root } from "../Root.ts"
import * as Session from "../Session.ts"
import * as Settings from "../Settings.ts"

const partition = Argument.String("partition").pipe(
  Argument.withDescription("The partition's id, as `parti partitions` shows it")
)

/**
 * Reads the log of decisions of the group.
 *
 * @category operations
 * @since 0.1.0
 */
export const logbook = (settings: Settings.Settings) =>
  Effect.gen(function* () {
    yield* Settings.group(settings)
    const server = yield* Session.connect(settings)
    const store = yield* Session.openStore(settings, server)
    return yield* logbookIn(store, settings)
  })

/**
 * Reads the log of decisions from a store that is open. Gives up after `--timeout`, as when the server is away.
 *
 * @category operations
 * @since 0.1.0
 */
export const logbookIn = (store: CoordinationStore["Service"], settings: Settings.Settings) =>
  inTime(Effect.provideService(Decision.read, CoordinationStore, store), settings)

/**
 * Reads something of the log, and gives up after `--timeout`.
 *
 * @category operations
 * @since 0.1.0
 */
export const inTime = <A, E>(
  reading: Effect.Effect<A, E>,
  { timeout }: Settings.Settings
): Effect.Effect<A, E | StoreUnavailable> =>
  Effect.timeoutOrElse(reading, {
    duration: timeout * 1000,
    orElse: () => {
      const reason = `the log of decisions was not shown within ${timeout} s`
      return Effect.fail(new StoreUnavailable({ operation: "watch", outcome: "NotApplied", reason }))
    }
  })

/**
 * What the log says of one partition. Fails for one that nobody knows.
 *
 * @category operations
 * @since 0.1.0
 */
export const explained = (
  id: string,
  { decisions, plan }: Decision.Logbook
): Effect.Effect<Decision.Explanation, UsageInvalid> => {
  const explanation = Decision.explain(id, decisions, plan)
  if (explanation.holder !== null || explanation.moves.length > 0 || explanation.gaps.length > 0)
    return Effect.succeed(explanation)
  const reason = `neither the plan nor the log knows a partition ${JSON.stringify(id)}; \`parti partitions\` lists them`
  return Effect.fail(new UsageInvalid({ reason }))
}

/**
 * The command.
 *
 * @category commands
 * @since 0.1.0
 */
export const command = Command.make(
  "explain",
  { partition },
  Effect.fnUntraced(function* (given) {
    const settings = yield* root
    const group = yield* Settings.group(settings)
    const explanation = yield* explained(given.partition, yield* logbook(settings))
    yield* settings.json
      ? Print.report(settings, ExplainReport.of(group, explanation), () => [])
      : Print.report(settings, explanation, ExplainReport.render)
  }, Effect.scoped)
).pipe(
  Command.withDescription("Why a partition is where it is: who has it, since when, and why it moved"),
  Command.withExamples([{ command: "parti explain eu.12 --group orders", description: "The history of one partition" }])
)
