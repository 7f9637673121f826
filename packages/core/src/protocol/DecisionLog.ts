/**
 * How the leader's log of decisions grows: what is to be written, and under which number.
 *
 * **Table** (of one decision)
 *
 * | what happens                             | made               | open                          |
 * | ---------------------------------------- | ------------------ | ----------------------------- |
 * | its plan is seen in force                | opens, is written  | –                             |
 * | another decision's plan is               | may yet open       | superseded, is written        |
 * | a worker that is to give up has done so  | –                  | noted; the last one counts    |
 * | a plan in which nothing is on its way    | –                  | granted                       |
 * | a plan that says Idle                    | –                  | stable, is written            |
 * | the office is lost                       | forgotten          | left to the next leader       |
 *
 * Until the newest number in the store is known nothing can be numbered, and what is to be written waits.
 *
 * @since 0.1.0
 */
import type { Plan } from "../model/Plan.ts"
import type { Session } from "../model/Record.ts"
import type { WorkerId } from "../model/WorkerId.ts"
import type { Decision, Evidence, Made, Steps, Verdict } from "./Decision.ts"
import { askedBy } from "./DecisionMaking.ts"
import type { Event } from "./Event.ts"

/** A decision without its number. `place` counts those of this term from 1; 0 is one that a former leader has left open. */
interface Entry {
  readonly place: number
  readonly verdict: Verdict
  readonly steps: Steps
}

/** A decision that is being carried out; `asked` have yet to give something up. */
interface Open {
  readonly entry: Entry
  readonly asked: ReadonlyArray<Session>
}

/**
 * What is to be written. Evidence is there when it has not been written before.
 *
 * @category models
 * @since 0.1.0
 */
export interface Page {
  readonly number: number
  readonly verdict: Verdict
  readonly steps: Steps
  readonly evidence: Evidence | null
}

/**
 * What the log knows in one term. `origin`: the newest number of the terms before; `null` until it is known. `plan`: the one
 * that was last known to be in force.
 *
 * @category models
 * @since 0.1.0
 */
export interface State {
  readonly origin: number | null
  readonly count: number
  readonly plan: Plan | null
  readonly made: ReadonlyArray<Made>
  readonly open: Open | null
  readonly waiting: ReadonlyArray<{ readonly entry: Entry; readonly evidence: Evidence | null }>
}

/**
 * At the start of a term.
 *
 * @category constants
 * @since 0.1.0
 */
export const initial: State = { origin: null, count: 0, plan: null, made: [], open: null, waiting: [] }

/** So many plans may be under way whose fate is open, and so many pages may wait. */
const maxOpen = 8

/**
 * A target was computed, and its plan is on its way.
 *
 * @category reducers
 * @since 0.1.0
 */
export const made = (state: State, one: Made): State => ({ ...state, made: [...state.made, one].slice(-maxOpen) })

/**
 * Something has happened while this worker leads; `plan` is the one that its leader's office knows to be in force.
 *
 * @category reducers
 * @since 0.1.0
 */
export const observe = (state: State, event: Event, plan: Plan): State => {
  const heard = acknowledge(state, event)
  if (plan === heard.plan) return heard
  const ours = heard.made.find(({ verdict }) => verdict.version === plan.version)
  const opened = ours === undefined ? heard : begin(heard, ours, event.wall)
  return advance({ ...opened, plan }, plan, event.wall)
}

/**
 * The store has shown what earlier leaders have logged: how to count on, and what is left to be brought to its end.
 *
 * @category reducers
 * @since 0.1.0
 */
export const loaded = (state: State, decisions: ReadonlyArray<Decision>): State => {
  const { plan } = state
  const origin = decisions.reduce((highest, { number }) => Math.max(highest, number), 0)
  const newest = decisions.find(({ number }) => number === origin)
  const known = { ...state, origin }
  if (newest === undefined || newest.steps.stableAt !== null || newest.steps.supersededBy !== null) return known
  const { evidence: _, number, steps, ...verdict } = newest
  const entry = { place: number - origin, verdict, steps }
  const first = [...state.waiting].sort((a, b) => a.entry.place - b.entry.place)[0]
  if (first !== undefined) {
    const superseded = { ...entry, steps: { ...steps, supersededBy: first.entry.verdict.version } }
    return { ...known, waiting: [{ entry: superseded, evidence: null }, ...state.waiting] }
  }
  if (plan === null || plan.version < verdict.version) return known
  // A plan's version is taken from the wall clock of whoever wrote it.
  return advance({ ...known, open: { entry, asked: askedBy(plan) } }, plan, plan.version)
}

/**
 * Takes out what can be written.
 *
 * @category reducers
 * @since 0.1.0
 */
export const flush = (state: State): { readonly state: State; readonly pages: ReadonlyArray<Page> } => {
  const { origin, waiting } = state
  if (origin === null || waiting.length === 0) return { state, pages: none }
  const pages = waiting.map(({ entry: { place, ...entry }, evidence }) => ({
    number: origin + place,
    ...entry,
    evidence
  }))
  return { state: { ...state, waiting: [] }, pages }
}

const none: ReadonlyArray<Page> = []

const put = (state: State, entry: Entry, evidence: Evidence | null): State => {
  const earlier = state.waiting.find((one) => one.entry.place === entry.place)
  const others = state.waiting.filter((one) => one !== earlier)
  const page = { entry, evidence: evidence ?? earlier?.evidence ?? null }
  return { ...state, waiting: [...others, page].slice(-maxOpen) }
}

const begin = (state: State, { asked, decidedAt, evidence, verdict, windowOpenedAt }: Made, wall: number): State => {
  const place = state.count + 1
  const steps: Steps = {
    windowOpenedAt,
    decidedAt,
    publishedAt: Math.floor(wall),
    acknowledgedAt: null,
    slowest: null,
    grantedAt: null,
    grantedBy: null,
    stableAt: null,
    supersededBy: null
  }
  const entry: Entry = { place, verdict, steps }
  const ended = state.open === null ? state : supersede(state, state.open, verdict)
  // Of plans whose fate was open none can land any more, since each expected what this one has replaced.
  return put({ ...ended, count: place, made: [], open: { entry, asked } }, entry, evidence)
}

const supersede = (state: State, { entry }: Open, by: Verdict): State =>
  put(state, { ...entry, steps: { ...entry.steps, supersededBy: by.version } }, null)

/** A worker's record shows that it has given up what it was to, or that it has ended. */
const acknowledge = (state: State, event: Event): State => {
  const { open } = state
  if (open === null || open.asked.length === 0 || event._tag !== "WorkerObserved" || event.record === null) return state
  const { applied, session, state: standing } = event.record
  const { epoch, version } = open.entry.verdict
  const isDone = standing !== "live" || applied.epoch > epoch || (applied.epoch === epoch && applied.version >= version)
  if (!isDone || !open.asked.includes(session)) return state
  const asked = open.asked.filter((one) => one !== session)
  const entry = asked.length > 0 ? open.entry : acknowledged(open.entry, event.workerId, event.wall)
  return { ...state, open: { entry, asked } }
}

const acknowledged = (entry: Entry, slowest: WorkerId, wall: number): Entry => ({
  ...entry,
  steps: { ...entry.steps, acknowledgedAt: Math.floor(wall), slowest }
})

const advance = (state: State, plan: Plan, wall: number): State => {
  const { open } = state
  if (open === null) return state
  const isGranted = open.entry.steps.grantedAt === null && plan.owner.every((owner, p) => owner === plan.next[p])
  const granted: Entry = isGranted
    ? { ...open.entry, steps: { ...open.entry.steps, grantedAt: Math.floor(wall), grantedBy: plan.version } }
    : open.entry
  if (plan.phase._tag !== "Idle") return { ...state, open: { ...open, entry: granted } }
  const stable: Entry = { ...granted, steps: { ...granted.steps, stableAt: Math.floor(wall) } }
  return put({ ...state, open: null }, stable, null)
}
