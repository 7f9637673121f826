/**
 * What a worker does while it holds the leader's office: takes over the plan, keeps it true, hands partitions on, ends
 * sessions that are silent.
 *
 * **Table**
 *
 * | state    | plan of an older term seen | own plan accepted, or seen | refused           | unknown                      | plan gone      | another epoch seen, or term over |
 * | -------- | -------------------------- | -------------------------- | ----------------- | ---------------------------- | -------------- | -------------------------------- |
 * | Away     | –                          | –                          | –                 | –                            | –              | –                                |
 * | Entering | takes it over              | Acting                     | tries on, as seen | tries on, under a new version | recovers       | Away                             |
 * | Acting   | –                          | drafts the next            | tries on, as seen | tries on, under a new version | Entering       | Away                             |
 *
 * One plan is under way at a time. It is a compare-and-set on a plan of this very term, so that what another leader has
 * written in between refuses it. Where nobody knows whether it landed, it is kept until the watch shows what is in force.
 *
 * **Guarantees** S4 (no plan of an older epoch is written after a newer one), and with `Handoff` S2 and S5.
 *
 * @since 0.1.0
 */
import type { Epoch, Version } from "../model/Epoch.ts"
import type { Plan } from "../model/Plan.ts"
import type { Session } from "../model/Record.ts"
import * as Revision from "../model/Revision.ts"
import type { WorkerId } from "../model/WorkerId.ts"
import type { Command, Write } from "./Command.ts"
import type { Config } from "./Config.ts"
import type { Kept, Sight } from "./Desk.ts"
import * as Discipline from "./Discipline.ts"
import * as Draft from "./Draft.ts"
import type { Answer } from "./Event.ts"
import * as Glance from "./Glance.ts"
import * as Lease from "./Lease.ts"
import * as Step from "./Step.ts"

/**
 * A plan that was written, and whose fate is open.
 *
 * @category models
 * @since 0.1.0
 */
export interface Underway {
  readonly serial: number
  readonly draft: Draft.Draft
}

/** What both states in office have. */
interface Office {
  readonly epoch: Epoch
  readonly session: Session
  readonly tookOfficeAt: number
  readonly firstVersion: Version
  readonly lastVersion: Version
  readonly writes: number
  readonly pending: Underway | null
  /** Plans that may have landed, or may yet land; each expects the revision that is in force. */
  readonly open: ReadonlyArray<Underway>
  readonly orders: ReadonlyArray<Discipline.Order>
  readonly retryAt: number
  /** Since when a plan has been wanted that the store has not taken; `null` when none is. */
  readonly wantedSince: number | null
}

/**
 * Where a worker stands with the office. `lookAt`: when the passing of time alone changes what there is to say.
 *
 * @category models
 * @since 0.1.0
 */
export type State =
  | { readonly _tag: "Away"; readonly writes: number }
  | ({ readonly _tag: "Entering" } & Office)
  | ({
      readonly _tag: "Acting"
      readonly plan: Plan
      readonly revision: Revision.Revision
      readonly kept: Kept
      /** Sessions with a revoke out that they have not acknowledged. */
      readonly revoking: ReadonlyArray<Session>
      readonly awaited: ReadonlyArray<Discipline.Awaited>
      readonly lookAt: number
    } & Office)

/** A state by its tag. */
type In<Tag extends State["_tag"]> = Extract<State, { readonly _tag: Tag }>

/**
 * What the other machines tell this one. `term` is `null` unless the office is held now; `found` is the plan that the
 * watch has shown last (`null`: none, or one that was set back); `hasChanged`: something was seen that may change what there is to say.
 *
 * @category models
 * @since 0.1.0
 */
export interface Situation extends Omit<Sight, "self" | "epoch" | "tookOfficeAt" | "firstVersion" | "lastVersion"> {
  readonly term: { readonly workerId: WorkerId; readonly session: Session; readonly epoch: Epoch } | null
  readonly found: { readonly plan: Plan | null; readonly revision: Revision.Revision } | null
  readonly hasChanged: boolean
  /** Of all plans ever seen, also in buckets that were lost. */
  readonly highestVersion: Version
}

/**
 * At the start.
 *
 * @category constants
 * @since 0.1.0
 */
export const initial: State = { _tag: "Away", writes: 0 }

/**
 * Does what is due.
 *
 * @category reducers
 * @since 0.1.0
 */
export const proceed = (config: Config, state: State, situation: Situation): Step.Step<State> => {
  const { term } = situation
  if (term === null) return state._tag === "Away" ? idle(state) : Step.next(leave(state))
  if (state._tag === "Away" || state.epoch !== term.epoch) {
    return enter(config, { _tag: "Entering", ...open(state, term, situation.at) }, situation)
  }
  return state._tag === "Entering" ? enter(config, state, situation) : act(config, state, situation)
}

/**
 * Whether `proceed` has nothing to do at this instant, as long as nothing has changed.
 *
 * @category predicates
 * @since 0.1.0
 */
export const isAtRest = (state: State, term: { readonly epoch: Epoch } | null, at: number): boolean =>
  state._tag === "Acting" && term?.epoch === state.epoch && at < state.lookAt

/**
 * The watch shows a plan: perhaps one of ours whose answer was lost.
 *
 * @category reducers
 * @since 0.1.0
 */
export const observed = (state: State, plan: Plan | null, revision: Revision.Revision, at: number): State => {
  if (state._tag === "Away") return state
  if (plan === null) return reenter(state)
  if (plan.epoch > state.epoch) return leave(state)
  // An epoch is drawn once, but a bucket that was lost may let it be drawn twice.
  if (plan.epoch === state.epoch && plan.leader.session !== state.session) return leave(state)
  const ours = candidates(state).find((one) => one.draft.plan.version === plan.version)
  return ours !== undefined && plan.epoch === state.epoch ? adopt(state, ours, revision, at) : state
}

/**
 * A plan of ours was answered. One that was refused is dead; one that may have landed is kept, for the watch to tell.
 *
 * @category reducers
 * @since 0.1.0
 */
export const answered = (config: Config, state: State, answer: Answer): Step.Step<State> => {
  if (state._tag === "Away") return Step.ignore(state, "AnswerToNobody")
  const { serial } = answer.write
  if (answer._tag === "WriteAccepted") {
    const ours = candidates(state).find((one) => one.serial === serial)
    return ours === undefined
      ? Step.ignore(state, "AnswerToNobody")
      : Step.next(adopt(state, ours, answer.revision, answer.at))
  }
  if (state.pending?.serial !== serial) return Step.ignore(state, "AnswerToNobody")
  return answer._tag === "WriteRejected"
    ? Step.next<State>({ ...state, pending: null, retryAt: answer.at + Lease.retryMs(config) })
    : Step.next<State>({ ...state, pending: null, open: [...state.open, state.pending] })
}

/**
 * An eviction or a fence was answered. An accepted one is as good as seen, and is handed back for that.
 *
 * @category reducers
 * @since 0.1.0
 */
export const carriedOut = (
  config: Config,
  state: State,
  answer: Answer
): { readonly state: State; readonly seen: Discipline.Order | null } => {
  if (state._tag === "Away") return { state, seen: null }
  const order = state.orders.find((one) => one.serial === answer.write.serial) ?? null
  const others = state.orders.filter((one) => one !== order)
  if (order === null || answer._tag === "WriteAccepted") return { state: { ...state, orders: others }, seen: order }
  const failed = { ...order, retryAt: answer.at + Lease.retryMs(config) }
  return { state: { ...state, orders: [...others, failed] }, seen: null }
}

/**
 * The worker that an eviction or a fence is about.
 *
 * @category combinators
 * @since 0.1.0
 */
export const subjectOf = (state: State, write: Write): WorkerId | null =>
  state._tag === "Away" ? null : (state.orders.find((one) => one.serial === write.serial)?.workerId ?? null)

/**
 * When `proceed` has something to do next, unless something happens before.
 *
 * @category combinators
 * @since 0.1.0
 */
export const wakeAt = (state: State): number => {
  switch (state._tag) {
    case "Away":
      return Number.POSITIVE_INFINITY
    case "Entering":
      return state.pending === null ? state.retryAt : Number.POSITIVE_INFINITY
    case "Acting":
      return state.pending === null ? Math.max(state.lookAt, state.retryAt) : Number.POSITIVE_INFINITY
  }
}

/**
 * Whether an acknowledgement of a session would change what there is to say.
 *
 * @category predicates
 * @since 0.1.0
 */
export const isAwaiting = (state: State, session: Session): boolean =>
  state._tag === "Acting" && (state.plan.recovering || state.revoking.includes(session))

/**
 * Whether plans of ours have been wanted for so long without being taken that another should try.
 *
 * @category predicates
 * @since 0.1.0
 */
export const isHelpless = (config: Config, state: State, at: number): boolean =>
  state._tag !== "Away" && state.wantedSince !== null && at - state.wantedSince >= config.leaseMs

const open = (state: State, term: { readonly epoch: Epoch; readonly session: Session }, at: number): Office => ({
  epoch: term.epoch,
  session: term.session,
  tookOfficeAt: at,
  firstVersion: 0,
  lastVersion: 0,
  writes: state.writes,
  pending: null,
  open: [],
  orders: [],
  retryAt: at,
  wantedSince: null
})

const office = (state: In<"Entering" | "Acting">): Office => ({
  epoch: state.epoch,
  session: state.session,
  tookOfficeAt: state.tookOfficeAt,
  firstVersion: state.firstVersion,
  lastVersion: state.lastVersion,
  writes: state.writes,
  pending: state.pending,
  open: state.open,
  orders: state.orders,
  retryAt: state.retryAt,
  wantedSince: state.wantedSince
})

const leave = (state: State): In<"Away"> => ({ _tag: "Away", writes: state.writes })

/** The plan is gone. What we had written is no longer a fact, and what is under way may not become one unnoticed. */
const reenter = (state: In<"Entering" | "Acting">): In<"Entering"> => ({
  _tag: "Entering",
  ...office(state),
  firstVersion: 0,
  pending: null,
  open: []
})

const candidates = (state: In<"Entering" | "Acting">): ReadonlyArray<Underway> =>
  state.pending === null ? state.open : [...state.open, state.pending]

const adopt = (
  state: In<"Entering" | "Acting">,
  ours: Underway,
  revision: Revision.Revision,
  at: number
): In<"Acting"> => ({
  _tag: "Acting",
  ...office(state),
  firstVersion: state.firstVersion === 0 ? ours.draft.plan.version : state.firstVersion,
  pending: state.pending !== null && state.pending.serial > ours.serial ? state.pending : null,
  open: [],
  retryAt: at,
  wantedSince: null,
  plan: ours.draft.plan,
  revision,
  kept: ours.draft.kept,
  revoking: state._tag === "Acting" ? state.revoking : [],
  awaited: state._tag === "Acting" ? state.awaited : [],
  lookAt: at
})

const enter = (config: Config, state: In<"Entering">, situation: Situation): Step.Step<State> => {
  const { found } = situation
  const isBlind = found === null || !situation.members.isSynced || situation.term === null
  if (isBlind || state.pending !== null || situation.at < state.retryAt) return Step.next(state)
  if (found.plan !== null && found.plan.epoch > state.epoch) return Step.next(leave(state))
  const draft = Draft.takeOver(sightOf(state, situation, situation.term), found.plan)
  return write(state, draft, found.revision, situation.at)
}

const act = (config: Config, state: In<"Acting">, situation: Situation): Step.Step<State> => {
  if (situation.term === null || !situation.members.isSynced) return idle(state)
  if (!situation.hasChanged && situation.at < state.lookAt) return idle(state)
  const sight = sightOf(state, situation, situation.term)
  const quietUntil = situation.hasChanged ? null : Glance.quietUntil(config, state, sight)
  if (quietUntil !== null) return Step.next<State>({ ...state, lookAt: quietUntil })
  const outlook = Draft.look(config, state.plan, state.kept, sight)
  const awaited = Discipline.account(state.awaited, outlook.rows, state.plan.version, situation.at)
  const looked: In<"Acting"> = {
    ...state,
    revoking: outlook.revoking,
    awaited,
    kept: outlook.kept,
    lookAt: Glance.lookAt(config, state, outlook, awaited, sight)
  }
  const reports = outlook.reports.map((report): Command => ({ _tag: "Report", report }))
  const judged = Discipline.carryOut(config, state, outlook.rows, awaited, sight)
  // A moment more may bring more acknowledgements into one write; a new target waits for nothing.
  const isGathering = state.revoking.length > 0 && outlook.revoking.length > 0 && !outlook.isTarget
  const waitMs = isGathering ? config.gatherMs : 0
  const said = say({ ...looked, orders: judged.orders, writes: judged.writes }, outlook.draft, waitMs, situation)
  return Step.next(said.state, ...reports, ...judged.commands, ...said.commands)
}

/** Writes the draft once it has waited, unless another is under way. */
const say = (
  state: In<"Acting">,
  draft: Draft.Draft | null,
  waitMs: number,
  situation: Situation
): Step.Step<State> => {
  if (draft === null) return Step.next<State>(state.pending === null ? { ...state, wantedSince: null } : state)
  const wantedSince = state.wantedSince ?? situation.at
  const wanting: In<"Acting"> = { ...state, wantedSince }
  if (state.pending !== null) return Step.next<State>(wanting)
  const dueAt = Math.max(state.retryAt, wantedSince + waitMs)
  if (situation.at < dueAt) return Step.next<State>({ ...wanting, lookAt: Math.min(state.lookAt, dueAt) })
  return write(wanting, draft, state.revision, situation.at)
}

const write = (
  state: In<"Entering" | "Acting">,
  draft: Draft.Draft,
  expected: Revision.Revision,
  at: number
): Step.Step<State> => {
  const serial = state.writes + 1
  const written = {
    ...state,
    writes: serial,
    lastVersion: draft.plan.version,
    pending: { serial, draft },
    wantedSince: state.wantedSince ?? at
  }
  const refresh = state._tag === "Acting" && draft.plan.handled.refresh !== state.plan.handled.refresh
  const isRelisted = state._tag === "Acting" && draft.publishList
  return Step.next<State>(
    written,
    {
      _tag: "WritePlan",
      write: { serial, purpose: "Plan", issuedAt: at, expected },
      plan: draft.plan,
      publishList: draft.publishList
    },
    ...(refresh ? [{ _tag: "ReadPartitions" } as const] : []),
    // Lists that the plan in force does not name are of no use to anybody, and this draft does not name them either.
    ...(isRelisted ? [{ _tag: "RemoveLists", olderThan: state.plan.list.version } as const] : [])
  )
}

const sightOf = (
  state: In<"Entering" | "Acting">,
  situation: Situation,
  term: { readonly workerId: WorkerId; readonly session: Session }
): Sight => ({
  ...situation,
  self: { workerId: term.workerId, session: term.session },
  epoch: state.epoch,
  tookOfficeAt: state.tookOfficeAt,
  firstVersion: state.firstVersion,
  lastVersion: Math.max(state.lastVersion, situation.highestVersion)
})

const idle = (state: State): Step.Step<State> => Step.ignore(state, "NothingDue")
