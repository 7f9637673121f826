/**
 * How many messages wait for each partition, by the consumers that handle a stream.
 *
 * @since 0.1.0
 */
import type { ConsumerInfo } from "@nats-io/jetstream"
import * as Effect from "effect/Effect"
import * as NatsFailure from "../../connection/NatsFailure.ts"
import * as ConsumerName from "../../consume/ConsumerName.ts"
import type * as Session from "../Session.ts"
import type { List } from "./Picture.ts"

/**
 * A column beside the list of partitions of that version: how many messages were not handled yet, whether they were handed
 * out or not; `null` where there is no consumer.
 *
 * @category models
 * @since 0.1.0
 */
export interface Lag {
  readonly stream: string
  readonly version: number
  readonly waiting: ReadonlyArray<number | null>
}

/**
 * What one consumer says.
 *
 * @category models
 * @since 0.1.0
 */
export type Told = Pick<ConsumerInfo, "name" | "num_pending" | "num_ack_pending">

/**
 * The column, from what the consumers say. Of several of one partition the newest counts: its owner's.
 *
 * @category conversions
 * @since 0.1.0
 */
export const of = (stream: string, consumption: string, list: List, consumers: ReadonlyArray<Told>): Lag => {
  const newest = new Map<string, { readonly rank: ConsumerName.Rank; readonly waiting: number }>()
  for (const { name, num_ack_pending, num_pending } of consumers) {
    const prefix = ConsumerName.prefixOf(consumption, name)
    const rank = prefix === null ? null : ConsumerName.parse(prefix, name)
    if (prefix === null || rank === null) continue
    const known = newest.get(prefix)
    if (known !== undefined && ConsumerName.compare(known.rank, rank) > 0) continue
    newest.set(prefix, { rank, waiting: num_pending + num_ack_pending })
  }
  return {
    stream,
    version: list.version,
    waiting: list.ids.map((id) => newest.get(ConsumerName.prefix(consumption, id))?.waiting ?? null)
  }
}

/**
 * Asks the server for all consumers of a stream.
 *
 * @category operations
 * @since 0.1.0
 */
export const ask = (
  { manager }: Session.Server,
  stream: string
): Effect.Effect<ReadonlyArray<Told>, NatsFailure.NatsRequestFailed> =>
  NatsFailure.attempt(async () => {
    const told: Array<Told> = []
    for await (const info of manager.consumers.list(stream)) told.push(info)
    return told
  })
