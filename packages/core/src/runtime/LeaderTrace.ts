/**
 * The spans of a rebalance at its leader: the whole of it, the decision, and each plan that grants.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as Tracer from "effect/Tracer"
import { nobody, type Plan } from "../model/Plan.ts"
import type { Command } from "../protocol/Command.ts"
import type { Turn } from "./EventLoop.ts"
import * as LeaderSignals from "./LeaderSignals.ts"
import * as RebalancePlace from "./RebalancePlace.ts"

interface Led {
  readonly place: RebalancePlace.Place
  readonly span: Tracer.Span
  /** The plan in force says so, too. */
  isInForce: boolean
}

interface Memory {
  readonly group: string
  led: Led | null
  /** Spans of plans that were written and not answered. */
  readonly open: Map<number, ReadonlyArray<Tracer.Span>>
}

/**
 * Makes what traces for a worker when it leads. It must be shown every turn.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (group: string): ((turn: Turn) => Effect.Effect<void>) => {
  const memory: Memory = { group, led: null, open: new Map() }
  return (turn) =>
    Effect.gen(function* () {
      yield* answered(memory, turn)
      yield* ended(memory, turn)
      for (const command of turn.commands) {
        if (command._tag === "WritePlan") yield* written(memory, turn, command)
      }
    })
}

const answered = ({ open }: Memory, { event }: Turn): Effect.Effect<void> => {
  switch (event._tag) {
    case "WriteAccepted":
    case "WriteRejected":
    case "WriteUnknown": {
      const { purpose, serial } = event.write
      const spans = purpose === "Plan" ? (open.get(serial) ?? []) : []
      if (spans.length > 0) open.delete(serial)
      return Effect.forEach(spans, (span) => RebalancePlace.end(span, { answer: event._tag }), { discard: true })
    }
    default:
      return Effect.void
  }
}

const ended = (memory: Memory, { after, before }: Turn): Effect.Effect<void> => {
  const { led } = memory
  if (led === null) return Effect.void
  const isOut = before.isLeader && !after.isLeader
  if (LeaderSignals.active(after.plan)?.startedAt === led.place.startedAt && !isOut) {
    led.isInForce = true
    return Effect.void
  }
  if (!led.isInForce && !isOut) return Effect.void
  memory.led = null
  return RebalancePlace.end(led.span)
}

type WritePlan = Extract<Command, { readonly _tag: "WritePlan" }>

const written = (memory: Memory, { after }: Turn, { plan, write }: WritePlan): Effect.Effect<void> =>
  Effect.gen(function* () {
    const { group } = memory
    const about = { group, worker: plan.leader.id, epoch: plan.epoch, version: plan.version }
    const phase = LeaderSignals.active(plan)
    const spans: Array<Tracer.Span> = []
    if (phase !== null && phase.startedAt !== memory.led?.place.startedAt) {
      yield* RebalancePlace.supersede(memory.led?.span)
      const place = RebalancePlace.of(group, phase)
      const attributes = { ...about, reason: phase.reason }
      const span = yield* RebalancePlace.begin("parti.rebalance", place.parent, attributes)
      memory.led = { place, span, isInForce: false }
      // One that a new leader goes on with was decided before.
      const isDecided = LeaderSignals.active(after.plan)?.startedAt === phase.startedAt
      if (!isDecided) spans.push(yield* RebalancePlace.begin("parti.decide", span, attributes))
    }
    const granted = grantsIn(plan)
    if (memory.led !== null && granted > 0) {
      spans.push(yield* RebalancePlace.begin("parti.grant", memory.led.span, { ...about, partitions: granted }))
    }
    if (spans.length > 0) memory.open.set(write.serial, spans)
  })

const grantsIn = (plan: Plan): number =>
  plan.token.filter((token, place) => token === plan.version && plan.owner[place] !== nobody).length
