/**
 * What runs here: which partitions to start and to stop, and which plan has been followed to the end.
 *
 * **Table** (one partition)
 *
 * | run     | the plan gives it to this session, and the lease holds | it does not, or the lease is ending | handler ended |
 * | ------- | ------------------------------------------------------ | ----------------------------------- | ------------- |
 * | none    | Running                                                | none                                | –             |
 * | Running | Running; Ending where the token is another             | Ending                              | –             |
 * | Ending  | Ending: nothing starts before the older run has ended  | Ending, told again if the lease ends | none         |
 *
 * **Guarantees** `applied` names a plan only when every run that this plan does not give to this session has ended.
 *
 * @since 0.1.0
 */
import type { Epoch, Version } from "../model/Epoch.ts"
import type { PartitionId } from "../model/Partition.ts"
import * as PartitionSet from "../model/PartitionSet.ts"
import { nobody, type Plan } from "../model/Plan.ts"
import type { Applied, Session } from "../model/Record.ts"
import type { Command, StopReason } from "./Command.ts"
import * as Handoff from "./Handoff.ts"
import * as Step from "./Step.ts"

/**
 * One handler's run.
 *
 * @category models
 * @since 0.1.0
 */
export interface Run {
  readonly partition: PartitionId
  readonly token: Version
  readonly epoch: Epoch
  /** Why it was told to stop; `null` while it runs. */
  readonly ending: StopReason | null
}

/**
 * All runs, and the newest plan that has been followed to the end. `owesAnswer`: it is the newest one, and takes
 * something from this session, so that its leader waits to hear of it.
 *
 * @category models
 * @since 0.1.0
 */
export interface State {
  readonly runs: ReadonlyArray<Run>
  readonly applied: Applied
  readonly owesAnswer: boolean
}

/**
 * What the other machines tell this one. `session`: the own one, while it is held. `halt`: why nothing may run now, or
 * `null`. `mayStart`: the lease holds; under `hold`, what runs may go on without it, and nothing new may start.
 *
 * @category models
 * @since 0.1.0
 */
export interface Situation {
  readonly plan: Plan | null
  readonly session: Session | null
  readonly halt: Exclude<StopReason, "Revoked"> | null
  readonly mayStart: boolean
}

/**
 * At the start.
 *
 * @category constants
 * @since 0.1.0
 */
export const initial: State = { runs: [], applied: { epoch: 0, version: 0 }, owesAnswer: false }

/**
 * Starts and stops what the newest plan and the own lease say.
 *
 * @category reducers
 * @since 0.1.0
 */
export const proceed = (state: State, situation: Situation): Step.Step<State> => {
  const share = shareOf(situation)
  const commands: Array<Command> = []
  const runs: Array<Run> = []
  const here = new Set<PartitionId>()
  let isFollowed = true
  for (const run of state.runs) {
    here.add(run.partition)
    // A plan that was lost takes nothing from anybody: the next one will say what must stop.
    const isGiven = situation.plan === null || share.mine.get(run.partition) === run.token
    if (!isGiven) isFollowed = false
    const reason = situation.halt ?? (isGiven ? null : "Revoked")
    if (reason !== null && (run.ending === null || isMoreUrgent(reason, run.ending))) {
      commands.push({ _tag: "StopPartition", partition: run.partition, token: run.token, reason })
      runs.push({ ...run, ending: reason })
    } else runs.push(run)
  }
  if (situation.halt === null && situation.mayStart && situation.plan !== null) {
    const { epoch } = situation.plan
    for (const [partition, token] of share.mine) {
      if (here.has(partition)) continue
      commands.push({ _tag: "StartPartition", partition, token, epoch })
      runs.push({ partition, token, epoch, ending: null })
    }
  }
  const applied = followed(state, situation, isFollowed)
  const owesAnswer = isFollowed && (share.isTakenFrom || situation.plan?.recovering === true)
  if (commands.length === 0 && applied === state.applied && owesAnswer === state.owesAnswer) {
    return Step.ignore(state, "NoChange")
  }
  return Step.next<State>({ runs, applied, owesAnswer }, ...commands)
}

/**
 * A handler that was told to stop has come to its end. Where the plan gives the partition to this session again, it starts
 * anew.
 *
 * @category reducers
 * @since 0.1.0
 */
export const ended = (state: State, partition: PartitionId, token: Version, situation: Situation): Step.Step<State> => {
  const runs = state.runs.filter((run) => !(run.partition === partition && run.token === token && run.ending !== null))
  if (runs.length === state.runs.length) return Step.ignore(state, "LateAnswer")
  const again = situation.halt === null && situation.mayStart ? grantOf(situation, partition) : null
  if (again === null) return Step.next({ ...state, runs })
  return Step.next<State>(
    { ...state, runs: [...runs, { ...again, ending: null }] },
    { _tag: "StartPartition", ...again }
  )
}

const grantOf = (
  { plan, session }: Situation,
  partition: PartitionId
): { readonly partition: PartitionId; readonly token: Version; readonly epoch: Epoch } | null => {
  if (plan === null || session === null) return null
  const seat = plan.workers.findIndex((one) => one.session === session)
  const place = PartitionSet.of(plan.list.partitions).indexOf(partition)
  const isGiven = seat !== nobody && plan.owner[place] === seat && plan.next[place] === seat
  return isGiven ? { partition, token: plan.token[place] ?? 0, epoch: plan.epoch } : null
}

/** Whoever may still finish what it has in hand may no longer when the lease ends. */
const isMoreUrgent = (reason: StopReason, before: StopReason): boolean =>
  (reason === "LeaseEnding" || reason === "LeaseLost") && (before === "Revoked" || before === "Stopping")

const shareOf = (situation: Situation): ReturnType<typeof Handoff.shareOf> => {
  const { plan, session } = situation
  const seat = plan === null || session === null ? nobody : plan.workers.findIndex((one) => one.session === session)
  return plan === null
    ? { mine: new Map(), isTakenFrom: false }
    : Handoff.shareOf(plan, PartitionSet.of(plan.list.partitions).ids, seat)
}

const followed = (state: State, situation: Situation, isFollowed: boolean): Applied => {
  const { plan, session } = situation
  if (plan === null || session === null || !isFollowed) return state.applied
  const isKnown = plan.epoch === state.applied.epoch && plan.version === state.applied.version
  return isKnown ? state.applied : { epoch: plan.epoch, version: plan.version }
}
