/**
 * Why a partition is where it is.
 *
 * @since 0.1.0
 */
import * as Decision from "@parti/core/Decision"
import * as Table from "../Table.ts"

/**
 * One decision, as reports tell it. Times are those of the leader's wall clock; `null`: not yet, or never.
 *
 * @category models
 * @since 0.1.0
 */
export interface DecisionReport {
  readonly number: number
  readonly version: number
  readonly leader: string
  readonly trigger: Decision.Decision["trigger"]
  readonly changes: Decision.Changes
  readonly strategy: string
  readonly moves: Decision.Decision["moves"]
  readonly moved: number
  readonly minimum: number
  readonly windowOpenedAt: string | null
  readonly decidedAt: string
  readonly publishedAt: string
  readonly acknowledgedAt: string | null
  readonly slowest: string | null
  readonly grantedAt: string | null
  readonly stableAt: string | null
  readonly supersededBy: number | null
}

/**
 * Who has a partition, and the moves that the log remembers, newest first: the JSON of `parti explain`.
 *
 * @category models
 * @since 0.1.0
 */
export interface ExplainReport {
  readonly group: string
  readonly partition: string
  readonly owner: string | null
  readonly next: string | null
  readonly standby: string | null
  readonly token: number | null
  readonly since: string | null
  readonly isRenewed: boolean
  readonly moves: ReadonlyArray<{
    readonly from: string | null
    readonly to: string | null
    readonly reason: Decision.MoveReason
    readonly decision: DecisionReport
  }>
  readonly gaps: ReadonlyArray<Decision.Gap>
  readonly decisions: number
  readonly oldest: number | null
}

const time = (wallMs: number | null): string | null => (wallMs === null ? null : new Date(wallMs).toISOString())

/**
 * A decision, for programs.
 *
 * @category conversions
 * @since 0.1.0
 */
export const decision = (one: Decision.Decision): DecisionReport => {
  const { changes, cost, leader, moves, number, steps, strategy, trigger, version } = one
  return {
    number,
    version,
    leader,
    trigger,
    changes,
    strategy: strategy.name,
    moves,
    moved: cost.moved,
    minimum: cost.minimum,
    windowOpenedAt: time(steps.windowOpenedAt),
    decidedAt: new Date(steps.decidedAt).toISOString(),
    publishedAt: new Date(steps.publishedAt).toISOString(),
    acknowledgedAt: time(steps.acknowledgedAt),
    slowest: steps.slowest,
    grantedAt: time(steps.grantedAt),
    stableAt: time(steps.stableAt),
    supersededBy: steps.supersededBy
  }
}

/**
 * The report of an explanation.
 *
 * @category conversions
 * @since 0.1.0
 */
export const of = (group: string, explanation: Decision.Explanation): ExplainReport => {
  const { decisions, gaps, holder, moves, oldest, partition } = explanation
  return {
    group,
    partition,
    owner: holder?.owner ?? null,
    next: holder?.next ?? null,
    standby: holder?.standby ?? null,
    token: holder?.token ?? null,
    since: time(holder?.since ?? null),
    isRenewed: holder?.isRenewed ?? false,
    moves: moves.map(({ decision: one, from, reason, to }) => ({ from, to, reason, decision: decision(one) })),
    gaps,
    decisions,
    oldest
  }
}

/**
 * The explanation in lines. They hold what workers wrote.
 *
 * @category rendering
 * @since 0.1.0
 */
export const render = (explanation: Decision.Explanation): ReadonlyArray<string> =>
  Decision.describe(explanation).map(Table.printable)
