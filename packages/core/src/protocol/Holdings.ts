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
}

/**
 * A run that was told to stop, and why.
 *
 * @category models
 * @since 0.1.0
 */
export interface EndingRun extends Run {
  readonly reason: StopReason
}

/**
 * All runs, and the newest plan that has been followed to the end. `owesAnswer`: it is the newest one, and takes
 * something from this session, so that its leader waits to hear of it.
 *
 * @category models
 * @since 0.1.0
 */
export interface State {
  readonly running: ReadonlyArray<Run>
  readonly ending: ReadonlyArray<EndingRun>
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
export const initial: State = { running: [], ending: [], applied: { epoch: 0, version: 0 }, owesAnswer: false }

/**
 * Whether nothing runs here, nor is ending.
 *
 * @category predicates
 * @since 0.1.0
 */
export const isEmpty = (state: State): boolean => state.running.length === 0 && state.ending.length === 0

/**
 * Starts and stops what the newest plan and the own lease say.
 *
 * @category reducers
 * @since 0.1.0
 */
export const proceed = (state: State, situation: Situation): Step.Step<State> => {
  const share = shareOf(situation)
  // A plan that was lost takes nothing from anybody: the next one will say what must stop.
  const isGiven = (run: Run): boolean => situation.plan === null || share.mine.get(run.partition) === run.token
  const { commands: stops, ending, running } = stop(state, situation, isGiven)
  const starts = start([...state.running, ...state.ending], situation, share.mine)
  const isFollowed = state.running.every(isGiven) && state.ending.every(isGiven)
  const applied = followed(state, situation, isFollowed)
  const owesAnswer = isFollowed && (share.isTakenFrom || situation.plan?.recovering === true)
  const isQuiet = stops.length === 0 && starts.length === 0
  if (isQuiet && applied === state.applied && owesAnswer === state.owesAnswer) return Step.ignore(state, "NoChange")
  return Step.next<State>(
    { running: [...running, ...starts], ending, applied, owesAnswer },
    ...stops,
    ...starts.map((run): Command => ({ _tag: "StartPartition", ...run }))
  )
}

/**
 * A handler that was told to stop has come to its end. Where the plan gives the partition to this session again, it starts
 * anew.
 *
 * @category reducers
 * @since 0.1.0
 */
export const ended = (state: State, partition: PartitionId, token: Version, situation: Situation): Step.Step<State> => {
  const ending = state.ending.filter((run) => !(run.partition === partition && run.token === token))
  if (ending.length === state.ending.length) return Step.ignore(state, "LateAnswer")
  const again = situation.halt === null && situation.mayStart ? grantOf(situation, partition) : null
  if (again === null) return Step.next({ ...state, ending })
  return Step.next<State>(
    { ...state, ending, running: [...state.running, again] },
    { _tag: "StartPartition", ...again }
  )
}

const stop = (
  state: State,
  situation: Situation,
  isGiven: (run: Run) => boolean
): Pick<State, "running" | "ending"> & { readonly commands: ReadonlyArray<Command> } => {
  const commands: Array<Command> = []
  const tell = ({ epoch, partition, token }: Run, reason: StopReason): EndingRun => {
    commands.push({ _tag: "StopPartition", partition, token, reason })
    return { partition, token, epoch, reason }
  }
  const reasonFor = (run: Run): StopReason | null => situation.halt ?? (isGiven(run) ? null : "Revoked")
  const told = state.ending.map((run) => {
    const reason = reasonFor(run)
    return reason !== null && isMoreUrgent(reason, run.reason) ? tell(run, reason) : run
  })
  const running: Array<Run> = []
  for (const run of state.running) {
    const reason = reasonFor(run)
    if (reason === null) running.push(run)
    else told.push(tell(run, reason))
  }
  return { running, ending: told, commands }
}

const start = (
  runs: ReadonlyArray<Run>,
  situation: Situation,
  mine: ReadonlyMap<PartitionId, Version>
): ReadonlyArray<Run> => {
  if (situation.halt !== null || !situation.mayStart || situation.plan === null) return []
  const { epoch } = situation.plan
  const here = new Set(runs.map((run) => run.partition))
  return [...mine].flatMap(([partition, token]) => (here.has(partition) ? [] : [{ partition, token, epoch }]))
}

const grantOf = ({ plan, session }: Situation, partition: PartitionId): Run | null => {
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
