/**
 * One link between a store and a client of it: its state, and how often what goes wrong on it.
 *
 * @since 0.1.0
 */
import type { CoordinationStore } from "@parti/core/CoordinationStore"
import type * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type * as Latch from "effect/Latch"
import type * as Scope from "effect/Scope"
import assert from "node:assert/strict"

/**
 * What may go wrong.
 *
 * - `Refused`: the request is not taken; the outcome is `NotApplied`, and told at once.
 * - `RequestLost`: the request never arrives; the outcome is `Unknown`, and nothing was written.
 * - `ReplyLost`: the request is carried out; the outcome is `Unknown`.
 * - `Late`: the outcome is `Unknown`, and the request is carried out some time after that was told.
 * - `CutOff`: the request, or its reply, was under way during an outage; the outcome is `Unknown`.
 * - `Held`: what a watch has to show waits, and so does all that follows.
 * - `Coalesced`: a watch shows only the newest of each key of what it has in hand.
 * - `Relisted`: a watch loses its place and begins again with `Opened`.
 *
 * @category models
 * @since 0.1.0
 */
export type Fault = "Refused" | "RequestLost" | "ReplyLost" | "Late" | "CutOff" | "Held" | "Coalesced" | "Relisted"

/**
 * From, up to and without, in milliseconds.
 *
 * @category models
 * @since 0.1.0
 */
export type Span = readonly [fromMs: number, toMs: number]

/**
 * How often what goes wrong, and how long things take.
 *
 * The first four are shares of all requests, and together at most 1. `held`, `coalesced` and `relisted` are shares of what
 * a watch shows at one time.
 *
 * @category models
 * @since 0.1.0
 */
export interface Rates {
  readonly refused: number
  readonly requestLost: number
  readonly replyLost: number
  readonly late: number
  readonly held: number
  readonly coalesced: number
  readonly relisted: number
  /** One way of a request, and the delay of a watch. */
  readonly latencyMs: Span
  /** An outcome that is not known by then is told to be unknown. */
  readonly timeoutMs: number
  /** How long after its time-out a late request is carried out. */
  readonly lateMs: Span
  readonly heldMs: Span
}

/**
 * Nothing goes wrong, and nothing takes time.
 *
 * @category constants
 * @since 0.1.0
 */
export const calm: Rates = {
  refused: 0,
  requestLost: 0,
  replyLost: 0,
  late: 0,
  held: 0,
  coalesced: 0,
  relisted: 0,
  latencyMs: [0, 0],
  timeoutMs: 1000,
  lateMs: [0, 10_000],
  heldMs: [0, 5000]
}

/**
 * Refuses rates that make no sense.
 *
 * @category validation
 * @since 0.1.0
 */
export const checked = (rates: Rates): Rates => {
  const shares = [
    rates.refused,
    rates.requestLost,
    rates.replyLost,
    rates.late,
    rates.held,
    rates.coalesced,
    rates.relisted
  ]
  assert.ok(
    shares.every((share) => share >= 0 && share <= 1),
    "each rate is between 0 and 1"
  )
  const faulty = rates.refused + rates.requestLost + rates.replyLost + rates.late
  assert.ok(faulty <= 1, `refused, requestLost, replyLost and late are at most 1 together, not ${faulty}`)
  return rates
}

/**
 * A store as its users see it.
 *
 * @category models
 * @since 0.1.0
 */
export type Store = (typeof CoordinationStore)["Service"]

/**
 * The state of one link.
 *
 * @category models
 * @since 0.1.0
 */
export interface Link {
  readonly scope: Scope.Scope
  readonly draw: () => number
  readonly faults: Record<Fault, number>
  readonly watchesPass: Latch.Latch
  rates: Rates
  /** Once it is complete, every watch that was open until then has lost its place. */
  cut: Deferred.Deferred<void>
  requestsPass: boolean
}

/**
 * Somewhere in a span.
 *
 * @category conversions
 * @since 0.1.0
 */
export const within = ([fromMs, toMs]: Span, draw: number): number => fromMs + (toMs - fromMs) * draw

/**
 * Lets time pass; none at all does not even yield.
 *
 * @category operations
 * @since 0.1.0
 */
export const pass = (ms: number): Effect.Effect<void> => (ms > 0 ? Effect.sleep(ms) : Effect.void)
