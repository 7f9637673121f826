/**
 * What came of it, and whether it may be called good.
 *
 * @since 0.1.0
 */
import * as FleetJudge from "@parti/testkit/FleetJudge"
import { type Rebalance, seconds } from "../../packages/nats-adapter/src/cli/demo/Scene.ts"

/**
 * Everything that the verdict rests on. `failures` is what went wrong besides.
 *
 * @category models
 * @since 0.1.0
 */
export interface Summary {
  readonly title: string
  readonly lengthMs: number
  readonly rebalances: ReadonlyArray<Rebalance>
  readonly account: FleetJudge.Account
  readonly failures: ReadonlyArray<string>
}

/**
 * What broke, in words; nothing if all is well.
 *
 * @category getters
 * @since 0.1.0
 */
export const faults = ({ account, failures }: Summary): ReadonlyArray<string> => [
  ...failures,
  ...FleetJudge.breaches.all(account)
]

/**
 * The summary in lines.
 *
 * @category conversions
 * @since 0.1.0
 */
export const lines = (summary: Summary): ReadonlyArray<string> => {
  const { account, lengthMs, rebalances, title } = summary
  const { duplicates, overlaps, unowned } = account
  const row = (name: string, value: number | string) => `  ${name.padEnd(27)}${value}`
  const broken = faults(summary)
  const overlapMs = overlaps.reduce((sum, { excuse, ms }) => (excuse === null ? sum + ms : sum), 0)
  const causes = Object.entries(unowned.byCause).filter(([cause]) => cause !== "Start")
  return [
    `${title}: ${seconds(lengthMs)} s`,
    row("messages", `${account.handled} of ${account.published} handled`),
    row("lost", account.missingCount),
    row("out of order", account.disorders.length),
    row("handled again", duplicates.length),
    row("rebalances", rebalances.length),
    row("two owners at once", `${overlapMs.toFixed(1)} ms`),
    row("tokens that did not rise", account.tokens.length),
    row("stale effects refused", account.staleEffects.filter(({ isAccepted }) => !isAccepted).length),
    row("partition-seconds unowned", seconds(unowned.totalMs)),
    ...causes.map(([cause, { count, worstMs }]) => row(`  ${causeNames[cause] ?? cause}`, share(count, worstMs))),
    row("unowned at the end", unowned.open.length),
    ...(broken.length === 0 ? ["Every invariant held."] : broken.map((fault) => `BROKEN: ${fault}`))
  ]
}

const share = (count: number, worstMs: number): string => `${count} times, at worst ${worstMs.toFixed(0)} ms`

const causeNames: Readonly<Record<string, string>> = {
  Moved: "by a move",
  Left: "by a worker that left",
  Killed: "by the kill"
}
