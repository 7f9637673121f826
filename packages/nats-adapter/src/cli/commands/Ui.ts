/**
 * `parti ui`: the group on a page, live.
 *
 * @since 0.1.0
 */
import { Command, Flag } from "effect/cli"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { randomBytes } from "node:crypto"
import { isIP } from "node:net"
import { UsageInvalid } from "../Failure.ts"
import { root } from "../Root.ts"
import * as Settings from "../Settings.ts"
import * as Dashboard from "../ui/Dashboard.ts"

const flags = {
  host: Flag.String("host").pipe(
    Flag.withDescription("The address to listen on; others than this machine's own let others read along"),
    Flag.withDefault("127.0.0.1")
  ),
  port: Flag.Int("port").pipe(Flag.withDescription("The port; 0 for any that is free"), Flag.withDefault(4280)),
  allowActions: Flag.Boolean("allow-actions").pipe(
    Flag.withDescription("Let whoever has the printed address give orders: rebalance, pause, drain"),
    Flag.withDefault(false)
  ),
  stream: Flag.String("stream").pipe(
    Flag.withDescription("A stream that the group consumes, to show the lag of its partitions"),
    Flag.optional
  ),
  consumption: Flag.String("consumption").pipe(
    Flag.withDescription("The name of the consumption, if it is not the group's"),
    Flag.optional
  )
}

/**
 * Where the dashboard is: the JSON of `parti ui`.
 *
 * @category models
 * @since 0.1.0
 */
export interface UiReport {
  readonly group: string
  readonly url: string
  readonly allowsActions: boolean
}

const tokenBytes = 18
const maxPort = 65_535

/** An address that a browser of this machine can open. The token stands where browsers do not send it along. */
const addressOf = (host: string, port: number, token: string | null): string => {
  const reachable = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host
  const name = isIP(reachable) === 6 ? `[${reachable}]` : reachable
  return `http://${name}:${port}/${token === null ? "" : `#token=${token}`}`
}

const isLoopback = (host: string): boolean => host === "localhost" || host === "::1" || host.startsWith("127.")

const told = (report: UiReport, host: string): ReadonlyArray<string> => [
  `dashboard of group ${report.group}: ${report.url}`,
  report.allowsActions
    ? "whoever has this address may give orders to the group; Ctrl+C ends it"
    : "read-only; --allow-actions lets it give orders; Ctrl+C ends it",
  ...(isLoopback(host) ? [] : [`everybody who reaches ${host} can read it, and nothing is encrypted on the way`])
]

const print = ({ json }: Settings.Settings, report: UiReport, host: string): Effect.Effect<void> =>
  Console.log(json ? JSON.stringify(report) : told(report, host).join("\n"))

/**
 * The command.
 *
 * @category commands
 * @since 0.1.0
 */
export const command = Command.make(
  "ui",
  flags,
  Effect.fnUntraced(function* ({ allowActions, consumption, host, port, stream }) {
    if (port < 0 || port > maxPort)
      return yield* new UsageInvalid({ reason: `--port takes a number from 0 to ${maxPort}` })
    const settings = yield* root
    const group = yield* Settings.group(settings)
    const token = allowActions ? randomBytes(tokenBytes).toString("base64url") : null
    const dashboard = yield* Dashboard.make(settings, {
      host,
      port,
      token,
      stream: Option.getOrNull(
        Option.map(stream, (name) => ({ name, consumption: Option.getOrElse(consumption, () => group) }))
      )
    })
    const url = addressOf(host, dashboard.port, token)
    yield* print(settings, { group, url, allowsActions: allowActions }, host)
    yield* dashboard.ended
  }, Effect.scoped)
).pipe(
  Command.withDescription("The group on a page, live: workers, partitions, rebalances, and why partitions moved"),
  Command.withExamples([
    { command: "parti ui --group orders", description: "Serves the page on this machine, read-only" },
    { command: "parti ui --group orders --stream ORDERS", description: "With the lag of each partition" }
  ])
)
