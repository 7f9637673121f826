/**
 * Why partitions moved: what the leader keeps of each target that it computed.
 *
 * @since 0.1.0
 */
import type { Epoch, Version } from "../model/Epoch.ts"
import type { Partition, PartitionId } from "../model/Partition.ts"
import type { PhaseReason } from "../model/Plan.ts"
import type { Session } from "../model/Record.ts"
import type { WorkerId } from "../model/WorkerId.ts"
import type { StrategyRecipe, StrategyWorker } from "../strategy/Strategy.ts"

/**
 * Why one partition moved. Of several reasons that hold, the first in this order.
 *
 * - `removed`: it left the source. `added`: it is new, or nobody ever owned it.
 * - `returned`: the worker that had it, and lost it when it went, is back.
 * - `drain`: its worker is being emptied: it leaves, or an operator has said so.
 * - `orphaned`: its worker crashed, or has gone.
 * - `balance`: others came or went, or the number of partitions changed, or an earlier round had put it off.
 * - `weight`: weights, capacities, limits or zones changed.
 * - `strategy`: nothing of this; the strategy decides otherwise than the one before.
 *
 * @category models
 * @since 0.1.0
 */
export type MoveReason = (typeof moveReasons)[number]

/**
 * All reasons. Their places are what is written: new ones go to the end.
 *
 * @category constants
 * @since 0.1.0
 */
export const moveReasons = [
  "removed",
  "added",
  "returned",
  "drain",
  "orphaned",
  "balance",
  "weight",
  "strategy"
] as const

/**
 * Some workers: how many, and the first of them by id.
 *
 * @category models
 * @since 0.1.0
 */
export interface Named {
  readonly count: number
  readonly ids: ReadonlyArray<WorkerId>
}

/**
 * What was different from when the target before was computed. `gone`: in good order.
 *
 * @category models
 * @since 0.1.0
 */
export interface Changes {
  readonly joined: Named
  readonly gone: Named
  readonly crashed: Named
  readonly draining: Named
  readonly partitionsAdded: number
  readonly partitionsRemoved: number
  /** Weights, capacities, limits or zones. */
  readonly isReweighted: boolean
}

/**
 * What moved, and the least that had to for the same balance: partitions where all weigh the same, else weight. `maxOverFair`,
 * `minOverFair`: the highest and the lowest load over its fair share. `isDeferred`: a move budget has put something off.
 *
 * @category models
 * @since 0.1.0
 */
export interface Cost {
  readonly moved: number
  readonly minimum: number
  readonly maxOverFair: number
  readonly minOverFair: number
  readonly isDeferred: boolean
}

/**
 * When what happened, by the wall clock of whoever led, in milliseconds since 1970; `null`: not yet, or never.
 *
 * - `windowOpenedAt`: `null` where there was no window. - `publishedAt`: the plan was seen in force: revokes, and grants of what nobody ran.
 * - `acknowledgedAt`: the last of those who had to give something up has; `slowest` is who. Both `null` where nobody had to.
 * - `grantedAt`: each partition is where it was to go, since the plan `grantedBy` at the latest. - `stableAt`: the plan says Idle.
 * - `supersededBy`: the plan that opened the next decision before this one was done.
 *
 * @category models
 * @since 0.1.0
 */
export interface Steps {
  readonly windowOpenedAt: number | null
  readonly decidedAt: number
  readonly publishedAt: number
  readonly acknowledgedAt: number | null
  readonly slowest: WorkerId | null
  readonly grantedAt: number | null
  readonly grantedBy: Version | null
  readonly stableAt: number | null
  readonly supersededBy: Version | null
}

/**
 * Which strategy decided; `recipe` is `null` where it cannot be made again from data.
 *
 * @category models
 * @since 0.1.0
 */
export interface StrategyName {
  readonly name: string
  readonly algoVersion: number
  readonly recipe: StrategyRecipe | null
}

/**
 * What was decided, apart from its number and from how it went on. `version` is that of the plan which opened it. `moves`
 * counts partitions by reason. `inputs` and `outcome` are digests.
 *
 * @category models
 * @since 0.1.0
 */
export interface Verdict {
  readonly version: Version
  readonly epoch: Epoch
  readonly leader: WorkerId
  readonly trigger: PhaseReason
  readonly changes: Changes
  readonly strategy: StrategyName
  readonly workers: number
  readonly partitions: number
  readonly moves: Readonly<Record<MoveReason, number>>
  readonly cost: Cost
  readonly inputs: string
  readonly outcome: string
}

/**
 * One decision. Numbers rise by one from decision to decision, from leader to leader. `evidence`: how much of it was small
 * enough to be kept.
 *
 * @category models
 * @since 0.1.0
 */
export interface Decision extends Verdict {
  readonly number: number
  readonly steps: Steps
  readonly evidence: "Whole" | "WithoutList" | "TooLarge"
}

/**
 * All that the strategy was given, and what it answered. Columns run in parallel to the partitions it was asked about;
 * indices are into `workers`, and -1 stands for nobody.
 *
 * `from` is who had the partition: it goes on into `former`, the workers that were to get nothing more. `reasons` are places
 * in `moveReasons`, and -1 for what stayed. `partitions` is `null` when the list was too large to be kept.
 *
 * @category models
 * @since 0.1.0
 */
export interface Evidence {
  readonly version: Version
  readonly workers: ReadonlyArray<StrategyWorker>
  readonly former: ReadonlyArray<WorkerId>
  readonly fingerprint: string
  readonly count: number
  readonly partitions: ReadonlyArray<Partition> | null
  readonly from: ReadonlyArray<number>
  readonly hints: ReadonlyArray<number>
  readonly previousStandby: ReadonlyArray<number> | null
  readonly target: ReadonlyArray<number>
  readonly standby: ReadonlyArray<number> | null
  readonly reasons: ReadonlyArray<number>
  readonly removed: ReadonlyArray<{ readonly id: PartitionId; readonly from: number }>
}

/**
 * A decision as it is found in the log. Without evidence nobody can tell which partitions it moved; `missing` says why there
 * is none.
 *
 * @category models
 * @since 0.1.0
 */
export type Logged =
  | { readonly decision: Decision; readonly evidence: Evidence }
  | { readonly decision: Decision; readonly evidence: null; readonly missing: string }

/**
 * What a leader has decided, before it is known whether the plan that says so came into force. `asked`: the sessions that
 * have to give something up.
 *
 * @category models
 * @since 0.1.0
 */
export interface Made {
  readonly verdict: Verdict
  readonly evidence: Evidence
  readonly windowOpenedAt: number | null
  readonly decidedAt: number
  readonly asked: ReadonlyArray<Session>
}

/**
 * So many decisions are kept.
 *
 * @category constants
 * @since 0.1.0
 */
export const kept = 64

/** So many workers are listed by name. */
const maxNames = 32

/**
 * Counts workers, and lists the first by id.
 *
 * @category constructors
 * @since 0.1.0
 */
export const named = (ids: Iterable<WorkerId>): Named => {
  const sorted = [...new Set(ids)].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  return { count: sorted.length, ids: sorted.slice(0, maxNames) }
}
