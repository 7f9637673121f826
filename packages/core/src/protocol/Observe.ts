/**
 * What a fact teaches a node. Nothing is ordered here but what the fact itself calls for; `Settle` does what is due.
 *
 * @since 0.1.0
 */
import type { Plan } from "../model/Plan.ts"
import type { Applied, ControlRecord, WorkerRecord } from "../model/Record.ts"
import * as Revision from "../model/Revision.ts"
import type { WorkerId } from "../model/WorkerId.ts"
import * as Bearing from "./Bearing.ts"
import * as Claim from "./Claim.ts"
import type { Command, Write } from "./Command.ts"
import type { Config } from "./Config.ts"
import * as Connection from "./Connection.ts"
import * as Election from "./Election.ts"
import type { Answer, Event } from "./Event.ts"
import * as Holdings from "./Holdings.ts"
import * as Leadership from "./Leadership.ts"
import * as Lease from "./Lease.ts"
import * as Membership from "./Membership.ts"
import { type Doubt, noControls, type State, unseenPlan } from "./NodeState.ts"
import * as Settle from "./Settle.ts"
import * as Step from "./Step.ts"

/** An event by its tag. */
type In<Tag extends Event["_tag"]> = Extract<Event, { readonly _tag: Tag }>

/**
 * Takes a fact in.
 *
 * @category reducers
 * @since 0.1.0
 */
export const observe = (config: Config, state: State, event: Event): Step.Step<State> => {
  switch (event._tag) {
    case "Started":
      return start(state, event)
    case "TimerFired":
      return Step.next({ ...state, timerAt: null })
    case "LiveOpened":
    case "WorkerObserved":
    case "LeaderObserved":
    case "LiveSynced":
      return event.serial === state.watch.serial ? seeLive(config, state, event) : Step.ignore(state, "StaleWatch")
    case "PlanOpened":
      return openPlan(state, event)
    case "PlanObserved":
      return seePlan(state, event.plan, event.revision, event.at)
    case "PlanSynced":
      return syncPlan(state, event.at)
    case "ControlObserved":
      return Step.next({ ...state, controls: control(state.controls, event.control), hasNews: true })
    case "RecordUndecodable":
      return misread(state, event)
    case "WriteAccepted":
    case "WriteRejected":
    case "WriteUnknown":
      return answer(config, state, event)
    case "PartitionsListed":
      return list(state, event)
    case "PartitionsFailed":
      return Step.next(state, { _tag: "Report", report: { _tag: "PartitionsRefused", reason: event.reason } })
    case "PartitionEnded":
      return end(config, state, event)
    case "ControlRequested":
      return request(state, event)
    case "StopRequested":
      return stop(state, event)
  }
}

const start = (state: State, event: In<"Started">): Step.Step<State> =>
  state.life._tag === "Init"
    ? Step.next<State>(
        {
          ...state,
          life: { _tag: "Running", startedAt: event.at, hasArrived: false },
          connection: Connection.initial(event.at),
          watch: { serial: 1, scope: { _tag: "Whole" } }
        },
        { _tag: "Watch", scope: { _tag: "Whole" }, serial: 1 }
      )
    : Step.ignore(state, "AlreadyStarted")

const seeLive = (
  config: Config,
  state: State,
  event: In<"LiveOpened" | "WorkerObserved" | "LeaderObserved" | "LiveSynced">
): Step.Step<State> => {
  switch (event._tag) {
    case "LiveOpened":
      return openLive(state, event)
    case "WorkerObserved":
      return seeWorker(config, state, event.workerId, event.revision, event.record, event.at)
    case "LeaderObserved": {
      const step = Election.observed(config, state.election, event.revision, event.record, event.at)
      if (step.ignored !== null && state.isLeaderListed) return Step.ignore(state, step.ignored)
      const doubts = step.ignored === null ? settled(state, "leader") : state.doubts
      return Step.next({ ...state, election: step.state, isLeaderListed: true, doubts })
    }
    case "LiveSynced":
      return syncLive(config, state, event.at)
  }
}

const openLive = (state: State, event: In<"LiveOpened">): Step.Step<State> => {
  const before = state.membership.incarnation
  const opened: State = {
    ...state,
    membership: Membership.opened(state.membership, event.incarnation, event.at),
    isLeaderListed: false,
    doubts: [],
    hasNews: true
  }
  if (before === null || before === event.incarnation) return Step.next(opened)
  const claim = Claim.reincarnated(state.claim, event.at)
  return Step.next<State>(
    { ...opened, claim: claim.state, election: Election.reincarnated(state.election, event.at) },
    ...claim.commands,
    { _tag: "Report", report: { _tag: "IncarnationChanged", before, after: event.incarnation } }
  )
}

const seeWorker = (
  config: Config,
  state: State,
  workerId: WorkerId,
  revision: Revision.Revision,
  record: WorkerRecord | null,
  at: number
): Step.Step<State> => {
  const before = Membership.find(state.membership, workerId)
  const isOwn = "workerId" in state.claim && state.claim.workerId === workerId
  const isLoss = isOwn && record === null && Lease.isLoss(state.claim.lease, revision)
  const membership = Membership.observed(state.membership, workerId, revision, record, at)
  if (membership === state.membership && !isLoss) return Step.ignore(state, "StaleObservation")
  const isNews = isTelling(state, before?.record ?? null, record)
  const own = isOwn ? Claim.observed(config, state.claim, revision, record, at) : null
  const claim = own?.state ?? state.claim
  const borne = "session" in claim ? claim.session : null
  const others = without(state.ghosts, workerId)
  const seen: State = {
    ...state,
    membership,
    doubts: settled(state, workerId),
    hasNews: state.hasNews || isNews,
    claim,
    ghosts: Bearing.isGhost(config, borne, record) ? [...others, { workerId, revision, record }] : others
  }
  return own === null ? Step.next(seen) : Step.next(seen, ...own.commands)
}

const without = (ghosts: State["ghosts"], workerId: WorkerId): State["ghosts"] =>
  ghosts.length === 0 ? ghosts : ghosts.filter((ghost) => ghost.workerId !== workerId)

/** A renewal alone tells a leader nothing but that its holder lives, nor does an acknowledgement that nobody waits for. */
const isTelling = (state: State, before: WorkerRecord | null, after: WorkerRecord | null): boolean => {
  if (before === null || after === null || before.session !== after.session) return true
  if (before.state !== after.state || before.draining !== after.draining) return true
  const hasFollowed = before.applied.version !== after.applied.version || before.applied.epoch !== after.applied.epoch
  return hasFollowed && Leadership.isAwaiting(state.leadership, after.session)
}

const syncLive = (config: Config, state: State, at: number): Step.Step<State> => {
  const membership = Membership.synced(state.membership, at)
  const election = state.isLeaderListed
    ? state.election
    : Election.observed(config, state.election, Revision.absent, null, at).state
  const own = "workerId" in state.claim ? state.claim : null
  const isThere = own === null || (Membership.find(membership, own.workerId)?.record ?? null) !== null
  const hasVanished = own !== null && !isThere && own.lease.revision !== Revision.absent && own._tag !== "Claiming"
  const claim = hasVanished ? Claim.observed(config, own, Revision.absent, null, at) : Step.next(state.claim)
  return Step.next(
    { ...state, membership, election, claim: claim.state, isLeaderListed: true, hasNews: true },
    ...claim.commands
  )
}

const openPlan = (state: State, event: In<"PlanOpened">): Step.Step<State> => {
  const before = state.plan.incarnation
  if (before === null || before === event.incarnation) {
    return Step.next({
      ...state,
      plan: { ...state.plan, incarnation: event.incarnation, isSynced: false, isListed: false }
    })
  }
  const gone = losePlan(state, event.at)
  return Step.next<State>(
    {
      ...gone,
      plan: {
        ...unseenPlan,
        incarnation: event.incarnation,
        highest: state.plan.highest,
        formerEpoch: state.plan.highest.epoch
      },
      controls: noControls
    },
    { _tag: "Report", report: { _tag: "IncarnationChanged", before, after: event.incarnation } }
  )
}

const seePlan = (state: State, plan: Plan | null, revision: Revision.Revision, at: number): Step.Step<State> => {
  if (plan === null) {
    if (isOverdue(state.plan.revision, revision)) return Step.ignore(state, "StaleObservation")
    if (state.plan.plan === null) return Step.next({ ...state, plan: { ...state.plan, isListed: true } })
    return Step.next(losePlan(state, at), { _tag: "Report", report: { _tag: "PlanLost" } })
  }
  if (state.plan.plan !== null && revision <= state.plan.revision) {
    return Step.ignore({ ...state, plan: { ...state.plan, isListed: true } }, "StaleObservation")
  }
  if (isSetBack(state.plan, plan)) {
    const lost = losePlan(state, at)
    return Step.next<State>(
      { ...lost, plan: { ...lost.plan, revision } },
      { _tag: "Report", report: { _tag: "PlanLost" } }
    )
  }
  return Step.next({
    ...state,
    plan: {
      ...state.plan,
      isListed: true,
      isReadable: true,
      plan,
      revision,
      highest: highest(state.plan.highest, plan),
      formerEpoch: 0
    },
    leadership: Leadership.observed(state.leadership, plan, revision, at),
    hasNews: true
  })
}

/**
 * Whether the bucket was set back: what the plans since this one have said is lost. A version tells it to whoever has seen a
 * higher one. Others were shown by the incarnation that the bucket begins another life: where this life begins with a plan of a
 * term that the former one knew, nobody can tell what has followed it.
 */
const isSetBack = (seen: State["plan"], plan: Plan): boolean => {
  const isInherited = !seen.isSynced && !plan.recovering && plan.epoch <= seen.formerEpoch
  return plan.version < seen.highest.version || isInherited
}

/** A deletion that is shown again after the key was written anew. One found by a listing has no revision. */
const isOverdue = (known: Revision.Revision, revision: Revision.Revision): boolean =>
  revision !== Revision.absent && revision < known

const highest = (known: Applied, plan: Plan): Applied => ({
  epoch: Math.max(known.epoch, plan.epoch),
  version: Math.max(known.version, plan.version)
})

/** What runs goes on running: the next plan will say that it must stop, and wait until it has. */
const losePlan = (state: State, at: number): State => ({
  ...state,
  plan: { ...state.plan, isListed: true, isReadable: true, plan: null, revision: Revision.absent },
  leadership: Leadership.observed(state.leadership, null, Revision.absent, at),
  hasNews: true
})

const syncPlan = (state: State, at: number): Step.Step<State> => {
  const synced = { ...state, plan: { ...state.plan, isSynced: true }, hasNews: true }
  if (state.plan.isListed || state.plan.plan === null) return Step.next(synced)
  return Step.next(losePlan(synced, at), { _tag: "Report", report: { _tag: "PlanLost" } })
}

const control = (before: State["controls"], record: ControlRecord): State["controls"] => {
  switch (record._tag) {
    case "Pause":
      return { ...before, isPaused: record.paused }
    case "Drain":
      return { ...before, drains: [...before.drains.filter((one) => one.workerId !== record.workerId), record] }
    case "Rebalance":
      return { ...before, rebalanceSerial: record.serial }
    case "Refresh":
      return { ...before, refreshSerial: record.serial }
  }
}

const misread = (state: State, event: In<"RecordUndecodable">): Step.Step<State> => {
  const { key, revision, reason } = event
  const isPlan = event.bucket === "plan" && key === "plan"
  return Step.next<State>(isPlan ? { ...state, plan: { ...state.plan, isListed: true, isReadable: false } } : state, {
    _tag: "Report",
    report: { _tag: "RecordUndecodable", key, revision, reason }
  })
}

const answer = (config: Config, before: State, event: Answer): Step.Step<State> => {
  const state = doubt(before, event)
  switch (event.write.purpose) {
    case "Claim":
    case "Renew":
    case "Release": {
      const step = Claim.answered(config, state.claim, event)
      // The store took a write of ours: that is all the connection is judged by, whatever the claim makes of it.
      const connection =
        event._tag === "WriteAccepted" ? Connection.accepted(config, state.connection, event.at) : state.connection
      return { ...step, state: { ...state, claim: step.state, connection } }
    }
    case "Lead":
    case "RenewLeader":
    case "ReleaseLeader": {
      const step = Election.answered(config, state.election, event)
      return { ...step, state: { ...state, election: step.state } }
    }
    case "Plan": {
      const step = Leadership.answered(config, state.leadership, event)
      return { ...step, state: { ...state, leadership: step.state, hasNews: true } }
    }
    case "Evict":
    case "Fence": {
      const { state: leadership, seen } = Leadership.carriedOut(config, state.leadership, event)
      const after: State = { ...state, leadership, hasNews: true }
      if (seen === null || event._tag !== "WriteAccepted") return Step.next(after)
      const step = seeWorker(config, after, seen.workerId, event.revision, seen.record, event.at)
      return { ...step, commands: [...step.commands, { _tag: "Report", report: seen.report }], ignored: null }
    }
    case "Control":
      return Step.ignore(state, "AnswerToNobody")
  }
}

/** A conflict says that the key has moved on. If the watch does not show how, the key may have vanished unseen. */
const doubt = (state: State, event: Answer): State => {
  if (event._tag !== "WriteRejected" || event.reason !== "Conflict") return state
  const key = keyOf(state, event.write)
  return key === null || state.doubts.some((one) => one.key === key)
    ? state
    : { ...state, doubts: [...state.doubts, { key, since: event.at }] }
}

const keyOf = (state: State, write: Write): Doubt["key"] | null => {
  switch (write.purpose) {
    case "Claim":
    case "Renew":
    case "Release":
      return "workerId" in state.claim ? state.claim.workerId : null
    case "Lead":
    case "RenewLeader":
    case "ReleaseLeader":
      return "leader"
    case "Evict":
    case "Fence":
      return Leadership.subjectOf(state.leadership, write)
    case "Plan":
    case "Control":
      return null
  }
}

const settled = (state: State, key: Doubt["key"]): State["doubts"] =>
  state.doubts.length === 0 ? state.doubts : state.doubts.filter((one) => one.key !== key)

/** An empty list after one that was not is asked for again before anything is taken from anybody. */
const list = (state: State, event: In<"PartitionsListed">): Step.Step<State> => {
  const { partitions } = event
  const known = state.source.partitions?.length ?? state.plan.plan?.list.partitions.length ?? 0
  if (partitions.length === 0 && known > 0 && !state.source.isEmptyOnce) {
    const doubtful: State = { ...state, source: { ...state.source, isEmptyOnce: true } }
    const report: Command = { _tag: "Report", report: { _tag: "PartitionsEmptyUnconfirmed", listed: known } }
    return Step.next(doubtful, report, { _tag: "ReadPartitions" })
  }
  return Step.next({ ...state, source: { partitions, isEmptyOnce: false }, hasNews: true })
}

const end = (config: Config, state: State, event: In<"PartitionEnded">): Step.Step<State> => {
  const permission = Settle.permission(config, state, event.at)
  const step = Holdings.ended(state.holdings, event.partition, event.token, { plan: state.plan.plan, ...permission })
  if (step.ignored !== null) return Step.ignore(state, step.ignored)
  const isLast = step.state.ending.length === 0
  // With nothing followed, it is asked anew whether the plan has been followed to the end.
  const followed = isLast ? { ...state.followed, revision: -1 } : state.followed
  return Step.next({ ...state, holdings: step.state, followed }, ...step.commands)
}

const request = (state: State, event: In<"ControlRequested">): Step.Step<State> => {
  const serial = state.controlWrites + 1
  return Step.next<State>(
    { ...state, controlWrites: serial },
    {
      _tag: "WriteControl",
      write: { serial, purpose: "Control", issuedAt: event.at, expected: Revision.absent },
      control: event.control
    }
  )
}

const stop = (state: State, event: In<"StopRequested">): Step.Step<State> => {
  if (state.life._tag === "Init") {
    return Step.next<State>(
      { ...state, life: { _tag: "Halted" }, manager: "Shutdown", entered: ["Shutdown"] },
      { _tag: "Halt", outcome: { _tag: "Stopped", released: true } }
    )
  }
  if (state.life._tag !== "Running") return Step.ignore(state, "AlreadyStopping")
  const tag = event.intent === "leave" ? "Draining" : "Ending"
  return Step.next<State>({ ...state, life: { _tag: tag, intent: event.intent, since: event.at, failure: null } })
}
