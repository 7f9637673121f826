/**
 * What a simulated group has shown.
 *
 * @since 0.1.0
 */
import type { Fault } from "../FaultyStore.ts"
import type { Gaps, Overlap } from "./Ledger.ts"
import type { Storm } from "./Storm.ts"
import type { WorkReport } from "./Work.ts"

/**
 * What a simulation has shown. The same options give the same report.
 *
 * @category models
 * @since 0.1.0
 */
export interface Report {
  readonly seed: number
  /** What is wrong, in sentences; empty if all is well. */
  readonly findings: ReadonlyArray<string>
  /** What happened to the group, in order. */
  readonly blows: ReadonlyArray<string>
  readonly storm: Storm
  /** How often what went wrong between the workers and the store. */
  readonly faults: Readonly<Record<Fault, number>>
  /** How often a handler was run. */
  readonly runs: number
  /** Two runs of one partition at one instant. */
  readonly overlaps: ReadonlyArray<Overlap>
  /** Runs whose process woke after others had run their partition, which nobody can prevent: no finding. */
  readonly overslept: number
  /** How long partitions were run by nobody. */
  readonly gaps: Gaps
  /** Partitions that nobody runs at the end, although all has been calm for long. */
  readonly unowned: ReadonlyArray<string>
  /** How often a handler had not ended long after it was told to. */
  readonly ignoredSignals: number
  /** How often a handler failed. */
  readonly failures: number
  /** What became of the messages; `null` if no handler asked for one. */
  readonly work: WorkReport | null
  /** What was left behind when all workers had stopped. */
  readonly leaks: { readonly fibers: number; readonly sleepers: number; readonly watches: number }
}

/**
 * Everything that a simulation counts; the findings follow from it.
 *
 * @category models
 * @since 0.1.0
 */
export type Counts = Omit<Report, "findings"> & { readonly deaths: ReadonlyArray<string> }

const shown = 3

/**
 * What is wrong, in sentences.
 *
 * @category conversions
 * @since 0.1.0
 */
export const findingsOf = (counts: Counts): ReadonlyArray<string> => {
  const { deaths, failures, ignoredSignals, leaks, overlaps, unowned } = counts
  const leaked = leaks.fibers + leaks.sleepers + leaks.watches
  return [
    ...deaths,
    ...overlaps.slice(0, shown).map(tell),
    ...said(overlaps.length > shown, `${overlaps.length} overlaps in all`),
    ...said(ignoredSignals > 0, `${ignoredSignals} times a handler had not ended long after its signal`),
    ...said(failures > 0, `${failures} times a handler failed`),
    ...ofWork(counts.work),
    ...said(unowned.length > 0, `nobody runs ${unowned.join(", ")} although all has been calm for long`),
    ...said(
      leaked > 0,
      `left behind when all had stopped: ${leaks.fibers} fibers, ${leaks.sleepers} timers, ${leaks.watches} watches`
    )
  ]
}

const tell = ({ at, first, partition, second, toldAt }: Overlap): string => {
  const told = toldAt === null ? "which nobody had told to stop" : `which was told to stop ${at - toldAt} ms before`
  return `two run ${partition} at ${at} ms: ${second} began beside ${first}, ${told}`
}

const ofWork = (work: WorkReport | null): ReadonlyArray<string> =>
  work === null
    ? []
    : [
        ...said(work.lost > 0, `${work.lost} messages were lost: acknowledged before they were handled`),
        ...said(work.left > 0, `${work.left} messages were left, and nobody is at work on them`),
        ...said(work.repeated > 0, `${work.repeated} messages were handled again after they had been acknowledged`),
        ...said(work.reordered > 0, `${work.reordered} messages were handled after a later one of their partition`),
        ...said(work.lateEffects > 0, `${work.lateEffects} effects came from runs that had ended`),
        ...said(
          work.staleEffects > 0,
          `${work.staleEffects} effects came after those of a later owner, and were refused`
        )
      ]

const said = (isSo: boolean, sentence: string): ReadonlyArray<string> => (isSo ? [sentence] : [])
