/**
 * Pulls the messages of one partition and hands them to the handler.
 *
 * @since 0.1.0
 */
import type { Consumer, ConsumerMessages, JsMsg } from "@nats-io/jetstream"
import type { NatsConnection } from "@nats-io/transport-node"
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"
import * as NatsFailure from "../connection/NatsFailure.ts"
import { ConsumerUnavailable } from "../ConsumptionError.ts"

/**
 * What the loop of one partition needs.
 *
 * **Details**
 *
 * - `deliver`: `true` when the message is done with and may be acknowledged, `false` when it is to come again.
 * - `revoked`: completes when nothing more may be begun; `deliver` is then told by its second argument.
 * - `ended`: told at the end up to which sequence everything is acknowledged; 0 if nothing was.
 *
 * @category models
 * @since 0.1.0
 */
export interface MessageLoop<E, R> {
  readonly connection: NatsConnection
  readonly consumer: Consumer
  readonly stream: string
  readonly partition: string
  readonly concurrency: number
  readonly prefetch: number
  readonly ackWaitMs: number
  readonly revoked: Effect.Effect<unknown>
  readonly deliver: (message: JsMsg, stopping: Effect.Effect<void>) => Effect.Effect<boolean, E, R>
  readonly ended: (acknowledgedThrough: number) => void
}

// How long an idle pull stays open, and how often the server says that it still is.
const expiresMs = 30_000
const heartbeatMs = 5_000

// How long the end waits for the server to confirm the last acknowledgement.
const confirmMs = 1_000

/** What this run has of the partition. */
interface Hands {
  readonly fetched: Queue.Queue<JsMsg, ConsumerUnavailable | Cause.Done>
  readonly stopping: Deferred.Deferred<void>
  /** Fetched and not acknowledged. */
  readonly open: Set<JsMsg>
  /** The last that were acknowledged: an acknowledgement may be lost, and its message come again. */
  readonly done: Set<number>
  last: JsMsg | null
  highest: number
}

/**
 * Runs until `revoked` completes and what was begun has ended.
 *
 * **Details**
 *
 * With a concurrency of 1, each message is begun after the one before is acknowledged. What is in hand, begun or not, has
 * its deadline extended, so that nothing comes twice because a handler is slow. At the end the server has confirmed the
 * last acknowledgement; what was fetched and not begun stays unacknowledged, for the partition's next consumer.
 *
 * @category operations
 * @since 0.1.0
 */
export const run = <E, R>(loop: MessageLoop<E, R>): Effect.Effect<void, E | ConsumerUnavailable, R | Scope.Scope> =>
  Effect.gen(function* () {
    const fetched = yield* Queue.unbounded<JsMsg, ConsumerUnavailable | Cause.Done>()
    const stopping = Deferred.makeUnsafe<void>()
    const hands: Hands = { fetched, stopping, open: new Set(), done: new Set(), last: null, highest: 0 }
    yield* Effect.addFinalizer(() => finish(loop, hands))
    const messages = yield* pull(loop, hands)
    yield* Effect.andThen(
      loop.revoked,
      Effect.sync(() => {
        Deferred.doneUnsafe(stopping, Effect.void)
        messages.stop()
        Queue.endUnsafe(fetched)
      })
    ).pipe(Effect.forkScoped({ startImmediately: true }))
    yield* Effect.forkScoped(extend(loop, hands))
    yield* handleAll(loop, hands)
  })

const pull = <E, R>(
  { consumer, partition, prefetch, stream }: MessageLoop<E, R>,
  { fetched, open, stopping }: Hands
): Effect.Effect<ConsumerMessages, ConsumerUnavailable, Scope.Scope> => {
  const unavailable = (reason: string, cause?: unknown) => new ConsumerUnavailable({ stream, partition, reason, cause })
  const consume = NatsFailure.attempt(() =>
    consumer.consume({
      max_messages: prefetch,
      expires: expiresMs,
      idle_heartbeat: heartbeatMs,
      abort_on_missing_resource: true,
      callback: (message) => {
        open.add(message)
        Queue.offerUnsafe(fetched, message)
      }
    })
  )
  return Effect.acquireRelease(
    Effect.mapError(consume, ({ cause, message }) => unavailable(message, cause)),
    (messages) => Effect.sync(() => messages.stop())
  ).pipe(
    Effect.tap((messages) =>
      Effect.sync(() => {
        void messages.closed().then((error) => {
          if (Deferred.isDoneUnsafe(stopping)) return
          const reason = error instanceof Error ? NatsFailure.describe(error) : "the pull ended"
          Queue.failCauseUnsafe(fetched, Cause.fail(unavailable(reason, error)))
        })
      })
    )
  )
}

const handleAll = <E, R>(loop: MessageLoop<E, R>, hands: Hands): Effect.Effect<void, E | ConsumerUnavailable, R> =>
  Effect.gen(function* () {
    for (;;) {
      const batch = yield* Queue.takeAll(hands.fetched)
      const { concurrency } = loop
      yield* Effect.forEach(batch, (message) => handle(loop, hands, message), { concurrency, discard: true })
    }
  }).pipe(Effect.catchIf(Cause.isDone, () => Effect.void))

const handle = <E, R>(loop: MessageLoop<E, R>, hands: Hands, message: JsMsg): Effect.Effect<void, E, R> =>
  Effect.suspend(() => {
    if (Deferred.isDoneUnsafe(hands.stopping)) return Effect.void
    if (message.redelivered && hands.done.has(message.seq)) return Effect.sync(() => acknowledge(loop, hands, message))
    return Effect.map(loop.deliver(message, Deferred.await(hands.stopping)), (isDone) => {
      if (isDone) acknowledge(loop, hands, message)
    })
  })

const acknowledge = <E, R>({ prefetch }: MessageLoop<E, R>, hands: Hands, message: JsMsg): void => {
  message.ack()
  hands.last = message
  hands.highest = Math.max(hands.highest, message.seq)
  hands.open.delete(message)
  // The server has at most `prefetch` messages without an acknowledgement, so no other can come again.
  hands.done.add(message.seq)
  const [oldest] = hands.done
  if (oldest !== undefined && hands.done.size > 2 * prefetch) hands.done.delete(oldest)
}

/** Keeps the server from delivering again what is only waiting for its turn. */
const extend = <E, R>({ ackWaitMs }: MessageLoop<E, R>, { open }: Hands): Effect.Effect<never> =>
  Effect.forever(
    Effect.andThen(
      Effect.sleep(ackWaitMs / 3),
      Effect.sync(() => {
        for (const message of open) message.working()
      })
    )
  )

/** Waits until the server has taken the last acknowledgement, and tells how far this run has come. */
const finish = <E, R>(loop: MessageLoop<E, R>, { highest, last, open }: Hands): Effect.Effect<void> => {
  // The library's messages have it, though their type does not say so.
  if (last === null || !("reply" in last) || typeof last.reply !== "string") return Effect.void
  const { reply } = last
  loop.ended(Math.min(highest, ...[...open].map(({ seq }) => seq - 1)))
  // The server takes a consumer's acknowledgements in order, and this one is harmless.
  return Effect.ignore(NatsFailure.attempt(() => loop.connection.request(reply, "+WPI", { timeout: confirmMs })))
}
