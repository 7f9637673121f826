/**
 * What is known of one partition.
 *
 * @since 0.1.0
 */
import type { Entry } from "../FleetJournal.ts"
import type { Life } from "./Lives.ts"
import * as Messages from "./Messages.ts"
import type { Span } from "./Ownership.ts"

/**
 * Its owners' time with it, and its messages. `open`: what owners have begun for it and not ended; `depth` counts the run
 * and its messages.
 *
 * @category models
 * @since 0.1.0
 */
export interface Case {
  readonly spans: Array<Span>
  readonly messages: Messages.Messages
  readonly open: Array<{ readonly span: Span; depth: number; isRunning: boolean }>
}

/**
 * Nothing is known.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (partition: string): Case => ({ spans: [], messages: Messages.make(partition), open: [] })

/**
 * What an owner says of a partition.
 *
 * @category models
 * @since 0.1.0
 */
export type Said = Extract<
  Entry,
  { readonly _tag: "RunBegan" | "RunStopping" | "RunEnded" | "MessageBegan" | "MessageEnded" }
>

/**
 * Takes in what an owner says, and joins its run and its messages into one span. Says what cannot be.
 *
 * @category reducers
 * @since 0.1.0
 */
export const attend = ({ messages, open, spans }: Case, entry: Said, at: number, life: Life): string | null => {
  const { _tag: tag, partition, token } = entry
  const name = `partition ${partition} under token ${token}`
  const known = open.find(({ span }) => span.life === life && span.token === token)
  if (tag === "MessageBegan" || tag === "MessageEnded") messages.take(entry, at, life)
  if (tag === "RunBegan" && known?.isRunning === true) return `${name} began twice`
  if (tag === "RunBegan" || tag === "MessageBegan") {
    const current = known ?? { span: { life, token, from: at, to: null, toldAt: null }, depth: 0, isRunning: false }
    current.depth += 1
    if (tag === "RunBegan") current.isRunning = true
    if (known === undefined) {
      open.push(current)
      spans.push(current.span)
    }
    return null
  }
  if (known === undefined || (tag !== "MessageEnded" && !known.isRunning)) return `${name}: ${tag} without a beginning`
  if (tag === "RunStopping") {
    known.span.toldAt ??= at
    return null
  }
  if (tag === "RunEnded") known.isRunning = false
  known.depth -= 1
  if (known.depth > 0) return null
  known.span.to = at
  open.splice(open.indexOf(known), 1)
  return null
}
