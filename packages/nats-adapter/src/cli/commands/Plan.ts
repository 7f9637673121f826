/**
 * `parti plan --dry-run`: what a rebalance would move.
 *
 * @since 0.1.0
 */
import { Command, Flag } from "effect/cli"
import * as Effect from "effect/Effect"
import { UsageInvalid } from "../Failure.ts"
import * as Print from "../Print.ts"
import * as DryRun from "../report/DryRun.ts"
import { root } from "../Root.ts"
import * as Session from "../Session.ts"

const flags = {
  dryRun: Flag.Boolean("dry-run").pipe(
    Flag.withDescription("Needed, so that nobody takes this for an order; `parti rebalance` is the order"),
    Flag.withDefault(false)
  ),
  addWorkers: Flag.Int("add-workers").pipe(
    Flag.withDescription("Suppose so many more workers, as large as most"),
    Flag.withDefault(0)
  ),
  remove: Flag.String("remove").pipe(
    Flag.withDescription("Suppose that this worker is gone; may be repeated"),
    Flag.atLeast(0)
  ),
  strategy: Flag.Literals("strategy", DryRun.strategyNames).pipe(
    Flag.withDescription("The strategy to ask; what the group itself uses is not in its store"),
    Flag.withDefault("sticky")
  )
}

/** More than any group has. */
const maxAdded = 10_000

/**
 * The command.
 *
 * @category commands
 * @since 0.1.0
 */
export const command = Command.make(
  "plan",
  flags,
  Effect.fnUntraced(function* ({ dryRun, ...supposed }) {
    if (!dryRun) {
      const reason = "plan only tells what would move: say --dry-run; `parti rebalance` is the order"
      return yield* new UsageInvalid({ reason })
    }
    if (supposed.addWorkers < 0 || supposed.addWorkers > maxAdded) {
      return yield* new UsageInvalid({ reason: `--add-workers takes a number from 0 to ${maxAdded}` })
    }
    const settings = yield* root
    const { group, observer, serverNow } = yield* Session.open(settings)
    const run = DryRun.of(group, yield* observer.current, yield* serverNow, supposed)
    yield* Print.report(settings, yield* Effect.fromResult(run), DryRun.render)
  }, Effect.scoped)
).pipe(
  Command.withDescription("What a rebalance would move, against the least that any must; changes nothing"),
  Command.withExamples([
    { command: "parti plan --group orders --dry-run --add-workers 2", description: "Two more workers" },
    { command: "parti plan --group orders --dry-run --remove worker-3", description: "One worker less" }
  ])
)
