/**
 * What a push consumer says.
 *
 * @since 0.1.0
 */
import type { Msg } from "@nats-io/transport-node"
import * as KvBucket from "./KvBucket.ts"

/**
 * One message of a push consumer, understood.
 *
 * **Details**
 *
 * - `Change`: the newest value of a key, `null` for one that was removed. `delivery` counts what this consumer sent,
 *   `pendingCount` is what it has yet to send. `writtenAt` is the server's wall clock in milliseconds.
 * - `Heartbeat`: nothing to send; `lastDelivery` is the last that was.
 * - `FlowControl`: the server waits for an answer before it sends more.
 * - `Refused`: the consumer does not work any more.
 *
 * @category models
 * @since 0.1.0
 */
export type PushSignal =
  | {
      readonly _tag: "Change"
      readonly key: string
      readonly sequence: number
      readonly delivery: number
      readonly pendingCount: number
      readonly writtenAt: number
      readonly value: Uint8Array | null
    }
  | { readonly _tag: "Heartbeat"; readonly lastDelivery: number; readonly stalledReply: string | null }
  | { readonly _tag: "FlowControl"; readonly reply: string }
  | { readonly _tag: "Refused"; readonly code: number }

/**
 * Reads a message. `subjectPrefix` is what comes before the key.
 *
 * @category conversions
 * @since 0.1.0
 */
export const parse = (message: Msg, subjectPrefix: string): PushSignal => {
  const { headers } = message
  const status = headers?.code ?? 0
  if (status >= 400) return { _tag: "Refused", code: status }
  if (status === 100) {
    if (message.reply !== undefined && message.reply !== "") return { _tag: "FlowControl", reply: message.reply }
    const lastDelivery = Number(headers?.get("Nats-Last-Consumer") || 0)
    return { _tag: "Heartbeat", lastDelivery, stalledReply: headers?.get("Nats-Consumer-Stalled") || null }
  }
  const position = delivered(message.reply ?? "")
  if (position === null || !message.subject.startsWith(subjectPrefix)) return { _tag: "Refused", code: 0 }
  const key = message.subject.slice(subjectPrefix.length)
  return { _tag: "Change", key, ...position, value: KvBucket.isMarker(headers) ? null : message.data }
}

/** `$JS.ACK.[domain.account.]stream.consumer.delivered.sequence.delivery.time.pending[.random]` */
const delivered = (reply: string) => {
  const tokens = reply.split(".")
  if (tokens.length < 9) return null
  const at = tokens.length === 9 ? 5 : 7
  const [sequence = 0, delivery = 0, nanoseconds = 0, pendingCount = 0] = tokens.slice(at, at + 4).map(Number)
  return { sequence, delivery, pendingCount, writtenAt: Math.floor(nanoseconds / 1e6) }
}
