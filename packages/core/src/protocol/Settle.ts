/**
 * What is due at a node, machine by machine, in the order in which one builds on the other: what runs here, how far a stop
 * has come, the id, the office, the plan.
 *
 * @since 0.1.0
 */
import { nobody, type Plan } from "../model/Plan.ts"
import type { Session } from "../model/Record.ts"
import type { WorkerId } from "../model/WorkerId.ts"
import * as Bearing from "./Bearing.ts"
import * as Claim from "./Claim.ts"
import type { Command, Outcome, StopReason, WatchScope } from "./Command.ts"
import type { Config } from "./Config.ts"
import * as Connection from "./Connection.ts"
import * as Election from "./Election.ts"
import type { Stamp } from "./Event.ts"
import * as Holdings from "./Holdings.ts"
import * as Leadership from "./Leadership.ts"
import * as Lease from "./Lease.ts"
import * as Manager from "./Manager.ts"
import * as Membership from "./Membership.ts"
import * as NodeState from "./NodeState.ts"
import type { State } from "./NodeState.ts"
import * as Step from "./Step.ts"

/**
 * Does all that is due.
 *
 * @category reducers
 * @since 0.1.0
 */
export const settle = (config: Config, state: State, now: Stamp): Step.Step<State> => {
  let after = state
  let commands: ReadonlyArray<Command> = []
  for (const part of parts) {
    const more = part(config, after, now)
    if (more === null) continue
    after = more.state
    commands = Step.joined(commands, more.commands)
  }
  const isQuiet = after === state && commands.length === 0
  return isQuiet ? Step.ignore(state, "NothingDue") : { state: after, commands, ignored: null }
}

/**
 * When the passing of time alone makes something due.
 *
 * @category combinators
 * @since 0.1.0
 */
export const wakeAt = (config: Config, state: State, now: Stamp): number => {
  const { claim, followed } = state
  const later = now.at + Lease.retryMs(config)
  // What is due by now and still not done waits for something else: it is looked at again at a measured pace.
  const next = (date: number): number => (date > now.at ? date : later)
  return Math.min(
    isWriting(state) ? next(Connection.wakeAt(config, state.connection)) : never,
    claim._tag === "Unclaimed" && !mayClaim(state) ? never : next(Claim.wakeAt(claim)),
    claim._tag === "Held" && followed.halt === null ? next(fenceAt(config, claim.lease)) : never,
    claim._tag === "Held" && followed.mayStart ? next(claim.lease.heldUntil) : never,
    next(Election.wakeAt(config, state.election, electing(config, state, now))),
    next(Leadership.wakeAt(state.leadership)),
    state.doubts.length === 0 ? never : next(doubtedUntil(config, state)),
    next(lifeWakeAt(config, state.life))
  )
}

const never = Number.POSITIVE_INFINITY

/** Who writes nothing cannot tell whether the store would take it. */
const isWriting = (state: State): boolean =>
  state.claim._tag === "Held" || state.claim._tag === "Claiming" || state.claim._tag === "Releasing"

/** What one machine does; `null` where nothing is due. */
type Part = (config: Config, state: State, now: Stamp) => Step.Step<State> | null

const connect: Part = (config, state, now) => {
  if (!isWriting(state)) return null
  const connection = Connection.proceed(config, state.connection, now.at)
  return connection === state.connection ? null : Step.next({ ...state, connection })
}

/** How far the node is in its life: what has become of a start, and of a stop. */
const age: Part = (config, state, now) => {
  const { life } = state
  switch (life._tag) {
    case "Init":
    case "Halted":
      return null
    case "Running":
      return life.hasArrived || now.at < life.startedAt + config.startupTimeoutMs
        ? null
        : age(config, abandon(state, life, now), now)
    case "Draining":
      return isDrained(config, state, life, now)
        ? age(config, { ...state, life: { ...life, _tag: "Ending" } }, now)
        : null
    case "Ending":
      if (!Holdings.isEmpty(state.holdings) || state.claim._tag === "Claiming") return Step.next(state)
      return Step.next({ ...state, life: { ...life, _tag: "Releasing" }, claim: Claim.release(state.claim, now.at) })
    case "Releasing":
      return null
  }
}

const abandon = (state: State, life: Extract<NodeState.Life, { _tag: "Running" }>, now: Stamp): State => {
  const failure = { _tag: "StartFailed", waitingFor: waitingFor(state), afterMs: now.at - life.startedAt } as const
  return { ...state, life: { _tag: "Ending", intent: "restart", since: now.at, failure } }
}

const waitingFor = (state: State): Extract<Outcome, { _tag: "StartFailed" }>["waitingFor"] => {
  if (!state.membership.isSynced || !state.plan.isSynced) return "Store"
  if (state.claim._tag !== "Held") return "WorkerId"
  const leader = state.election.seen?.record ?? null
  return state.plan.plan === null || leader === null ? "Leader" : "Assignment"
}

/** Nothing is left to move, or there is nobody to move it, or the time for it is over. */
const isDrained = (
  config: Config,
  state: State,
  life: Extract<NodeState.Life, { _tag: "Draining" | "Ending" | "Releasing" }>,
  now: Stamp
): boolean => {
  const { plan } = state.plan
  const held = Claim.held(state.claim)
  if (plan === null || held === null) return true
  const reserveMs = Math.min(config.drainTimeoutMs, config.shutdownTimeoutMs / 2)
  if (now.at >= life.since + config.shutdownTimeoutMs - reserveMs) return true
  const isAlone = plan.workers.every((worker) => !worker.member || worker.session === held.session)
  const isLeading = state.leadership._tag === "Acting"
  if (isAlone) return !isLeading || !hasOthers(state, held.session)
  const seat = plan.workers.findIndex((worker) => worker.session === held.session)
  const isNamed = seat !== nobody && (plan.owner.includes(seat) || plan.next.includes(seat))
  return !isNamed && !(isLeading && plan.phase._tag !== "Idle")
}

const hasOthers = (state: State, session: string): boolean =>
  state.membership.members.some((member) => member.record?.state === "live" && member.record.session !== session)

/** What runs here. Looked at only when the plan, the session or the permission has changed, or a run has ended. */
const run: Part = (config, state, now) => {
  const permitted = permission(config, state, now.at)
  if (state.plan.revision === state.followed.revision && isSame(permitted, state.followed)) return null
  const followed: NodeState.Followed = { revision: state.plan.revision, ...permitted }
  const step = Holdings.proceed(state.holdings, { plan: state.plan.plan, ...followed })
  return Step.next({ ...state, holdings: step.state, followed }, ...step.commands)
}

/** What the own lease permits. */
type Permission = Omit<NodeState.Followed, "revision">

/**
 * What the own lease permits at an instant.
 *
 * @category combinators
 * @since 0.1.0
 */
export const permission = (config: Config, state: State, at: number): Permission => {
  const held = Claim.held(state.claim)
  return {
    session: held?.session ?? null,
    halt: haltReason(config, state, at),
    mayStart: held !== null && Lease.isHeld(held.lease, at)
  }
}

const isSame = (a: Permission, b: Permission): boolean =>
  a.session === b.session && a.halt === b.halt && a.mayStart === b.mayStart

const haltReason = (config: Config, state: State, at: number): Exclude<StopReason, "Revoked"> | null => {
  if (state.life._tag !== "Running" && state.life._tag !== "Draining") return "Stopping"
  if (state.claim._tag !== "Held") return "LeaseLost"
  const isEnding = config.onStoreLoss === "fence" && at >= fenceAt(config, state.claim.lease)
  return isEnding ? "LeaseEnding" : null
}

const fenceAt = (config: Config, lease: Lease.Lease): number =>
  config.onStoreLoss === "fence" ? lease.heldUntil - config.fenceLeadMs : Number.POSITIVE_INFINITY

const mayClaim = (state: State): boolean =>
  state.life._tag === "Running" &&
  state.watch.scope._tag === "Whole" &&
  state.membership.isSynced &&
  state.plan.isSynced

const claim: Part = (config, state, now) => {
  const step = Claim.proceed(config, state.claim, {
    at: now.at,
    members: state.membership,
    plan: state.plan.plan,
    content: { applied: state.holdings.applied, draining: state.life._tag === "Draining" },
    isUrgent: state.holdings.owesAnswer,
    hasEnded: Holdings.isEmpty(state.holdings),
    mayClaim: mayClaim(state)
  })
  if (step.ignored !== null) return null
  // A new session has followed no plan yet, and nothing of the old one's is said in its name.
  const isNew = step.state._tag === "Claiming" && state.claim._tag === "Unclaimed"
  const fresh = isNew
    ? { phase: null, holdings: Holdings.initial, connection: Connection.resumed(state.connection, now.at) }
    : {}
  const hasGivenUp = state.claim._tag === "Claiming" && step.state._tag === "Unclaimed"
  const unsureUntil = hasGivenUp ? now.at + config.leaseMs + config.marginMs : state.unsureUntil
  return Step.next({ ...state, claim: step.state, unsureUntil, ...fresh }, ...step.commands)
}

/** Gives back what was claimed and is not borne, once none of its handlers can be running. */
const disown: Part = (_config, state, now) => {
  if (state.ghosts.length === 0 || state.claim._tag === "Lost") return null
  const { writes } = state.claim
  const orders = state.ghosts.map((ghost, index) => Bearing.disown(ghost, writes + 1 + index, now.at))
  const after = { ...state.claim, writes: writes + orders.length }
  return Step.next<State>({ ...state, ghosts: [], claim: after }, ...orders)
}

const electing = (config: Config, state: State, now: Stamp): Election.Situation => {
  const held = Claim.held(state.claim)
  const mayLead =
    held !== null &&
    Lease.isHeld(held.lease, now.at) &&
    // While the plan is listed again, the one seen last will do: its compare-and-set tells if it is no longer in force.
    (state.plan.isSynced || state.plan.plan !== null) &&
    state.plan.isReadable &&
    (state.life._tag === "Running" || state.life._tag === "Draining" || state.life._tag === "Ending")
  return {
    at: now.at,
    wall: now.wall,
    self: mayLead ? { workerId: held.workerId, session: held.session } : null,
    planEpoch: state.plan.highest.epoch,
    isReady: state.watch.scope._tag === "Whole" && state.membership.isSynced,
    listeningSince: Connection.listeningSince(config, state.connection, now.at)
  }
}

const elect: Part = (config, state, now) => {
  const isHelpless = Leadership.isHelpless(config, state.leadership, now.at)
  const isOutbid = state.election._tag === "Leader" && (state.plan.plan?.epoch ?? 0) > state.election.epoch
  const before = isHelpless || isOutbid ? Election.resign(state.election, now.at) : state.election
  const step = Election.proceed(config, before, electing(config, state, now))
  return step.state === state.election && step.commands.length === 0
    ? null
    : Step.next({ ...state, election: step.state }, ...step.commands)
}

const lead: Part = (config, state, now) => {
  const serving = Election.serving(state.election, now.at)
  if (serving === null && state.leadership._tag === "Away") {
    return state.hasNews ? Step.next({ ...state, hasNews: false }) : null
  }
  if (!state.hasNews && Leadership.isAtRest(state.leadership, serving, now.at)) return null
  const step = Leadership.proceed(config, state.leadership, {
    at: now.at,
    wall: now.wall,
    term: serving,
    found: state.plan.isSynced ? { plan: state.plan.plan, revision: state.plan.revision } : null,
    hasChanged: state.hasNews,
    members: state.membership,
    listeningSince: Connection.listeningSince(config, state.connection, now.at),
    source: state.source.partitions,
    highestVersion: state.plan.highest.version,
    ...state.controls
  })
  if (step.state === state.leadership && step.commands.length === 0 && !state.hasNews) return null
  // A list from an earlier term may be out of date: the source is asked again when the office is taken again.
  const hasLeft = state.leadership._tag !== "Away" && step.state._tag === "Away"
  const source = hasLeft ? NodeState.noSource : state.source
  return Step.next({ ...state, leadership: step.state, source, hasNews: false }, ...step.commands)
}

/** The end: everything is given back, or the time for it is over. */
const halt: Part = (config, state, now) => {
  const { life } = state
  if (life._tag !== "Draining" && life._tag !== "Ending" && life._tag !== "Releasing") return null
  const isFree = state.claim._tag === "Released" && state.election._tag === "Follower"
  const isLate = now.at >= life.since + config.shutdownTimeoutMs
  if (!isFree && !isLate) return null
  const released = state.claim._tag === "Released" && state.claim.isConfirmed
  const outcome: Outcome = life.failure ?? { _tag: "Stopped", released }
  return Step.next<State>({ ...state, life: { _tag: "Halted" } }, { _tag: "Halt", outcome })
}

/** What is shown to people: the phase that the plan says, and the state that follows from it all. */
const show: Part = (_config, state, _now) => {
  const { plan } = state.plan
  const holdsId = state.claim._tag === "Held"
  const leader = state.election.seen?.record ?? null
  const isLed = leader?.state === "live"
  const isInForce = plan !== null && (state.phase !== null || (isLed && plan.epoch === leader.epoch))
  const phase = !holdsId ? null : isInForce ? plan.phase._tag : state.phase
  const entered = Manager.follow(state.manager, {
    started: state.life._tag !== "Init",
    stopping: state.life._tag !== "Init" && state.life._tag !== "Running",
    holdsId,
    leaderKnown: isLed,
    phase
  })
  const manager = entered.at(-1) ?? state.manager
  const hasArrived = state.life._tag === "Running" && !state.life.hasArrived && phase !== null
  const life: NodeState.Life = hasArrived && state.life._tag === "Running" ? { ...state.life, hasArrived } : state.life
  if (entered.length === 0 && state.entered.length === 0 && phase === state.phase && life === state.life) return null
  return Step.next({ ...state, manager, entered, phase, life })
}

/**
 * How much of the `live` bucket this node must see: all of it to find an id, to lead, or to be ready to lead. A doubt that
 * the watch does not settle is settled by a new listing.
 */
const watch: Part = (config, state, now) => {
  if (state.life._tag === "Init" || state.life._tag === "Halted") return null
  const { scope: former, serial } = state.watch
  const before = former._tag === "Own" ? former.workerId : null
  const only = ownOnly(config, state, now)
  if (only === before) return now.at < doubtedUntil(config, state) ? null : listAgain(state)
  const scope: WatchScope = only === null ? { _tag: "Whole" } : { _tag: "Own", workerId: only }
  return Step.next<State>(
    {
      ...state,
      watch: { serial: serial + 1, scope },
      membership: Membership.narrowed(state.membership, only ?? before),
      isLeaderListed: false
    },
    { _tag: "Watch", scope, serial: serial + 1 }
  )
}

const listAgain = (state: State): Step.Step<State> => {
  const { scope, serial } = state.watch
  const watch = { scope, serial: serial + 1 }
  return Step.next<State>({ ...state, watch, doubts: [] }, { _tag: "Watch", ...watch })
}

const doubtedUntil = (config: Config, state: State): number =>
  state.doubts.reduce(
    (first, doubt) => Math.min(first, doubt.since + config.requestTimeoutMs),
    Number.POSITIVE_INFINITY
  )

/** The own id, where nothing but its key and the leader's has to be seen; else `null`. */
const ownOnly = (config: Config, state: State, now: Stamp): WorkerId | null => {
  const held = Claim.held(state.claim)
  const { plan } = state.plan
  const isUnsure = now.at < state.unsureUntil
  if (held === null || state.election._tag !== "Follower" || plan === null || isUnsure) return null
  return rankOf(plan, held.session) < config.candidates ? null : held.workerId
}

/** How many members come before a session; a group without members has everybody ready to lead. */
const rankOf = (plan: Plan, session: Session): number => {
  let before = 0
  for (const worker of plan.workers) {
    if (worker.session === session && worker.member) return before
    if (worker.member) before++
  }
  return before === 0 ? 0 : Number.POSITIVE_INFINITY
}

const lifeWakeAt = (config: Config, life: NodeState.Life): number => {
  switch (life._tag) {
    case "Init":
    case "Halted":
      return Number.POSITIVE_INFINITY
    case "Running":
      return life.hasArrived ? Number.POSITIVE_INFINITY : life.startedAt + config.startupTimeoutMs
    case "Draining": {
      const reserveMs = Math.min(config.drainTimeoutMs, config.shutdownTimeoutMs / 2)
      return life.since + config.shutdownTimeoutMs - reserveMs
    }
    case "Ending":
    case "Releasing":
      return life.since + config.shutdownTimeoutMs
  }
}

/** Each builds on what those before it have decided. */
const parts: ReadonlyArray<Part> = [connect, age, run, claim, disown, elect, lead, halt, show, watch]
