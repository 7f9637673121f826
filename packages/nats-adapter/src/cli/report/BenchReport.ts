/**
 * What the server can do for a group, and what leases that allows.
 *
 * @since 0.1.0
 */
import * as PartiConfig from "@parti/core/PartiConfig"
import * as Result from "effect/Result"
import type { GroupFigures } from "../bench/GroupBench.ts"
import * as Spread from "../bench/Spread.ts"
import type { StoreFigures } from "../bench/StoreBench.ts"
import * as LeaseRule from "../doctor/LeaseRule.ts"
import * as Span from "../Span.ts"
import * as Table from "../Table.ts"

/**
 * A preset, and whether its leases bear the writes that were measured.
 *
 * @category models
 * @since 0.1.0
 */
export interface PresetReport {
  readonly preset: PartiConfig.Preset
  readonly leaseMs: number
  readonly marginMs: number
  readonly bears: LeaseRule.Bearing
}

/**
 * The JSON of `parti bench`. `leastLeaseMs`: the shortest lease, without its margin, that bears the slowest of 100 writes well.
 *
 * @category models
 * @since 0.1.0
 */
export interface BenchReport extends StoreFigures, GroupFigures {
  readonly server: string
  readonly serverVersion: string
  readonly group: string
  readonly lengthMs: number
  readonly leastLeaseMs: number
  readonly presets: ReadonlyArray<PresetReport>
}

const presets = ["development", "balanced", "production"] as const

/**
 * Which presets bear it: the rule of the doctor's check `round-trip`, for the slowest of 100 writes, since leases are renewed by
 * writes.
 *
 * @category conversions
 * @since 0.1.0
 */
export const borne = ({ roundTrip, write }: StoreFigures): Pick<BenchReport, "leastLeaseMs" | "presets"> => {
  const slowestMs = Math.max(roundTrip.p99Ms ?? 0, write.p99Ms ?? 0)
  return {
    leastLeaseMs: LeaseRule.leastMs(slowestMs),
    presets: presets.map((preset) => {
      const { leaseMs, marginMs } = Result.getOrThrow(PartiConfig.parse({ group: "bench", preset }))
      return { preset, leaseMs, marginMs, bears: LeaseRule.bears(leaseMs - marginMs, slowestMs) }
    })
  }
}

const columns = [
  Table.words("PRESET"),
  Table.numbers("LEASE"),
  Table.numbers("MARGIN"),
  Table.words("ITS LEASES BEAR THIS")
]

const words: Readonly<Record<LeaseRule.Bearing, string>> = {
  well: "well",
  badly: "badly: what goes wrong now and then may end one",
  not: "not"
}

/**
 * The report in lines.
 *
 * @category rendering
 * @since 0.1.0
 */
export const render = (report: BenchReport): ReadonlyArray<string> => {
  const row = (name: string, text: string) => `  ${name.padEnd(27)}${text}`
  const { leaseWaitMs, putToWatch, roundTrip, startToStableMs, unowned, write, writers, writesPerSecond } = report
  return [
    `bench at ${report.server}, nats-server ${report.serverVersion}: ${Span.render(report.lengthMs)}`,
    row("round trip", Spread.render(roundTrip)),
    row("compare-and-set", Spread.render(write)),
    row("from a put to a watch", Spread.render(putToWatch)),
    row("compare-and-sets", `${writesPerSecond} per second by ${writers} writers`),
    row(
      "two workers, until stable",
      `${Spread.shown(startToStableMs)}; ${leaseWaitMs} ms of it a lease, as in each group without a plan`
    ),
    row("planned move, unowned", Spread.render(unowned)),
    "",
    ...Table.render(
      columns,
      report.presets.map(({ bears, leaseMs, marginMs, preset }) => [
        preset,
        `${leaseMs} ms`,
        `${marginMs} ms`,
        words[bears]
      ])
    ),
    "",
    `a lease of ${report.leastLeaseMs} ms and its margin, or more, bears this well; where others load the server, measure while they do`
  ]
}
