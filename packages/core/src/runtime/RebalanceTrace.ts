/**
 * One trace for each rebalance, across workers: decision, revoke, acknowledgement, grant, first work.
 *
 * **Details**
 *
 * ```text
 * (the place of the rebalance: known to all, and a span of nobody)
 * ├── parti.rebalance       the leader: from the order to write its first plan to the plan that ends it
 * │   ├── parti.decide      until that first plan was answered
 * │   └── parti.grant       each plan that grants, until it was answered
 * ├── parti.revoke          each worker that gives something up: from the order to stop until all has ended
 * │   └── parti.acknowledge until the store has accepted the acknowledgement
 * └── parti.start           each worker that gets something: the start of its handlers
 *     └── parti.first_message until the first message, or whatever calls `FirstWork`
 * ```
 *
 * Of `parti.rebalance`, `parti.revoke`, `parti.acknowledge` and `parti.first_message` a worker has one open at a time: one whose
 * end was not seen when the next begins ends then, and has the attribute `superseded`.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Tracer from "effect/Tracer"
import type { Version } from "../model/Epoch.ts"
import type { Turn } from "./EventLoop.ts"
import * as LeaderSignals from "./LeaderSignals.ts"
import * as LeaderTrace from "./LeaderTrace.ts"
import * as RebalancePlace from "./RebalancePlace.ts"

/**
 * To be run by a handler when it has done its first piece of work on a partition: it ends the span that shows how long a
 * partition that moved stood still. Handlers of a stream's messages do it by themselves; running it again does nothing.
 *
 * @category services
 * @since 0.1.0
 */
export const FirstWork = Context.Reference<Effect.Effect<void>>("@parti/core/FirstWork", {
  defaultValue: () => Effect.void
})

/**
 * What traces for one worker.
 *
 * @category models
 * @since 0.1.0
 */
export interface RebalanceTrace {
  /** Must be shown every turn. */
  readonly observe: (turn: Turn) => Effect.Effect<void>
  readonly firstWork: Effect.Effect<void>
}

/** The rebalance that was last seen, and between which plans: what they granted belongs to it. */
interface Seen {
  readonly place: RebalancePlace.Place
  readonly after: Version
  readonly until: Version
}

interface Memory {
  readonly group: string
  seen: Seen | null
  revoke: { readonly span: Tracer.Span; readonly place: RebalancePlace.Place } | null
  acknowledge: { readonly span: Tracer.Span; readonly since: number } | null
  firstWork: Tracer.Span | null
}

/**
 * Makes what traces for one worker.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (group: string): RebalanceTrace => {
  const memory: Memory = { group, seen: null, revoke: null, acknowledge: null, firstWork: null }
  const lead = LeaderTrace.make(group)
  return {
    observe: (turn) => {
      if (isQuiet(memory, turn)) return Effect.void
      return Effect.gen(function* () {
        see(memory, turn)
        yield* acknowledged(memory, turn)
        yield* revoked(memory, turn)
        yield* started(memory, turn)
        yield* lead(turn)
      })
    },
    firstWork: Effect.suspend(() => {
      const span = memory.firstWork
      memory.firstWork = null
      return span === null ? Effect.void : RebalancePlace.end(span)
    })
  }
}

const orders = new Set(["WritePlan", "StartPartition", "StopPartition"])

/** Most turns are heartbeats, and should cost next to nothing. */
const isQuiet = (memory: Memory, { after, before, commands, event }: Turn): boolean =>
  after.plan === before.plan &&
  after.isLeader === before.isLeader &&
  memory.revoke === null &&
  memory.acknowledge === null &&
  !("write" in event && event.write.purpose === "Plan") &&
  !commands.some(({ _tag }) => orders.has(_tag))

const see = (memory: Memory, { after, before }: Turn): void => {
  const { plan } = after
  if (plan === null || plan === before.plan) return
  const { group, seen } = memory
  const phase = LeaderSignals.active(plan)
  if (phase !== null && phase.startedAt !== seen?.place.startedAt) {
    memory.seen = { place: RebalancePlace.of(group, phase), after: before.plan?.version ?? 0, until: plan.version }
  } else if (seen !== null && LeaderSignals.active(before.plan)?.startedAt === seen.place.startedAt) {
    // Also the plan that ends it, which often grants the last.
    memory.seen = { ...seen, until: plan.version }
  }
}

const about = ({ group }: Memory, { after }: Turn, partitions: number) => ({
  group,
  worker: after.workerId,
  version: after.plan?.version,
  partitions
})

const revoked = (memory: Memory, turn: Turn): Effect.Effect<void> =>
  Effect.gen(function* () {
    const { after, event } = turn
    yield* beginRevoke(memory, turn)
    if (memory.revoke === null || after.ending.length > 0) return
    const revoke = memory.revoke.span
    memory.revoke = null
    yield* RebalancePlace.end(revoke)
    yield* RebalancePlace.supersede(memory.acknowledge?.span)
    const span = yield* RebalancePlace.begin("parti.acknowledge", revoke, {
      group: memory.group,
      worker: after.workerId
    })
    memory.acknowledge = { span, since: event.at }
  })

/** At the first order of a rebalance to give something up: what follows in it belongs to the same span. */
const beginRevoke = (memory: Memory, turn: Turn): Effect.Effect<void> =>
  Effect.gen(function* () {
    const { after, commands } = turn
    const { revoke, seen } = memory
    const count = commands.filter((command) => command._tag === "StopPartition" && command.reason === "Revoked").length
    if (count === 0 || seen === null || after.plan?.version !== seen.until) return
    if (revoke?.place.startedAt === seen.place.startedAt) return
    yield* RebalancePlace.supersede(revoke?.span)
    const span = yield* RebalancePlace.begin("parti.revoke", seen.place.parent, about(memory, turn, count))
    memory.revoke = { span, place: seen.place }
  })

const acknowledged = (memory: Memory, { event }: Turn): Effect.Effect<void> => {
  const { acknowledge } = memory
  const isAnswer = event._tag === "WriteAccepted" && event.write.purpose === "Renew"
  if (acknowledge === null || !isAnswer || event.write.issuedAt < acknowledge.since) return Effect.void
  memory.acknowledge = null
  return RebalancePlace.end(acknowledge.span)
}

const started = (memory: Memory, turn: Turn): Effect.Effect<void> =>
  Effect.gen(function* () {
    const { seen } = memory
    if (seen === null) return
    const count = turn.commands.filter(
      (command) => command._tag === "StartPartition" && command.token > seen.after && command.token <= seen.until
    ).length
    if (count === 0) return
    const attributes = about(memory, turn, count)
    const span = yield* RebalancePlace.begin("parti.start", seen.place.parent, attributes)
    yield* RebalancePlace.supersede(memory.firstWork)
    memory.firstWork = yield* RebalancePlace.begin("parti.first_message", span, attributes)
    yield* RebalancePlace.end(span)
  })
