/**
 * What a leader has decided: read from its state after the step that orders the plan to be written.
 *
 * **Details**
 *
 * The reducers know nothing of this. What the strategy was asked is put together anew, by the very function that the reducer
 * used, and what it answered is taken from the plan itself.
 *
 * @since 0.1.0
 */
import * as Hash from "../model/Hash.ts"
import * as PartitionSet from "../model/PartitionSet.ts"
import { nobody, type Plan } from "../model/Plan.ts"
import type { Session } from "../model/Record.ts"
import type { WorkerId } from "../model/WorkerId.ts"
import type { AssignmentStrategy } from "../strategy/Strategy.ts"
import type { Config } from "./Config.ts"
import * as Connection from "./Connection.ts"
import * as Decision from "./Decision.ts"
import type { Kept } from "./Desk.ts"
import type { Stamp } from "./Event.ts"
import * as Evidence from "./Evidence.ts"
import * as Scene from "./DecisionScene.ts"
import type * as NodeState from "./NodeState.ts"
import * as Roster from "./Roster.ts"
import type { Step } from "./Step.ts"

/**
 * What the leader's office shows of itself: the plan that it knows to be in force, and what it has decided in this very step.
 *
 * @category models
 * @since 0.1.0
 */
export interface Leading {
  readonly plan: Plan
  /** Works it out; `null` for nearly all steps. */
  readonly made: () => Decision.Made | null
}

/**
 * What a step shows of the leader's office; `null` where this worker does not lead, or has not taken the plan over yet.
 *
 * @category conversions
 * @since 0.1.0
 */
export const leading = (config: Config, step: Step<NodeState.State>, now: Stamp): Leading | null => {
  const { leadership } = step.state
  return leadership._tag === "Acting" ? { plan: leadership.plan, made: () => of(config, step, now) } : null
}

/**
 * What was decided in a step; `null` for nearly all steps.
 *
 * @category conversions
 * @since 0.1.0
 */
export const of = (config: Config, { commands, state }: Step<NodeState.State>, now: Stamp): Decision.Made | null => {
  const { leadership } = state
  if (leadership._tag !== "Acting" || leadership.pending === null) return null
  const { draft } = leadership.pending
  const isWritten = commands.some(({ _tag }) => _tag === "WritePlan")
  // What the leader keeps by itself says what it found; what goes with the draft says that this is the answer to it.
  const isTarget = isTargeted(draft.kept) && !isTargeted(leadership.kept)
  if (!isWritten || !isTarget || draft.plan.phase._tag === "Idle") return null
  const rows = Roster.make(config, {
    plan: leadership.plan,
    epoch: leadership.epoch,
    members: state.membership,
    drains: state.controls.drains,
    listeningSince: Connection.listeningSince(config, state.connection, now.at),
    at: now.at
  })
  const scene = Scene.see(leadership.plan, leadership.kept, draft, state.source.partitions, rows)
  return make(scene, config.strategy, draft.plan.phase, now)
}

const isTargeted = ({ calculator }: Kept): boolean =>
  (calculator._tag === "Rebalancing" || calculator._tag === "Emergency") && calculator.isTargeted

const make = (
  scene: Scene.Scene,
  { algoVersion, name, recipe }: AssignmentStrategy,
  phase: Exclude<Plan["phase"], { readonly _tag: "Idle" }>,
  now: Stamp
): Decision.Made => {
  const { base, isDeferred, plan, prepared } = scene
  const changes = Scene.changesOf(scene)
  const evidence = evidenceOf(scene, changes)
  const cost = Evidence.costOf(prepared.question, evidence, isDeferred)
  const strategy = { name, algoVersion, recipe: recipe ?? null }
  const hadWindow = base.phase._tag === "Scaling" && base.phase.reason === phase.reason
  return {
    verdict: {
      version: plan.version,
      epoch: plan.epoch,
      leader: plan.leader.id,
      trigger: phase.reason,
      changes,
      strategy,
      workers: evidence.workers.length,
      partitions: evidence.count,
      moves: countReasons(evidence),
      cost,
      inputs: Hash.digest(Evidence.inputsText(strategy, evidence)),
      outcome: Hash.digest(Evidence.outcomeText(evidence, cost))
    },
    evidence,
    windowOpenedAt: hadWindow ? base.phase.startedAt : null,
    decidedAt: Math.floor(now.wall),
    asked: askedBy(plan)
  }
}

/**
 * The sessions that a plan takes something from.
 *
 * @category getters
 * @since 0.1.0
 */
export const askedBy = ({ next, owner, workers }: Plan): ReadonlyArray<Session> => {
  const asked = new Set<number>()
  owner.forEach((index, p) => {
    if (index !== nobody && index !== next[p]) asked.add(index)
  })
  return [...asked].flatMap((index) => workers[index]?.session ?? [])
}

const countReasons = ({ reasons, removed }: Decision.Evidence): Decision.Verdict["moves"] => {
  const counts = {
    removed: removed.length,
    added: 0,
    returned: 0,
    drain: 0,
    orphaned: 0,
    balance: 0,
    weight: 0,
    strategy: 0
  }
  for (const place of reasons) {
    const reason = Decision.moveReasons[place]
    if (reason !== undefined) counts[reason] += 1
  }
  return counts
}

const evidenceOf = (scene: Scene.Scene, changes: Decision.Changes): Decision.Evidence => {
  const { base, plan, prepared, rows, source } = scene
  const { eligible, places, question } = prepared
  const seats = new Map(eligible.map(({ row }, seat) => [row.id, seat]))
  const seatIn = (index: number | undefined): number =>
    seats.get(plan.workers[index ?? nobody]?.id ?? absentId) ?? nobody
  const holders = holdersOf(scene)
  const listed = PartitionSet.of(base.list.partitions)
  const removed = listed.ids.flatMap((id, p) =>
    source.indexOf(id) >= 0 ? [] : [{ id, holder: rows[base.owner[p] ?? nobody] ?? null }]
  )
  const everybody = [...holders, ...removed.map(({ holder }) => holder)]
  const gone = [...new Set(everybody.flatMap((row) => (row === null || seats.has(row.id) ? [] : [row.id])))].sort()
  const tickets = new Map([...seats, ...gone.map((id, i) => [id, eligible.length + i] as const)])
  const ticketOf = (row: Roster.Row | null) => (row === null ? nobody : (tickets.get(row.id) ?? nobody))
  const from = places.map((p) => ticketOf(holders[p] ?? null))
  const target = places.map((p) => seatIn(plan.next[p]))
  const hints = question === null ? places.map(() => nobody) : Array.from(question.hints)
  const otherwise = Scene.voluntary(changes, scene.kept)
  const reasons = places.map((p, i) => {
    if (from[i] === target[i]) return nobody
    const isNew = holders[p] === null && (prepared.columns.token[p] ?? 0) === 0
    const isHome = hints[i] !== nobody && hints[i] === target[i]
    return Decision.moveReasons.indexOf(reasonOf(holders[p] ?? null, isNew, isHome, seats, otherwise))
  })
  return {
    version: plan.version,
    workers: eligible.map(({ row: { capacity, id, maxPartitions, zone } }) => ({ id, capacity, maxPartitions, zone })),
    former: gone,
    fingerprint: source.fingerprint,
    count: source.size,
    partitions: source.partitions,
    from,
    hints,
    previousStandby:
      question === null || question.previousStandby === null ? null : Array.from(question.previousStandby),
    target,
    standby: plan.standby === undefined ? null : places.map((p) => seatIn(plan.standby?.[p])),
    reasons,
    removed: removed.map(({ holder, id }) => ({ id, from: ticketOf(holder) }))
  }
}

/** No worker is called so: an id is never empty. */
const absentId = "" as WorkerId

/** Who had each partition of the new list: whoever was to get it, unless only the present owner may keep it. */
const holdersOf = ({ prepared, rows }: Scene.Scene): ReadonlyArray<Roster.Row | null> => {
  const { columns, eligible } = prepared
  const here = new Set(eligible.map(({ row }) => row.id))
  return columns.owner.map((index, p) => {
    const owner = rows[index] ?? null
    const next = rows[columns.next[p] ?? nobody] ?? null
    if (next !== null && here.has(next.id)) return next
    return owner ?? next
  })
}

const reasonOf = (
  holder: Roster.Row | null,
  isNew: boolean,
  isHome: boolean,
  seats: ReadonlyMap<WorkerId, number>,
  otherwise: Decision.MoveReason
): Decision.MoveReason => {
  if (isNew) return "added"
  if (isHome) return "returned"
  if (holder === null) return "orphaned"
  if (seats.has(holder.id)) return otherwise
  return holder.isDraining ? "drain" : "orphaned"
}
