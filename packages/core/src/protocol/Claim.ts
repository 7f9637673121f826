/**
 * How a worker gets a worker id, keeps it, loses it and gives it back.
 *
 * **Table**
 *
 * | state     | id free      | accepted | rejected  | unknown            | own record shows another | time passes            | release ordered |
 * | --------- | ------------ | -------- | --------- | ------------------ | ------------------------ | ---------------------- | --------------- |
 * | Unclaimed | Claiming     | –        | –         | –                  | –                        | looks again            | Released        |
 * | Claiming  | –            | Held     | Unclaimed | waits for the watch | Unclaimed                | Unclaimed, given up    | waits           |
 * | Held      | –            | renewed  | tries on  | tries on           | Lost                     | renews                 | Releasing       |
 * | Lost      | –            | –        | –         | –                  | –                        | Unclaimed when all ended | Released      |
 * | Releasing | –            | Released | tries on  | tries on           | Released                 | tries again            | –               |
 *
 * **Guarantees** S3 (no id is held by two sessions): a record is only ever written over the revision in which its lease
 * was seen to have ended, and permission counts from before the write was sent.
 *
 * **Not promised** that a paused process notices in time: whoever it writes to must check the fencing token.
 *
 * @since 0.1.0
 */
import type { Applied, WorkerRecord } from "../model/Record.ts"
import * as Revision from "../model/Revision.ts"
import * as Bearing from "./Bearing.ts"
import type { Config } from "./Config.ts"
import type { Answer } from "./Event.ts"
import * as Lease from "./Lease.ts"
import type { Report } from "./Report.ts"
import * as Step from "./Step.ts"
import * as Vacancy from "./Vacancy.ts"

/**
 * Where the worker stands with its id. `claims` numbers the sessions of this process, `writes` its writes.
 *
 * @category models
 * @since 0.1.0
 */
export type State = { readonly claims: number; readonly writes: number } & (
  | {
      readonly _tag: "Unclaimed"
      readonly lookAt: number
      readonly refused: ReadonlyArray<Vacancy.Refused>
      readonly isReported: boolean
    }
  | ({
      readonly _tag: "Claiming"
      readonly giveUpAt: number
      readonly refused: ReadonlyArray<Vacancy.Refused>
    } & Bearing.Bearing)
  | ({ readonly _tag: "Held"; readonly said: Bearing.Content } & Bearing.Bearing)
  | { readonly _tag: "Lost" }
  | ({ readonly _tag: "Releasing" } & Bearing.Bearing)
  | { readonly _tag: "Released"; readonly isConfirmed: boolean }
)

/** A state by its tag. */
type In<Tag extends State["_tag"]> = Extract<State, { readonly _tag: Tag }>

/**
 * What the other machines tell this one.
 *
 * @category models
 * @since 0.1.0
 */
export interface Situation extends Vacancy.Sight {
  readonly content: Bearing.Content
  /** The content must be known to the leader now, not at the next heartbeat. */
  readonly isUrgent: boolean
  /** No handler runs. */
  readonly hasEnded: boolean
  readonly mayClaim: boolean
}

/**
 * At the start.
 *
 * @category constants
 * @since 0.1.0
 */
export const initial: State = { _tag: "Unclaimed", claims: 0, writes: 0, lookAt: 0, refused: [], isReported: false }

/**
 * Does what is due.
 *
 * @category reducers
 * @since 0.1.0
 */
export const proceed = (config: Config, state: State, situation: Situation): Step.Step<State> => {
  switch (state._tag) {
    case "Unclaimed":
      return situation.mayClaim && situation.at >= state.lookAt
        ? claim(config, state, situation)
        : Step.ignore(state, "NothingDue")
    case "Claiming":
      return situation.at < state.giveUpAt ? Step.ignore(state, "NothingDue") : Step.next(refuse(state, situation.at))
    case "Held":
      if (state.lease.revision === Revision.absent && !Lease.isHeld(state.lease, situation.at))
        return lose(state, "Vanished")
      return isDue(state, situation)
        ? rewrite(config, { ...state, said: situation.content }, "Renew", situation)
        : Step.ignore(state, "NothingDue")
    case "Lost":
      return situation.hasEnded
        ? Step.next({ ...initial, claims: state.claims, writes: state.writes, lookAt: situation.at })
        : Step.ignore(state, "NothingDue")
    case "Releasing":
      return state.lease.pending === null && situation.at >= state.lease.renewAt
        ? rewrite(config, state, "Release", situation)
        : Step.ignore(state, "NothingDue")
    case "Released":
      return Step.ignore(state, "NothingDue")
  }
}

/**
 * When `proceed` has something to do next, unless something happens before.
 *
 * @category combinators
 * @since 0.1.0
 */
export const wakeAt = (state: State): number => {
  switch (state._tag) {
    case "Unclaimed":
      return state.lookAt
    case "Claiming":
      return state.giveUpAt
    case "Held":
    case "Releasing":
      return state.lease.pending === null ? state.lease.renewAt : Number.POSITIVE_INFINITY
    case "Lost":
    case "Released":
      return Number.POSITIVE_INFINITY
  }
}

/**
 * A write of ours was answered. A claim whose answer was lost waits for the watch a while: if it landed unseen, it would
 * otherwise leave a session behind that nobody renews.
 *
 * @category reducers
 * @since 0.1.0
 */
export const answered = (config: Config, state: State, answer: Answer): Step.Step<State> => {
  switch (state._tag) {
    case "Claiming":
      return Lease.isOurs(state.lease, answer)
        ? whenClaiming(config, state, answer)
        : Step.ignore(state, "AnswerToNobody")
    case "Held":
      return Lease.isOurs(state.lease, answer)
        ? Step.next<State>({ ...state, lease: Lease.answered(config, state.lease, answer) })
        : Step.ignore(state, "AnswerToNobody")
    case "Releasing":
      if (!Lease.isOurs(state.lease, answer)) return Step.ignore(state, "AnswerToNobody")
      return answer._tag === "WriteAccepted" && answer.write.purpose === "Release"
        ? Step.next(released(state, true))
        : Step.next<State>({ ...state, lease: Lease.answered(config, state.lease, answer) })
    case "Unclaimed":
    case "Lost":
    case "Released":
      return Step.ignore(state, "AnswerToNobody")
  }
}

/**
 * The watch shows the record of the id that we bear or want.
 *
 * @category reducers
 * @since 0.1.0
 */
export const observed = (
  config: Config,
  state: State,
  revision: Revision.Revision,
  record: WorkerRecord | null,
  at: number
): Step.Step<State> => {
  switch (state._tag) {
    case "Claiming": {
      if (record?.session !== state.session) {
        return record === null || revision <= state.lease.revision
          ? Step.ignore(state, "StaleObservation")
          : Step.next(refuse(state, at))
      }
      const lease = Lease.observed(config, state.lease, record.attempt, revision)
      return record.state === "live" ? Step.next(hold(state, lease)) : Step.next(refuse(state, at))
    }
    case "Held": {
      if (record === null) return vanish(state, at)
      if (record.session === state.session && record.state === "live") {
        return Step.next({ ...state, lease: Lease.observed(config, state.lease, record.attempt, revision) })
      }
      const by = record.session !== state.session ? "Replaced" : record.state === "fenced" ? "Fenced" : "Evicted"
      return lose(state, by)
    }
    case "Releasing": {
      if (record === null || record.session !== state.session || record.state !== "live") {
        return Step.next(released(state, record?.session === state.session && record.state === "released"))
      }
      return Step.next({ ...state, lease: Lease.observed(config, state.lease, record.attempt, revision) })
    }
    case "Unclaimed":
    case "Lost":
    case "Released":
      return Step.ignore(state, "StaleObservation")
  }
}

/**
 * The bucket lives anew: the key is gone with the old one, and its revisions mean nothing any more.
 *
 * @category reducers
 * @since 0.1.0
 */
export const reincarnated = (state: State, at: number): Step.Step<State> => {
  switch (state._tag) {
    case "Held":
      return vanish(state, at)
    case "Claiming":
    case "Releasing":
      return Step.next<State>({ ...state, lease: Lease.vanished(state.lease, at) })
    case "Unclaimed":
    case "Lost":
    case "Released":
      return Step.ignore(state, "NoChange")
  }
}

/**
 * The id is given back. The caller sees to it that every handler has ended.
 *
 * @category reducers
 * @since 0.1.0
 */
export const release = (state: State, at: number): State => {
  switch (state._tag) {
    case "Held":
      return {
        _tag: "Releasing",
        claims: state.claims,
        writes: state.writes,
        workerId: state.workerId,
        session: state.session,
        after: state.after,
        lease: { ...state.lease, renewAt: at }
      }
    case "Unclaimed":
    case "Lost":
      return released(state, true)
    case "Claiming":
    case "Releasing":
    case "Released":
      return state
  }
}

/**
 * The id and session that are held, whether or not the lease still permits anything.
 *
 * @category combinators
 * @since 0.1.0
 */
export const held = (state: State): In<"Held"> | null => (state._tag === "Held" ? state : null)

const whenClaiming = (config: Config, state: In<"Claiming">, answer: Answer): Step.Step<State> => {
  const lease = Lease.answered(config, state.lease, answer)
  switch (answer._tag) {
    case "WriteAccepted":
      return Step.next(hold(state, lease))
    case "WriteRejected":
      return Step.next(answer.reason === "Conflict" ? refuse(state, answer.at) : retry(config, state, answer.at))
    case "WriteUnknown":
      return Step.next<State>({ ...state, lease, giveUpAt: answer.at + config.requestTimeoutMs })
  }
}

const claim = (config: Config, state: In<"Unclaimed">, situation: Situation): Step.Step<State> => {
  const vacancy = Vacancy.draw(config, situation, state.refused, state.claims)
  const freeAt = vacancy?.preference === Vacancy.ownPreference ? null : Vacancy.comesFreeAt(config, situation)
  if (freeAt !== null) return Step.next<State>({ ...state, lookAt: freeAt })
  if (vacancy === null) return lookLater(config, state, situation)
  const claims = state.claims + 1
  const writes = state.writes + 1
  const bearing = { workerId: vacancy.workerId, session: `${config.boot}.${claims}`, after: vacancy.after }
  const lease = Lease.attempted(config, Lease.unheld(vacancy.expected, situation.at), writes, situation.at)
  const claiming: In<"Claiming"> = {
    _tag: "Claiming",
    claims,
    writes,
    giveUpAt: Number.MAX_SAFE_INTEGER,
    refused: state.refused,
    ...bearing,
    lease
  }
  return Step.next(claiming, Bearing.order(config, claiming, "Claim", situation))
}

const lookLater = (config: Config, state: In<"Unclaimed">, situation: Situation): Step.Step<State> => {
  const later: State = {
    ...state,
    lookAt: situation.at + config.heartbeatIntervalMs / 2,
    refused: [],
    isReported: true
  }
  if (state.isReported) return Step.next(later)
  const holders = Vacancy.holders(config, situation)
  const report: Report =
    config.workerId === null
      ? { _tag: "NoWorkerIdAvailable", holders }
      : { _tag: "WorkerIdTaken", workerId: config.workerId, silentMs: holders[0]?.silentMs ?? 0 }
  return Step.next(later, { _tag: "Report", report })
}

const isDue = (state: In<"Held">, situation: Situation): boolean => {
  if (state.lease.pending !== null) return false
  if (situation.at >= state.lease.renewAt) return true
  if (state.said.draining !== situation.content.draining) return true
  return situation.isUrgent && !isSame(state.said.applied, situation.content.applied)
}

const isSame = (a: Applied, b: Applied): boolean => a.epoch === b.epoch && a.version === b.version

const rewrite = <S extends In<"Held" | "Releasing">>(
  config: Config,
  state: S,
  purpose: "Renew" | "Release",
  situation: Situation
): Step.Step<State> => {
  const writes = state.writes + 1
  const written = { ...state, writes, lease: Lease.attempted(config, state.lease, writes, situation.at) }
  return Step.next<State>(written, Bearing.order(config, written, purpose, situation))
}

/** What the claim said may be out of date by now: a renewal says more where there is more to say. */
const hold = (state: In<"Claiming">, lease: Lease.Lease): In<"Held"> => ({
  _tag: "Held",
  claims: state.claims,
  writes: state.writes,
  workerId: state.workerId,
  session: state.session,
  after: state.after,
  said: { applied: { epoch: 0, version: 0 }, draining: false },
  lease
})

const refuse = (state: In<"Claiming">, at: number): In<"Unclaimed"> => ({
  _tag: "Unclaimed",
  claims: state.claims,
  writes: state.writes,
  lookAt: at,
  refused: [...state.refused, { workerId: state.workerId, revision: state.lease.revision }],
  isReported: false
})

/** The store did not take the claim: that says nothing of the id. */
const retry = (config: Config, state: In<"Claiming">, at: number): In<"Unclaimed"> => ({
  _tag: "Unclaimed",
  claims: state.claims,
  writes: state.writes,
  lookAt: at + Lease.retryMs(config),
  refused: state.refused,
  isReported: false
})

/**
 * While the lease holds nobody can have ended the session, and its record may be created again. After that its absence may
 * be all that is left of an eviction.
 */
const vanish = (state: In<"Held">, at: number): Step.Step<State> =>
  Lease.isHeld(state.lease, at)
    ? Step.next<State>({ ...state, lease: Lease.vanished(state.lease, at) })
    : lose(state, "Vanished")

const lose = (state: In<"Held">, by: "Evicted" | "Fenced" | "Replaced" | "Vanished"): Step.Step<State> =>
  Step.next<State>(
    { _tag: "Lost", claims: state.claims, writes: state.writes },
    { _tag: "Report", report: { _tag: "SessionLost", workerId: state.workerId, session: state.session, by } }
  )

const released = (state: State, isConfirmed: boolean): State => ({
  _tag: "Released",
  claims: state.claims,
  writes: state.writes,
  isConfirmed
})
