/**
 * `parti plan --dry-run`: what a rebalance would move.
 *
 * @since 0.1.0
 */
import { Command, Flag } from "effect/cli"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { UsageInvalid } from "../Failure.ts"
import * as Print from "../Print.ts"
import * as DryRun from "../report/DryRun.ts"
import { root } from "../Root.ts"
import * as SupposedStrategy from "../report/SupposedStrategy.ts"
import * as Session from "../Session.ts"
import type * as Settings from "../Settings.ts"
import { logbookIn } from "./Explain.ts"

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
  strategy: Flag.Literals("strategy", SupposedStrategy.names).pipe(
    Flag.withDescription("The strategy to ask, with its usual options; that of the newest decision, if none is given"),
    Flag.optional
  )
}

const newest = (settings: Settings.Settings, server: Session.Server) =>
  Effect.gen(function* () {
    const { decisions } = yield* logbookIn(yield* Session.openStore(settings, server), settings)
    return SupposedStrategy.ofNewest(decisions[0]?.decision ?? null)
  })

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
  Effect.fnUntraced(function* ({ dryRun, strategy: asked, ...supposed }) {
    if (!dryRun) {
      const reason = "plan only tells what would move: say --dry-run; `parti rebalance` is the order"
      return yield* new UsageInvalid({ reason })
    }
    if (supposed.addWorkers < 0 || supposed.addWorkers > maxAdded) {
      return yield* new UsageInvalid({ reason: `--add-workers takes a number from 0 to ${maxAdded}` })
    }
    const settings = yield* root
    const { group, observer, server, serverNow } = yield* Session.open(settings)
    const strategy = Option.isSome(asked) ? SupposedStrategy.named(asked.value) : yield* newest(settings, server)
    const run = DryRun.of(group, yield* observer.current, yield* serverNow, { ...supposed, strategy })
    yield* Print.report(settings, yield* Effect.fromResult(run), DryRun.render)
  }, Effect.scoped)
).pipe(
  Command.withDescription("What a rebalance would move, against the least that any must; changes nothing"),
  Command.withExamples([
    { command: "parti plan --group orders --dry-run --add-workers 2", description: "Two more workers" },
    { command: "parti plan --group orders --dry-run --remove worker-3", description: "One worker less" }
  ])
)
