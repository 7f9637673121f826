/**
 * The history of one partition: who has it, since when, and why it came there.
 *
 * @since 0.1.0
 */
import type { Version } from "../model/Epoch.ts"
import * as PartitionSet from "../model/PartitionSet.ts"
import { nobody, type Plan } from "../model/Plan.ts"
import type { Session } from "../model/Record.ts"
import type { WorkerId } from "../model/WorkerId.ts"
import { type Decision, type Evidence, type Logged, type MoveReason, moveReasons } from "./Decision.ts"

/**
 * One move of a partition, and the decision that moved it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Moved {
  readonly from: string | null
  readonly to: string | null
  readonly reason: MoveReason
  readonly decision: Decision
}

/**
 * Who has a partition by the plan in force. `next` is who is to get it, where that is another one. `since` is when `token` was granted, by the
 * wall clock of the leader, in milliseconds since 1970.
 *
 * @category models
 * @since 0.1.0
 */
export interface Holder {
  readonly owner: WorkerId | null
  readonly session: Session | null
  readonly next: WorkerId | null
  readonly isHandingOver: boolean
  readonly standby: WorkerId | null
  readonly token: Version
  readonly since: number
  /** The token is newer than all that the log tells of: its worker came back under its id, in a new session. */
  readonly isRenewed: boolean
}

/**
 * A decision that cannot tell whether it moved the partition.
 *
 * @category models
 * @since 0.1.0
 */
export interface Gap {
  readonly number: number
  readonly why: string
}

/**
 * All that is known of one partition. `holder` is `null` where the plan does not list it, or where there is none. `moves` come newest first.
 * `oldest`: the first decision that the log still has; what came before is not known.
 *
 * @category models
 * @since 0.1.0
 */
export interface Explanation {
  readonly partition: string
  readonly holder: Holder | null
  readonly moves: ReadonlyArray<Moved>
  readonly gaps: ReadonlyArray<Gap>
  readonly decisions: number
  readonly oldest: number | null
}

/**
 * Explains where a partition is.
 *
 * @category conversions
 * @since 0.1.0
 */
export const of = (partition: string, decisions: ReadonlyArray<Logged>, plan: Plan | null): Explanation => {
  const newestFirst = [...decisions].sort((a, b) => b.decision.version - a.decision.version)
  const moves: Array<Moved> = []
  const gaps: Array<Gap> = []
  for (const logged of newestFirst) {
    const found = moveIn(logged, partition)
    if (typeof found === "string") gaps.push({ number: logged.decision.number, why: found })
    else if (found !== null) moves.push(found)
  }
  return {
    partition,
    holder: plan === null ? null : holderIn(plan, partition, newestFirst[0]?.decision),
    moves,
    gaps,
    decisions: newestFirst.length,
    oldest: newestFirst.reduce<number | null>((low, { decision: { number } }) => Math.min(low ?? number, number), null)
  }
}

/** The move; `null` where there was none; a text where nobody can tell. */
const moveIn = (logged: Logged, partition: string): Moved | null | string => {
  const { decision, evidence } = logged
  if (evidence === null) return logged.missing
  const removed = evidence.removed.find(({ id }) => id === partition)
  if (removed !== undefined) {
    return { from: nameOf(evidence, removed.from), to: null, reason: "removed", decision }
  }
  if (evidence.partitions === null) return "its list of partitions was too large, and is no longer in the store"
  const i = PartitionSet.of(evidence.partitions).indexOf(partition)
  const reason = moveReasons[evidence.reasons[i] ?? nobody]
  if (reason === undefined) return null
  return { from: nameOf(evidence, evidence.from[i]), to: nameOf(evidence, evidence.target[i]), reason, decision }
}

const nameOf = ({ former, workers }: Evidence, index: number = nobody): string | null =>
  workers[index]?.id ?? former[index - workers.length] ?? null

const holderIn = (plan: Plan, partition: string, newest: Decision | undefined): Holder | null => {
  const p = PartitionSet.of(plan.list.partitions).indexOf(partition)
  if (p < 0) return null
  const worker = (index: number | undefined) => plan.workers[index ?? nobody]
  const token = plan.token[p] ?? 0
  const grantedBy = newest?.steps.grantedBy ?? null
  return {
    owner: worker(plan.owner[p])?.id ?? null,
    session: worker(plan.owner[p])?.session ?? null,
    next: worker(plan.next[p])?.id ?? null,
    isHandingOver: plan.owner[p] !== plan.next[p],
    standby: worker(plan.standby?.[p])?.id ?? null,
    token,
    // Versions are taken from the wall clock.
    since: token,
    isRenewed: grantedBy !== null && token > grantedBy
  }
}
