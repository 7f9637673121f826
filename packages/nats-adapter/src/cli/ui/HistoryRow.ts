/**
 * One rebalance in the history that the dashboard shows.
 *
 * @since 0.1.0
 */
import * as Decision from "@parti/core/Decision"

/**
 * One decision, and how it went on. `moved` and `minimum` count partitions where all weigh the same, else weight; `tookMs`
 * is `null` until every partition is where it was to go.
 *
 * @category models
 * @since 0.1.0
 */
export interface HistoryRow {
  readonly number: number
  readonly decidedAt: number
  readonly trigger: Decision.Decision["trigger"]
  readonly cause: string
  readonly strategy: string
  readonly moved: number
  readonly minimum: number
  readonly tookMs: number | null
  readonly outcome: "under way" | "done" | "superseded"
}

const rounded = (value: number): number => Math.round(value * 100) / 100

/**
 * A decision as a row.
 *
 * @category conversions
 * @since 0.1.0
 */
export const of = (decision: Decision.Decision): HistoryRow => {
  const { cost, number, steps, strategy, trigger } = decision
  return {
    number,
    decidedAt: steps.decidedAt,
    trigger,
    cause: Decision.cause(decision),
    strategy: strategy.name,
    moved: rounded(cost.moved),
    minimum: rounded(cost.minimum),
    tookMs: steps.grantedAt === null ? null : Math.max(0, steps.grantedAt - steps.decidedAt),
    outcome: steps.supersededBy !== null ? "superseded" : steps.stableAt === null ? "under way" : "done"
  }
}
