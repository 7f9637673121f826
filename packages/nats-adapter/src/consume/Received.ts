/**
 * What the server says of a delivery: it stands in the subject of the reply (NATS architecture and design, ADR-15).
 *
 * @since 0.1.0
 */
import type { JsMsg } from "@nats-io/jetstream"

/**
 * A delivery's numbers. `sequence` is the message's in the stream, `delivery` counts what the consumer has delivered, `attempts`
 * how often it has delivered this one, `pending` what waits behind it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Received {
  readonly attempts: number
  readonly sequence: number
  readonly delivery: number
  readonly pending: number
}

/**
 * Reads the numbers of what one consumer delivers. The library reads all of the subject, and each message pays for it: where
 * the subject is of the usual kind, only the numbers are read here.
 *
 * @category constructors
 * @since 0.1.0
 */
export const reader = (stream: string, consumer: string): ((message: JsMsg) => Received) => {
  const usual = `$JS.ACK.${stream}.${consumer}.`
  return (message) => {
    const reply = replyOf(message)
    return (reply.startsWith(usual) ? parse(reply, usual.length) : null) ?? asTheLibraryReads(message)
  }
}

/**
 * Where a message is acknowledged. The library's messages have it, though their type does not say so.
 *
 * @category getters
 * @since 0.1.0
 */
export const replyOf = (message: JsMsg): string =>
  "reply" in message && typeof message.reply === "string" ? message.reply : ""

const asTheLibraryReads = ({ info }: JsMsg): Received => ({
  attempts: info.deliveryCount,
  sequence: info.streamSequence,
  delivery: info.deliverySequence,
  pending: info.pending
})

/** `attempts.sequence.delivery.time.pending`, and nothing else; or `null`. */
const parse = (reply: string, from: number): Received | null => {
  const attemptsEnd = reply.indexOf(".", from)
  const sequenceEnd = reply.indexOf(".", attemptsEnd + 1)
  const deliveryEnd = reply.indexOf(".", sequenceEnd + 1)
  const timeEnd = reply.indexOf(".", deliveryEnd + 1)
  const attempts = digits(reply, from, attemptsEnd)
  const sequence = digits(reply, attemptsEnd + 1, sequenceEnd)
  const delivery = digits(reply, sequenceEnd + 1, deliveryEnd)
  const pending = digits(reply, timeEnd + 1, reply.length)
  return Number.isNaN(attempts + sequence + delivery + pending) ? null : { attempts, sequence, delivery, pending }
}

const zero = 48

/** The number that these digits are; not a number where there are none, or anything else. */
const digits = (text: string, from: number, end: number): number => {
  if (from >= end) return Number.NaN
  let number = 0
  for (let i = from; i < end; i++) {
    const digit = text.charCodeAt(i) - zero
    if (digit < 0 || digit > 9) return Number.NaN
    number = number * 10 + digit
  }
  return number
}
