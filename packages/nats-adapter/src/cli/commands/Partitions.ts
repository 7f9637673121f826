/**
 * `parti partitions`: who owns what.
 *
 * @since 0.1.0
 */
import { Command, Flag } from "effect/cli"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { UsageInvalid } from "../Failure.ts"
import * as Print from "../Print.ts"
import * as PartitionsReport from "../report/PartitionsReport.ts"
import { root } from "../Root.ts"
import * as Session from "../Session.ts"

const worker = Flag.String("worker").pipe(
  Flag.withAlias("w"),
  Flag.withDescription("Only what this worker owns or is to own"),
  Flag.optional
)

/**
 * The command.
 *
 * @category commands
 * @since 0.1.0
 */
export const command = Command.make(
  "partitions",
  { worker },
  Effect.fnUntraced(function* (given) {
    const settings = yield* root
    const { group, observer } = yield* Session.open(settings)
    const snapshot = yield* observer.current
    const asked = Option.getOrNull(given.worker)
    const known = snapshot.view.workers.map(({ id }) => String(id))
    if (asked !== null && !known.includes(asked)) {
      const reason = `the plan knows no worker ${asked}; it knows ${known.length === 0 ? "none" : known.join(", ")}`
      return yield* new UsageInvalid({ reason })
    }
    yield* Print.report(settings, PartitionsReport.of(group, snapshot, asked), PartitionsReport.render)
  }, Effect.scoped)
).pipe(
  Command.withDescription("Who owns which partition, under which fencing token"),
  Command.withExamples([
    { command: "parti partitions --group orders --worker worker-3", description: "Those of one worker" }
  ])
)
