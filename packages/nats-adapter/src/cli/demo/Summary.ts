/**
 * What came of it, and whether it may be called good.
 *
 * @since 0.1.0
 */
import type { Account } from "./Recorder.ts"
import type { Rebalance } from "./Scene.ts"
import { seconds } from "./Scene.ts"

/**
 * Everything that the verdict rests on. `account` is what the handlers recorded by the end; `failures` is what went wrong
 * besides.
 *
 * @category models
 * @since 0.1.0
 */
export interface Summary {
  readonly title: string
  readonly lengthMs: number
  readonly partitions: number
  readonly rebalances: ReadonlyArray<Rebalance>
  readonly account: Account
  readonly failures: ReadonlyArray<string>
}

/**
 * What broke, in words; nothing if all is well.
 *
 * @category getters
 * @since 0.1.0
 */
export const faults = ({ account, failures, partitions }: Summary): ReadonlyArray<string> => {
  const unowned = partitions - account.running
  return [
    ...failures,
    ...account.breaches,
    ...(unowned > 0 ? [`${unowned} of ${partitions} partitions were left without an owner`] : [])
  ]
}

/**
 * The summary in lines.
 *
 * @category conversions
 * @since 0.1.0
 */
export const lines = (summary: Summary): ReadonlyArray<string> => {
  const { account, lengthMs, partitions, rebalances, title } = summary
  const moved = rebalances.reduce((sum, one) => sum + one.moved, 0)
  const minimum = rebalances.reduce((sum, one) => sum + one.minimum, 0)
  const broken = faults(summary)
  const row = (name: string, value: number | string) => `  ${name.padEnd(27)}${value}`
  return [
    `${title}: ${seconds(lengthMs)} s`,
    row("rebalances", `${rebalances.length}${named(rebalances)}`),
    row("partitions moved", `${moved}, and ${minimum} had to`),
    row("partition-seconds unowned", account.idlePartitionSeconds.toFixed(1)),
    row("two owners at once", account.overlaps),
    row("tokens that did not rise", account.staleTokens),
    row("unowned at the end", partitions - account.running),
    ...(broken.length === 0 ? ["Every invariant held."] : broken.map((fault) => `BROKEN: ${fault}`))
  ]
}

/** The reasons, each with how often it was one. */
const named = (rebalances: ReadonlyArray<Rebalance>): string => {
  const counts = new Map<string, number>()
  for (const { reason } of rebalances) counts.set(reason, (counts.get(reason) ?? 0) + 1)
  const parts = [...counts].map(([reason, count]) => (count === 1 ? reason : `${count} ${reason}`))
  return parts.length === 0 ? "" : `: ${parts.join(", ")}`
}
