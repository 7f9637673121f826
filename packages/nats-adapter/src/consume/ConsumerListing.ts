/**
 * The names of all consumers of a stream, asked for once by however many want them at the same time.
 *
 * @since 0.1.0
 */
import type { NatsConnection } from "@nats-io/transport-node"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as NatsFailure from "../connection/NatsFailure.ts"

/**
 * Gives a listing that was begun after it was asked for.
 *
 * @category models
 * @since 0.1.0
 */
export type ConsumerListing = Effect.Effect<ReadonlyArray<string>, NatsFailure.NatsRequestFailed>

type Answer = Deferred.Deferred<ReadonlyArray<string>, NatsFailure.NatsRequestFailed>

/**
 * The listing of one stream. A rebalance moves many partitions at once, and each move needs two.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (connection: NatsConnection, stream: string): ConsumerListing => {
  let isAsking = false
  let next: Answer | null = null

  /** Answers all who came while the listing before was under way with one that begins now. */
  const serve: Effect.Effect<void> = Effect.gen(function* () {
    isAsking = true
    while (next !== null) {
      const answer: Answer = next
      next = null
      yield* Deferred.complete(
        answer,
        NatsFailure.attempt(() => list(connection, stream))
      )
    }
    isAsking = false
  })

  return Effect.suspend(() => {
    const answer = (next ??= Deferred.makeUnsafe())
    // Detached: the one who happens to ask first may be interrupted while others wait.
    const begin = isAsking ? Effect.void : Effect.forkDetach(serve, { startImmediately: true })
    return Effect.andThen(begin, Deferred.await(answer))
  })
}

interface Page {
  readonly consumers?: ReadonlyArray<string> | null
  readonly total?: number
  readonly error?: { readonly err_code: number; readonly description: string }
}

// A stream whose consumers come and go between any two pages is asked no more often than this.
const maxRequests = 1_000

const list = async (connection: NatsConnection, stream: string): Promise<ReadonlyArray<string>> => {
  const names = new Set<string>()
  for (let requests = 0; requests < maxRequests; requests++) {
    const request = JSON.stringify({ offset: names.size })
    const reply = await connection.request(`$JS.API.CONSUMER.NAMES.${stream}`, request, { timeout: 5_000 })
    const page = reply.json<Page>()
    if (page.error !== undefined) {
      throw Object.assign(new Error(page.error.description), { code: page.error.err_code })
    }
    const before = names.size
    for (const name of page.consumers ?? []) names.add(name)
    if (names.size === page.total) return [...names]
    // Consumers came or went between two pages: begin again.
    if (names.size === before || names.size > (page.total ?? 0)) names.clear()
  }
  throw new Error(`the consumers of ${stream} changed too often to be listed`)
}
