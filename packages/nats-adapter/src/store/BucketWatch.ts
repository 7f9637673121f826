/**
 * A watch of one bucket that loses nothing and goes on for ever.
 *
 * @since 0.1.0
 */
import { AckPolicy, type ConsumerConfig, DeliverPolicy, type JetStreamManager, ReplayPolicy } from "@nats-io/jetstream"
import { createInbox, type NatsConnection, nanos, nuid } from "@nats-io/transport-node"
import { type StoreMisconfigured, StoreUnavailable, type WatchEvent } from "@parti/core/CoordinationStore"
import type { Revision } from "@parti/core/Revision"
import type * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { BucketLife } from "./BucketLife.ts"
import * as KvBucket from "./KvBucket.ts"
import * as NatsFailure from "../connection/NatsFailure.ts"
import type { NatsLink } from "../connection/NatsLink.ts"
import type { NatsPermissionDenied } from "../NatsError.ts"
import * as PushSignal from "./PushSignal.ts"
import { WatchCursor } from "./WatchCursor.ts"

/**
 * A bucket, and how to reach it.
 *
 * @category models
 * @since 0.1.0
 */
export interface WatchedBucket {
  readonly connection: NatsConnection
  readonly link: NatsLink
  readonly inboxPrefix: string
  readonly manager: JetStreamManager
  readonly bucket: KvBucket.KvBucket
  readonly life: BucketLife
  /** What to call when a write found a key elsewhere than at the revision it expected. */
  readonly doubters: Set<Doubter>
}

/**
 * Hears that a key is not at a revision. A watch that still shows it there, a while later, has missed that the key is gone:
 * what ages away or is purged makes no event.
 *
 * @category models
 * @since 0.1.0
 */
export type Doubter = (key: string, notAt: Revision) => void

/** Why a consumer is given up. */
type Reason = "Disconnected" | "Gap" | "TailGap" | "Silent" | "Refused" | "Vanished"

const heartbeatMs = 1_000
const silenceMs = 2.5 * heartbeatMs
const tickMs = 500

// The markers of removed keys age away after ten minutes; who was deaf for longer may have missed one.
const resumableMs = 300_000

// The server removes a consumer that nobody could delete.
const inactiveThresholdMs = 30_000

/**
 * Shows a bucket's keys for as long as the scope lasts.
 *
 * **Details**
 *
 * Goes through as many consumers as it takes: a consumer is replaced at any sign that it may have stopped telling
 * everything. Ends only by a failure that waiting does not cure.
 *
 * @category constructors
 * @since 0.1.0
 */
export const run = (
  watched: WatchedBucket,
  patterns: ReadonlyArray<string>,
  emit: (events: ReadonlyArray<WatchEvent>) => void
): Effect.Effect<never, StoreUnavailable | StoreMisconfigured, Scope.Scope> =>
  Effect.clockWith((clock) =>
    Effect.gen(function* () {
      const watch = yield* make(watched, patterns, emit, clock)
      for (let quickEndings = 0; ;) {
        yield* Effect.mapError(watched.link.up, unavailable)
        const startedAt = monotonicMs(clock)
        const reason = yield* Effect.catchIf(Effect.scoped(session(watch)), isCurable, (error) =>
          Effect.as(Effect.logWarning(`a watch could not be opened: ${error.reason}`), "Refused" as const)
        )
        watch.mayResume &&= reason !== "Vanished"
        yield* Effect.logDebug(`the watch of ${watched.bucket.name} is opened again: ${reason}`)
        // A lost connection sets the pace by itself: the watch must be open as soon as it is back.
        const isQuick = reason !== "Disconnected" && monotonicMs(clock) - startedAt < heartbeatMs
        quickEndings = isQuick ? quickEndings + 1 : 0
        if (quickEndings > 1) yield* Effect.sleep(Math.min(2_000, 50 * 2 ** Math.min(quickEndings, 8)))
      }
    })
  )

/**
 * Finds out whether the user may watch a bucket, by an attempt that can only be refused: it names no stream.
 *
 * @category operations
 * @since 0.1.0
 */
export const probe = ({ bucket, connection }: WatchedBucket): Effect.Effect<void, NatsPermissionDenied> =>
  NatsFailure.attempt(() => connection.request(`$JS.API.CONSUMER.CREATE.${bucket.stream}`, "{}")).pipe(
    Effect.catch(({ cause }) => NatsFailure.permission(cause) ?? Effect.void),
    Effect.asVoid
  )

interface Watch extends WatchedBucket {
  readonly patterns: ReadonlyArray<string>
  readonly emit: (events: ReadonlyArray<WatchEvent>) => void
  readonly clock: Clock.Clock
  readonly cursor: WatchCursor
  readonly doubts: Map<string, { readonly notAt: Revision; readonly since: number }>
  /** Consumers that exist or may exist, until their deletion was confirmed. */
  readonly consumers: Set<string>
  heardAt: number
  mayResume: boolean
}

const make = (
  watched: WatchedBucket,
  patterns: ReadonlyArray<string>,
  emit: Watch["emit"],
  clock: Clock.Clock
): Effect.Effect<Watch, never, Scope.Scope> =>
  Effect.gen(function* () {
    const doubts: Watch["doubts"] = new Map()
    const consumers: Watch["consumers"] = new Set()
    const heardAt = monotonicMs(clock)
    const cursor = new WatchCursor()
    const watch: Watch = { ...watched, patterns, emit, clock, cursor, doubts, consumers, heardAt, mayResume: true }
    const doubter: Doubter = (key, notAt) => void doubts.set(key, { notAt, since: monotonicMs(clock) })
    yield* Effect.acquireRelease(
      Effect.sync(() => watched.doubters.add(doubter)),
      () => Effect.sync(() => watched.doubters.delete(doubter))
    )
    yield* Effect.addFinalizer(() =>
      Effect.forEach(consumers, (name) => remove(watch, name), { concurrency: "unbounded", discard: true }).pipe(
        Effect.interruptible,
        Effect.timeoutOrElse({ duration: "1 second", orElse: () => Effect.void })
      )
    )
    return watch
  })

/** One consumer, from its making until there is a reason to make another. */
const session = (watch: Watch): Effect.Effect<Reason, StoreUnavailable | StoreMisconfigured, Scope.Scope> =>
  Effect.gen(function* () {
    const { connection, cursor, emit, life, link } = watch
    const ended = Deferred.makeUnsafe<Reason>()
    const end = (reason: Reason): void => void Deferred.doneUnsafe(ended, Effect.succeed(reason))
    yield* Effect.acquireRelease(
      Effect.sync(() => link.onDown(() => end("Disconnected"))),
      (forget) => Effect.sync(forget)
    )

    const floor = life.floor()
    const stream = yield* KvBucket.open(watch, watch.bucket)
    const incarnation = life.incarnation(KvBucket.identity(stream), floor)
    const wasHeard = monotonicMs(watch.clock) - watch.heardAt < resumableMs
    const start = cursor.begin(incarnation, stream.state.last_seq, watch.mayResume && wasHeard)
    watch.mayResume = true
    watch.doubts.clear()
    if (start._tag === "List") emit([{ _tag: "Opened", incarnation }])

    const inbox = createInbox(watch.inboxPrefix)
    yield* Effect.acquireRelease(
      Effect.sync(() => connection.subscribe(inbox, { callback: receiver(watch, end) })),
      (subscription) => Effect.sync(() => subscription.unsubscribe())
    )
    const name = `parti-${nuid.next()}`
    const others = [...watch.consumers]
    watch.consumers.add(name)
    const consumer = yield* request(() =>
      watch.manager.consumers.add(watch.bucket.stream, {
        ...consumerConfig(watch, name, inbox),
        ...(start._tag === "Resume"
          ? { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: start.sequence }
          : { deliver_policy: DeliverPolicy.LastPerSubject })
      })
    )
    // An outage is over: the first heartbeat is still to come.
    watch.heardAt = monotonicMs(watch.clock)
    emit(cursor.created(consumer.num_pending + consumer.delivered.consumer_seq))
    yield* Effect.forkScoped(Effect.forEach(others, (other) => remove(watch, other), { discard: true }))
    yield* Effect.forkScoped(listen(watch, end))
    return yield* Deferred.await(ended)
  })

const consumerConfig = ({ bucket, patterns }: Watch, name: string, inbox: string): Partial<ConsumerConfig> => ({
  name,
  deliver_subject: inbox,
  filter_subjects: patterns.map((pattern) => KvBucket.subject(bucket, pattern)),
  ack_policy: AckPolicy.None,
  replay_policy: ReplayPolicy.Instant,
  max_deliver: 1,
  mem_storage: true,
  num_replicas: 1,
  flow_control: true,
  idle_heartbeat: nanos(heartbeatMs),
  inactive_threshold: nanos(inactiveThresholdMs)
})

const receiver = (watch: Watch, end: (reason: Reason) => void) => {
  const prefix = KvBucket.subject(watch.bucket, "")
  let isOver = false
  const stop = (reason: Reason): void => {
    // What follows a gap must not be shown.
    isOver = true
    end(reason)
  }
  const take = (signal: PushSignal.PushSignal): void => {
    switch (signal._tag) {
      case "Change": {
        const events = watch.cursor.take(signal)
        if (events === null) return stop("Gap")
        watch.life.saw(signal.sequence)
        return watch.emit(events)
      }
      case "Heartbeat":
        if (watch.cursor.isBehind(signal.lastDelivery)) return stop("TailGap")
        if (signal.stalledReply !== null) watch.connection.publish(signal.stalledReply)
        return
      case "FlowControl":
        return watch.connection.publish(signal.reply)
      case "Refused":
        return stop("Refused")
    }
  }
  return (error: Error | null, message: Parameters<typeof PushSignal.parse>[0]): void => {
    if (isOver) return
    if (error !== null) return stop("Refused")
    watch.heardAt = monotonicMs(watch.clock)
    take(PushSignal.parse(message, prefix))
  }
}

/** Ends the session when nothing is heard any more, or when a key that is shown is known to be gone. */
const listen = (watch: Watch, end: (reason: Reason) => void): Effect.Effect<void> =>
  Effect.gen(function* () {
    for (let tickedAt = monotonicMs(watch.clock); ;) {
      yield* Effect.sleep(tickMs)
      const now = monotonicMs(watch.clock)
      // If this process was held up, what it has not read yet may be waiting: it gets another tick to do so.
      const wasHeldUp = now - tickedAt > 2 * tickMs
      tickedAt = now
      if (wasHeldUp) continue
      if (now - watch.heardAt > silenceMs) return end("Silent")
      for (const [key, { notAt, since }] of watch.doubts) {
        if (now - since < heartbeatMs) continue
        watch.doubts.delete(key)
        if (watch.cursor.revisionOf(key) === notAt) return end("Vanished")
      }
    }
  })

const remove = (watch: Watch, name: string): Effect.Effect<void> =>
  request(() => watch.manager.consumers.delete(watch.bucket.stream, name)).pipe(
    Effect.match({
      onSuccess: () => void watch.consumers.delete(name),
      onFailure: ({ cause }) => {
        if (NatsFailure.code(cause) === NatsFailure.codes.consumerNotFound) watch.consumers.delete(name)
      }
    })
  )

const request = <A>(ask: () => Promise<A>): Effect.Effect<A, StoreUnavailable> =>
  Effect.mapError(NatsFailure.attempt(ask), unavailable)

const unavailable = (cause: Error): StoreUnavailable =>
  new StoreUnavailable({ operation: "watch", outcome: "NotApplied", reason: cause.message, cause })

const isCurable = (error: StoreUnavailable | StoreMisconfigured): error is StoreUnavailable =>
  error._tag === "StoreUnavailable" && NatsFailure.permission(error.cause) === null

const monotonicMs = (clock: Clock.Clock): number => Number(clock.monotonicTimeNanosUnsafe()) / 1e6
