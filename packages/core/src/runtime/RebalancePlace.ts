/**
 * Where a rebalance stands among traces: a parent that all workers agree upon without telling each other.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Clock from "effect/Clock"
import * as Tracer from "effect/Tracer"
import * as Hash from "../model/Hash.ts"
import type { Active } from "./LeaderSignals.ts"

/**
 * A rebalance, as plans tell it: by the instant when it began, which every leader of it keeps.
 *
 * @category models
 * @since 0.1.0
 */
export interface Place {
  readonly startedAt: number
  readonly reason: Active["reason"]
  readonly parent: Tracer.ExternalSpan
}

/**
 * The place of a rebalance of a group.
 *
 * @category constructors
 * @since 0.1.0
 */
export const of = (group: string, { reason, startedAt }: Active): Place => {
  const name = `${group}\n${startedAt}`
  const [a = "", b = "", c = "", d = "", e = "", f = ""] = [1, 2, 3, 4, 5, 6].map((seed) => word(name, seed))
  return { startedAt, reason, parent: Tracer.externalSpan({ traceId: a + b + c + d, spanId: e + f, sampled: true }) }
}

/** Never zero: ids of nothing but zeros are not valid. */
const word = (name: string, seed: number): string => Math.max(1, Hash.murmur3(name, seed)).toString(16).padStart(8, "0")

/**
 * Begins a span of a rebalance.
 *
 * @category constructors
 * @since 0.1.0
 */
export const begin = (
  name: string,
  parent: Tracer.AnySpan,
  attributes: Readonly<Record<string, unknown>>
): Effect.Effect<Tracer.Span> => Effect.makeSpan(name, { parent, attributes })

/**
 * Ends a span now.
 *
 * @category running
 * @since 0.1.0
 */
export const end = (span: Tracer.Span, attributes: Readonly<Record<string, unknown>> = {}): Effect.Effect<void> =>
  Effect.map(Clock.currentTimeNanos, (now) => {
    for (const [name, value] of Object.entries(attributes)) span.attribute(name, value)
    span.end(now, Exit.void)
  })

/**
 * Ends a span, if there is one, in whose place another is begun before its own end was seen; it says so.
 *
 * @category running
 * @since 0.1.0
 */
export const supersede = (span: Tracer.Span | null | undefined): Effect.Effect<void> =>
  span === null || span === undefined ? Effect.void : end(span, { superseded: true })
