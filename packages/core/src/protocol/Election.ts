/**
 * Who leads.
 *
 * **Table**
 *
 * | state     | office vacant or silent | accepted           | rejected        | unknown             | record shows another | worker lease lost | resigns   |
 * | --------- | ----------------------- | ------------------ | --------------- | ------------------- | -------------------- | ----------------- | --------- |
 * | Follower  | Candidate, after jitter | –                  | –               | –                   | Follower, waits anew | –                 | –         |
 * | Candidate | –                       | Leader             | Follower        | waits for the watch | Follower             | waits for the answer | –      |
 * | Leader    | renews                  | holds longer       | tries on        | tries on            | Follower             | Resigning         | Resigning |
 * | Resigning | –                       | Follower           | Follower        | tries on            | Follower             | –                 | –         |
 *
 * **Guarantees** Epochs that win rise. Nothing more is needed of the leader's lease: that only one leader's plans count is
 * the work of the plan's chain of compare-and-sets (S4).
 *
 * @since 0.1.0
 */
import * as Epoch from "../model/Epoch.ts"
import type { LeaderRecord, Session } from "../model/Record.ts"
import * as Revision from "../model/Revision.ts"
import type { WorkerId } from "../model/WorkerId.ts"
import type { Command } from "./Command.ts"
import type { Config } from "./Config.ts"
import * as Draw from "./Draw.ts"
import type { Answer } from "./Event.ts"
import * as Lease from "./Lease.ts"
import * as Step from "./Step.ts"

/**
 * The leader's record as last seen, and since when.
 *
 * @category models
 * @since 0.1.0
 */
export interface Seen {
  readonly revision: Revision.Revision
  readonly record: LeaderRecord | null
  readonly seenAt: number
}

/** A term that we run for, or serve. */
interface Term {
  readonly epoch: Epoch.Epoch
  readonly workerId: WorkerId
  readonly session: Session
  readonly lease: Lease.Lease
}

/**
 * Where the worker stands in the election. `seen` is `null` until the watch has shown the record or its absence.
 *
 * @category models
 * @since 0.1.0
 */
export type State = { readonly seen: Seen | null; readonly writes: number } & (
  | { readonly _tag: "Follower"; readonly patientUntil: number }
  | ({ readonly _tag: "Candidate"; readonly giveUpAt: number } & Term)
  | ({ readonly _tag: "Leader" } & Term)
  | ({ readonly _tag: "Resigning" } & Term)
)

/** A state by its tag. */
type In<Tag extends State["_tag"]> = Extract<State, { readonly _tag: Tag }>

/**
 * What the other machines tell this one.
 *
 * @category models
 * @since 0.1.0
 */
export interface Situation {
  readonly at: number
  readonly wall: number
  /** The own id and session while their lease holds and the plan can be read; else `null`. */
  readonly self: { readonly workerId: WorkerId; readonly session: Session } | null
  readonly planEpoch: Epoch.Epoch
  readonly listeningSince: number
  /** Watches everybody already, and would know at once who lives. */
  readonly isReady: boolean
}

/**
 * At the start.
 *
 * @category constants
 * @since 0.1.0
 */
export const initial: State = { _tag: "Follower", seen: null, writes: 0, patientUntil: 0 }

/**
 * Does what is due.
 *
 * @category reducers
 * @since 0.1.0
 */
export const proceed = (config: Config, state: State, situation: Situation): Step.Step<State> => {
  switch (state._tag) {
    case "Follower":
      return situation.at >= runAt(config, state, situation) ? run(config, state, situation) : idle(state)
    case "Candidate": {
      // One who may lead no longer may be granted the office yet, and has to give it back then.
      const isWaiting = isSelf(state, situation) || state.lease.pending !== null
      return isWaiting && situation.at < state.giveUpAt ? idle(state) : Step.next(follow(state, situation.at))
    }
    case "Leader":
      if (!isSelf(state, situation)) return Step.next(resign(state, situation.at))
      return isDue(state.lease, situation) ? write(config, state, "RenewLeader", situation) : idle(state)
    case "Resigning":
      return isDue(state.lease, situation) ? write(config, state, "ReleaseLeader", situation) : idle(state)
  }
}

/**
 * When `proceed` has something to do next, unless something happens before.
 *
 * @category combinators
 * @since 0.1.0
 */
export const wakeAt = (config: Config, state: State, situation: Situation): number => {
  switch (state._tag) {
    case "Follower":
      return runAt(config, state, situation)
    case "Candidate":
      return state.giveUpAt
    case "Leader":
    case "Resigning":
      return state.lease.pending === null ? state.lease.renewAt : Number.POSITIVE_INFINITY
  }
}

/**
 * The watch shows the leader's record, or that there is none.
 *
 * @category reducers
 * @since 0.1.0
 */
export const observed = (
  config: Config,
  state: State,
  revision: Revision.Revision,
  record: LeaderRecord | null,
  at: number
): Step.Step<State> => {
  // A record of ours that was created and has vanished before it was shown is news, though none was seen before either.
  const isLoss = record === null && state._tag !== "Follower" && Lease.isLoss(state.lease, revision)
  if (!isLoss && state.seen !== null && isOld(state.seen, revision, record))
    return Step.ignore(state, "StaleObservation")
  const seen: Seen = { revision, record, seenAt: at }
  switch (state._tag) {
    case "Follower":
      return Step.next<State>({ ...state, seen })
    case "Candidate":
    case "Leader":
    case "Resigning": {
      if (record === null) return Step.next<State>({ ...state, seen, lease: Lease.vanished(state.lease, at) })
      const isOurs = record.session === state.session && record.epoch === state.epoch
      if (!isOurs) {
        return revision <= state.lease.revision && state._tag === "Candidate"
          ? Step.next<State>({ ...state, seen })
          : Step.next(follow({ ...state, seen }, at))
      }
      if (record.state === "released") return Step.next(follow({ ...state, seen }, at))
      const lease = Lease.observed(config, state.lease, record.attempt, revision)
      return Step.next<State>(state._tag === "Candidate" ? lead(state, seen, lease) : { ...state, seen, lease })
    }
  }
}

/**
 * The bucket lives anew: the key is gone with the old one.
 *
 * @category reducers
 * @since 0.1.0
 */
export const reincarnated = (state: State, at: number): State =>
  state._tag === "Follower"
    ? { ...state, seen: null }
    : { ...state, seen: null, lease: Lease.vanished(state.lease, at) }

/**
 * A write of ours was answered.
 *
 * @category reducers
 * @since 0.1.0
 */
export const answered = (config: Config, state: State, answer: Answer): Step.Step<State> => {
  if (state._tag === "Follower" || !Lease.isOurs(state.lease, answer)) return Step.ignore(state, "AnswerToNobody")
  const lease = Lease.answered(config, state.lease, answer)
  switch (state._tag) {
    case "Candidate":
      return whenCandidate(config, state, lease, answer)
    case "Leader":
      return Step.next<State>({ ...state, lease })
    case "Resigning":
      return Step.next(isSettled(answer) ? follow(state, answer.at + config.heartbeatIntervalMs) : { ...state, lease })
  }
}

/** Given back, or somebody else's by now. Others first: whoever resigned had a reason. */
const isSettled = (answer: Answer): boolean =>
  answer.write.purpose === "ReleaseLeader" &&
  (answer._tag === "WriteAccepted" || (answer._tag === "WriteRejected" && answer.reason === "Conflict"))

/**
 * Gives the office up: another epoch was seen in the plan, or our plans were not accepted for a lease, or we go.
 *
 * @category reducers
 * @since 0.1.0
 */
export const resign = (state: State, at: number): State =>
  state._tag === "Leader" ? { ...state, _tag: "Resigning", lease: { ...state.lease, renewAt: at } } : state

/**
 * The term that is served now, while its lease permits it.
 *
 * @category combinators
 * @since 0.1.0
 */
export const serving = (state: State, at: number): In<"Leader"> | null =>
  state._tag === "Leader" && Lease.isHeld(state.lease, at) ? state : null

const whenCandidate = (
  config: Config,
  state: In<"Candidate">,
  lease: Lease.Lease,
  answer: Answer
): Step.Step<State> => {
  switch (answer._tag) {
    case "WriteAccepted":
      return Step.next(lead(state, state.seen, lease))
    case "WriteRejected":
      return Step.next(follow(state, answer.at + Lease.retryMs(config)))
    case "WriteUnknown":
      return Step.next<State>({ ...state, lease, giveUpAt: answer.at + config.requestTimeoutMs })
  }
}

/** Ours again under another session would be another term: the own record of an earlier session is waited out. */
const runAt = (config: Config, state: In<"Follower">, situation: Situation): number => {
  if (situation.self === null || state.seen === null) return Number.POSITIVE_INFINITY
  const draw = Draw.unit(config.seed, "Election", state.writes + state.seen.revision)
  // Those that are ready run first; the others only where none of them does.
  const jitter = Math.floor((situation.isReady ? draw : 1 + draw) * config.electionJitterMs)
  const { record, seenAt } = state.seen
  const vacantAt =
    record === null || record.state === "released"
      ? seenAt
      : Math.max(seenAt, situation.listeningSince) +
        Math.max(config.leaseMs + config.marginMs, record.leaseMs + record.marginMs)
  return Math.max(vacantAt, state.patientUntil) + jitter
}

const run = (config: Config, state: In<"Follower">, situation: Situation): Step.Step<State> => {
  if (situation.self === null || state.seen === null) return idle(state)
  const epoch = Epoch.next(situation.wall, situation.planEpoch, state.seen.record?.epoch ?? 0)
  const expected = state.seen.record === null ? Revision.absent : state.seen.revision
  const candidate: In<"Candidate"> = {
    _tag: "Candidate",
    seen: state.seen,
    writes: state.writes,
    giveUpAt: Number.MAX_SAFE_INTEGER,
    epoch,
    ...situation.self,
    lease: Lease.unheld(expected, situation.at)
  }
  return write(config, candidate, "Lead", situation)
}

const write = (
  config: Config,
  state: In<"Candidate" | "Leader" | "Resigning">,
  purpose: "Lead" | "RenewLeader" | "ReleaseLeader",
  situation: Situation
): Step.Step<State> => {
  const writes = state.writes + 1
  const lease = Lease.attempted(config, state.lease, writes, situation.at)
  const order: Command = {
    _tag: "WriteLeader",
    write: { serial: writes, purpose, issuedAt: situation.at, expected: lease.revision },
    record: {
      state: purpose === "ReleaseLeader" ? "released" : "live",
      workerId: state.workerId,
      session: state.session,
      epoch: state.epoch,
      attempt: lease.attempt,
      leaseMs: config.leaseMs,
      marginMs: config.marginMs
    }
  }
  return Step.next<State>({ ...state, writes, lease }, order)
}

const isDue = (lease: Lease.Lease, situation: Situation): boolean =>
  lease.pending === null && situation.at >= lease.renewAt

const isSelf = (term: Term, situation: Situation): boolean => term.session === situation.self?.session

const lead = (state: In<"Candidate">, seen: Seen | null, lease: Lease.Lease): In<"Leader"> => ({
  _tag: "Leader",
  seen,
  writes: state.writes,
  epoch: state.epoch,
  workerId: state.workerId,
  session: state.session,
  lease
})

const follow = (state: State, patientUntil: number): In<"Follower"> => ({
  _tag: "Follower",
  seen: state.seen,
  writes: state.writes,
  patientUntil
})

const isOld = (seen: Seen, revision: Revision.Revision, record: LeaderRecord | null): boolean =>
  record === null
    ? seen.record === null || (revision !== Revision.absent && revision < seen.revision)
    : revision < seen.revision || (revision === seen.revision && seen.record !== null)

const idle = (state: State): Step.Step<State> => Step.ignore(state, "NothingDue")
