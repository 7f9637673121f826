/**
 * `parti status`: how the group is.
 *
 * @since 0.1.0
 */
import { Command } from "effect/cli"
import * as Effect from "effect/Effect"
import * as Print from "../Print.ts"
import * as StatusReport from "../report/StatusReport.ts"
import { root } from "../Root.ts"
import * as Session from "../Session.ts"

/**
 * The report on a group as it is now.
 *
 * @category operations
 * @since 0.1.0
 */
export const current = (session: Session.Session) =>
  Effect.gen(function* () {
    return StatusReport.of(origin(session), yield* session.observer.current, yield* session.serverNow)
  })

/**
 * Where what is reported comes from.
 *
 * @category operations
 * @since 0.1.0
 */
export const origin = ({ group, server, timing }: Session.Session): StatusReport.Origin => ({
  group,
  server: server.url,
  serverVersion: server.version,
  isConnected: server.nats.link.isUp(),
  roundTripMs: timing.roundTripMs
})

/**
 * The command.
 *
 * @category commands
 * @since 0.1.0
 */
export const command = Command.make(
  "status",
  {},
  Effect.fnUntraced(function* () {
    const settings = yield* root
    const session = yield* Session.open(settings)
    yield* Print.report(settings, yield* current(session), StatusReport.render)
  }, Effect.scoped)
).pipe(
  Command.withDescription("How the group is: workers, leader, plan, and what is not as it should be"),
  Command.withExamples([{ command: "parti status --group orders", description: "The group on the local server" }])
)
