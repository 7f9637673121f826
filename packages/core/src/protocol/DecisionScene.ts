/**
 * What a leader saw when it decided, and what was different from before.
 *
 * @since 0.1.0
 */
import * as PartitionSet from "../model/PartitionSet.ts"
import type { Plan } from "../model/Plan.ts"
import * as Decision from "./Decision.ts"
import type { Kept } from "./Desk.ts"
import type * as NodeState from "./NodeState.ts"
import type * as Roster from "./Roster.ts"
import * as Target from "./Target.ts"

/**
 * All that lay before the leader, and what it made of it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Scene {
  readonly base: Plan
  readonly kept: Kept
  readonly plan: Plan
  readonly isDeferred: boolean
  readonly rows: ReadonlyArray<Roster.Row>
  readonly prepared: Target.Prepared
  readonly source: PartitionSet.PartitionSet
}

/**
 * Puts the scene together as it was when the draft was made.
 *
 * @category constructors
 * @since 0.1.0
 */
export const see = (
  base: Plan,
  kept: Kept,
  draft: { readonly plan: Plan; readonly kept: Kept },
  source: NodeState.State["source"]["partitions"],
  rows: ReadonlyArray<Roster.Row>
): Scene => ({
  base,
  kept,
  plan: draft.plan,
  isDeferred: draft.kept.isDeferred,
  rows,
  prepared: Target.prepare(base, kept, source, rows, draft.plan.version),
  source: PartitionSet.of(source ?? base.list.partitions)
})

/**
 * What was different from when the target before was computed.
 *
 * @category getters
 * @since 0.1.0
 */
export const changesOf = ({ base, kept, prepared, rows, source }: Scene): Decision.Changes => {
  const here = new Set(prepared.eligible.map(({ row }) => row.id))
  const before = rows.filter((row) => row.isMember)
  const known = new Set(before.map((row) => row.id))
  const lost = before.filter((row) => !here.has(row.id))
  const named = (holds: (row: Roster.Row) => boolean) => Decision.named(lost.filter(holds).map((row) => row.id))
  const listed = PartitionSet.of(base.list.partitions)
  const isSameList = listed.fingerprint === source.fingerprint
  const missing = (ids: ReadonlyArray<string>, from: PartitionSet.PartitionSet) =>
    isSameList ? 0 : ids.filter((id) => from.indexOf(id) < 0).length
  const isHeavier = (id: string, i: number): boolean => {
    const p = listed.indexOf(id)
    return p >= 0 && listed.weights[p] !== source.weights[i]
  }
  const stayed = prepared.eligible.filter(({ row }) => known.has(row.id))
  return {
    joined: Decision.named([...here].filter((id) => !known.has(id))),
    gone: named((row) => !row.isDraining && !hasCrashed(row)),
    crashed: named(hasCrashed),
    draining: named((row) => row.isDraining),
    partitionsAdded: missing(source.ids, listed),
    partitionsRemoved: missing(listed.ids, source),
    isReweighted:
      stayed.some(({ row }) => Target.hasChangedShape(kept.work, row)) || (!isSameList && source.ids.some(isHeavier))
  }
}

const hasCrashed = ({ standing }: Roster.Row): boolean => standing !== "Live" && standing !== "Left"

/**
 * Why something moves that nobody was forced to move.
 *
 * @category getters
 * @since 0.1.0
 */
export const voluntary = (changes: Decision.Changes, { isDeferred }: Kept): Decision.MoveReason => {
  const { crashed, draining, gone, isReweighted, joined, partitionsAdded, partitionsRemoved } = changes
  const isOtherGroup = joined.count + gone.count + crashed.count + draining.count > 0
  if (isOtherGroup || partitionsAdded + partitionsRemoved > 0 || isDeferred) return "balance"
  return isReweighted ? "weight" : "strategy"
}
