/**
 * Pulls the messages of one partition and hands them to the handler.
 *
 * @since 0.1.0
 */
import type { Consumer, ConsumerMessages, JsMsg } from "@nats-io/jetstream"
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import * as Scope from "effect/Scope"
import * as NatsFailure from "../connection/NatsFailure.ts"
import { ConsumerUnavailable } from "../ConsumptionError.ts"
import type { NatsConnection } from "../NatsConnection.ts"
import type * as Progress from "./Progress.ts"
import * as Received from "./Received.ts"
import type { RunTraffic } from "./Traffic.ts"

/**
 * What the loop of one partition needs.
 *
 * **Details**
 *
 * - `consumer`: was made for this run under `name`, and has delivered nothing yet.
 * - `progress`: what this process knows of the partition; kept up to date.
 * - `deliver`: `true` when the message is done with and may be acknowledged, `false` when it is to come again.
 * - `revoked`: completes when nothing more may be begun; `deliver` is then told by its second argument. `isCurrent` says so
 *   before anybody could, where the process was held up.
 *
 * @category models
 * @since 0.1.0
 */
export interface MessageLoop<E, R> {
  readonly nats: NatsConnection["Service"]
  readonly consumer: Consumer
  readonly name: string
  readonly stream: string
  readonly partition: string
  readonly concurrency: number
  readonly prefetch: number
  readonly ackWaitMs: number
  readonly progress: Progress.Progress
  readonly traffic: RunTraffic
  readonly revoked: Effect.Effect<unknown>
  readonly isCurrent: () => boolean
  readonly deliver: (message: JsMsg, sequence: number, stopping: Effect.Effect<void>) => Effect.Effect<boolean, E, R>
}

/**
 * Why a run has ended: the partition was revoked; or something that the server had sent may have been lost, because the
 * connection was, because a delivery is missing, or because the server went silent. Then another run has to begin, with a
 * consumer of its own: this one would bring what was lost only after its deadline, behind what follows it.
 *
 * @category models
 * @since 0.1.0
 */
export type Ending = "Revoked" | "Disconnected" | "Gap" | "Silent"

// How long an idle pull stays open, and how often the server says that it still is.
const expiresMs = 30_000
const heartbeatMs = 5_000

// How long the end waits for the server to confirm the last acknowledgement.
const confirmMs = 1_000

/** A message that was fetched. */
interface Fetched {
  readonly message: JsMsg
  readonly sequence: number
  readonly arrivedAtMs: number
}

/** What this run has of the partition. */
interface Hands {
  /** Reads what the server says of a delivery. */
  readonly read: (message: JsMsg) => Received.Received
  readonly fetched: Queue.Queue<Fetched, ConsumerUnavailable | Cause.Done>
  readonly stopping: Deferred.Deferred<void>
  readonly stopped: Effect.Effect<void>
  /** Fetched and not acknowledged, by sequence. */
  readonly open: Map<number, Fetched>
  messages: ConsumerMessages | null
  ending: Ending | null
  deliveries: number
  last: JsMsg | null
  highest: number
}

/**
 * Runs until there is a reason to end, and what was begun has ended.
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
export const run = <E, R>(loop: MessageLoop<E, R>): Effect.Effect<Ending, E | ConsumerUnavailable, R> =>
  // A scope of its own: that of the handlers outlives this run.
  Effect.acquireUseRelease(
    Scope.make(),
    (scope) =>
      Effect.gen(function* () {
        const stopping = Deferred.makeUnsafe<void>()
        const hands: Hands = {
          read: Received.reader(loop.stream, loop.name),
          fetched: yield* Queue.unbounded<Fetched, ConsumerUnavailable | Cause.Done>(),
          stopping,
          stopped: Deferred.await(stopping),
          open: new Map(),
          messages: null,
          ending: null,
          deliveries: 0,
          last: null,
          highest: 0
        }
        yield* Scope.provide(begin(loop, hands), scope)
        yield* handleAll(loop, hands)
        return hands.ending ?? "Revoked"
      }),
    (scope, exit) => Scope.close(scope, exit)
  )

const begin = <E, R>(loop: MessageLoop<E, R>, hands: Hands): Effect.Effect<void, ConsumerUnavailable, Scope.Scope> =>
  Effect.gen(function* () {
    const { link } = loop.nats
    yield* Effect.addFinalizer(() => finish(loop, hands))
    yield* Effect.acquireRelease(
      Effect.sync(() => link.onDown(() => end(hands, "Disconnected"))),
      (forget) => Effect.sync(forget)
    )
    if (!link.isUp()) return end(hands, "Disconnected")
    yield* pull(loop, hands)
    yield* Effect.andThen(
      loop.revoked,
      Effect.sync(() => end(hands, "Revoked"))
    ).pipe(Effect.forkScoped({ startImmediately: true }))
    yield* Effect.forkScoped(extend(loop, hands))
  })

/** Nothing more is taken or begun. */
const end = (hands: Hands, ending: Ending): void => {
  // Who is revoked while another end is being awaited begins no other run.
  if (hands.ending === null || ending === "Revoked") hands.ending = ending
  Deferred.doneUnsafe(hands.stopping, Effect.void)
  hands.messages?.stop()
  Queue.endUnsafe(hands.fetched)
}

const pull = <E, R>(
  { consumer, partition, prefetch, stream, traffic }: MessageLoop<E, R>,
  hands: Hands
): Effect.Effect<void, ConsumerUnavailable, Scope.Scope> => {
  const unavailable = (reason: string, cause?: unknown) => new ConsumerUnavailable({ stream, partition, reason, cause })
  const consume = NatsFailure.attempt(() =>
    consumer.consume({
      max_messages: prefetch,
      // Half of it is fetched anew at a time: by the library's own three quarters a request is sent for each quarter.
      threshold_messages: Math.ceil(prefetch / 2),
      expires: expiresMs,
      idle_heartbeat: heartbeatMs,
      abort_on_missing_resource: true,
      callback: (message) => take(hands, traffic, message)
    })
  )
  return Effect.acquireRelease(
    Effect.mapError(consume, ({ cause, message }) => unavailable(message, cause)),
    (messages) => Effect.sync(() => messages.stop())
  ).pipe(
    Effect.tap((messages) =>
      Effect.sync(() => {
        hands.messages = messages
        // It ended while it was being begun.
        if (hands.ending !== null) return messages.stop()
        void messages.closed().then((error) => {
          if (hands.ending !== null) return
          const reason = error instanceof Error ? NatsFailure.describe(error) : "the pull ended"
          Queue.failCauseUnsafe(hands.fetched, Cause.fail(unavailable(reason, error)))
        })
      })
    ),
    Effect.tap((messages) => Effect.forkScoped(listen(messages, hands))),
    Effect.asVoid
  )
}

const take = (hands: Hands, traffic: RunTraffic, message: JsMsg): void => {
  if (hands.ending !== null) return
  hands.deliveries += 1
  const { attempts, delivery, pending, sequence } = hands.read(message)
  if (delivery !== hands.deliveries) return end(hands, "Gap")
  if (attempts > 1) traffic.redelivered()
  // In hand already: this process was held up, and could not extend its deadline.
  if (hands.open.has(sequence)) return
  const fetched = { message, sequence, arrivedAtMs: traffic.arrived(pending) }
  hands.open.set(sequence, fetched)
  Queue.offerUnsafe(hands.fetched, fetched)
}

/** The library would ask the same consumer again, for ever, without a word. */
const listen = (messages: ConsumerMessages, hands: Hands): Effect.Effect<void> =>
  Effect.promise(async () => {
    for await (const { type } of messages.status()) if (type === "heartbeats_missed") end(hands, "Silent")
  })

const handleAll = <E, R>(loop: MessageLoop<E, R>, hands: Hands): Effect.Effect<void, E | ConsumerUnavailable, R> => {
  // Not `Effect.forever`: it yields each time around, and each yield sends the acknowledgements there are by themselves.
  const inOrder = Effect.gen(function* () {
    for (;;)
      yield* Effect.forEach(yield* Queue.takeAll(hands.fetched), (one) => handle(loop, hands, one), { discard: true })
  })
  const oneByOne = Effect.gen(function* () {
    for (;;) {
      const next = Queue.takeUnsafe(hands.fetched)
      yield* handle(loop, hands, yield* next ?? Queue.take(hands.fetched))
    }
  })
  const { concurrency } = loop
  const hand = concurrency === 1 ? [inOrder] : Array.from({ length: concurrency }, () => oneByOne)
  return Effect.all(hand, { concurrency: "unbounded", discard: true }).pipe(
    Effect.catchIf(Cause.isDone, () => Effect.void)
  )
}

const handle = <E, R>(loop: MessageLoop<E, R>, hands: Hands, fetched: Fetched): Effect.Effect<void, E, R> => {
  if (hands.ending !== null) return Effect.void
  // The process was held up for longer than its lease: others may have the partition, and the revoke is on its way.
  if (!loop.isCurrent()) return Effect.asVoid(loop.revoked)
  if (loop.progress.done.has(fetched.sequence)) return Effect.sync(() => acknowledge(loop, hands, fetched))
  return Effect.map(loop.deliver(fetched.message, fetched.sequence, hands.stopped), (isDone) => {
    if (isDone) acknowledge(loop, hands, fetched)
  })
}

const acknowledge = <E, R>(
  { prefetch, progress, traffic }: MessageLoop<E, R>,
  hands: Hands,
  { arrivedAtMs, message, sequence }: Fetched
): void => {
  message.ack()
  traffic.acknowledged(arrivedAtMs)
  hands.last = message
  hands.highest = Math.max(hands.highest, sequence)
  hands.open.delete(sequence)
  progress.failures.delete(sequence)
  progress.done.add(sequence)
  // The server has at most `prefetch` messages without an acknowledgement, so no other can come again.
  if (progress.done.size > 2 * prefetch) forgetOldest(progress.done)
}

const forgetOldest = (sequences: Set<number>): void => {
  for (const oldest of sequences) {
    sequences.delete(oldest)
    return
  }
}

/** Keeps the server from delivering again what is only waiting for its turn. */
const extend = <E, R>({ ackWaitMs }: MessageLoop<E, R>, { open }: Hands): Effect.Effect<never> =>
  Effect.forever(
    Effect.andThen(
      Effect.sleep(ackWaitMs / 3),
      Effect.sync(() => {
        for (const { message } of open.values()) message.working()
      })
    )
  )

/** Remembers how far this run has come, and waits until the server has taken the last acknowledgement. */
const finish = <E, R>(loop: MessageLoop<E, R>, { ending, highest, last, open }: Hands): Effect.Effect<void> =>
  Effect.suspend(() => {
    const { nats, progress, traffic } = loop
    traffic.end(ending ?? "Failed", open.size)
    if (last === null) return Effect.void
    const through = Math.min(highest, ...Array.from(open.keys(), (sequence) => sequence - 1))
    progress.acknowledgedThrough = Math.max(progress.acknowledgedThrough, through)
    const { connection, link } = nats
    const reply = Received.replyOf(last)
    // A lost connection confirms nothing, and whoever has to stop then has little time.
    if (reply === "" || !link.isUp()) return Effect.void
    return Effect.callback<void>((resume) => {
      const forget = link.onDown(() => resume(Effect.void))
      const done = (): void => {
        forget()
        resume(Effect.void)
      }
      // The server takes a consumer's acknowledgements in order, and this one is harmless.
      connection.request(reply, "+WPI", { timeout: confirmMs }).then(done, done)
    })
  })
