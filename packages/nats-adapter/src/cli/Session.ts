/**
 * A group as one run of the command sees it: the connection, and an observer of the group.
 *
 * @since 0.1.0
 */
import { jetstreamManager, type JetStreamManager } from "@nats-io/jetstream"
import { CoordinationStore, StoreUnavailable } from "@parti/core/CoordinationStore"
import * as GroupObserver from "@parti/core/GroupObserver"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as NatsFailure from "../connection/NatsFailure.ts"
import * as NatsConnection from "../NatsConnection.ts"
import * as NatsStore from "../NatsStore.ts"
import * as Failure from "./Failure.ts"
import * as KvBucket from "../store/KvBucket.ts"
import * as Settings from "./Settings.ts"

/**
 * A connection to the server.
 *
 * @category models
 * @since 0.1.0
 */
export interface Server {
  readonly nats: NatsConnection.NatsConnection["Service"]
  readonly manager: JetStreamManager
  readonly url: string
  readonly version: string
}

/**
 * What the server's clock and this machine's make of each other. `aheadMs`: by how much this machine's wall clock is ahead.
 *
 * @category models
 * @since 0.1.0
 */
export interface Timing {
  readonly roundTripMs: number
  readonly aheadMs: number
}

/**
 * A group that is being watched.
 *
 * @category models
 * @since 0.1.0
 */
export interface Session {
  readonly group: string
  readonly server: Server
  readonly timing: Timing
  readonly observer: GroupObserver.GroupObserver
  /** The time by the server's wall clock, which is the one that records are dated by. */
  readonly serverNow: Effect.Effect<number>
}

/**
 * Connects to the server, for as long as the scope lasts.
 *
 * @category constructors
 * @since 0.1.0
 */
export const connect = (settings: Settings.Settings): Effect.Effect<Server, Failure.Failure, Scope.Scope> =>
  Effect.gen(function* () {
    const nats = yield* NatsConnection.make(yield* Settings.connection(settings))
    const timeout = settings.timeout * 1000
    const manager = yield* Effect.promise(() => jetstreamManager(nats.connection, { checkAPI: false, timeout }))
    return { nats, manager, url: nats.connection.getServer(), version: nats.connection.info?.version ?? "unknown" }
  })

/**
 * The store of the group on a server, whose buckets must be there.
 *
 * @category constructors
 * @since 0.1.0
 */
export const openStore = (
  settings: Settings.Settings,
  server: Server
): Effect.Effect<CoordinationStore["Service"], Failure.Failure, Scope.Scope> =>
  Effect.gen(function* () {
    const group = yield* Settings.group(settings)
    const timeoutMs = settings.timeout * 1000
    return yield* NatsStore.make({
      group,
      create: false,
      requestTimeout: timeoutMs,
      openTimeout: timeoutMs
    }).pipe(
      Effect.provideService(NatsConnection.NatsConnection, server.nats),
      Effect.mapError((error) => Failure.ofStore(group, server.url, error))
    )
  })

/**
 * Watches the group on a server, for as long as the scope lasts; all that is in its store has been seen by then.
 *
 * @category constructors
 * @since 0.1.0
 */
export const watch = (
  settings: Settings.Settings,
  server: Server
): Effect.Effect<Session, Failure.Failure, Scope.Scope> =>
  Effect.gen(function* () {
    const group = yield* Settings.group(settings)
    const timeoutMs = settings.timeout * 1000
    const store = yield* openStore(settings, server)
    const observer = yield* GroupObserver.make(group, { requestTimeout: timeoutMs }).pipe(
      Effect.provideService(CoordinationStore, store),
      Effect.timeoutOrElse({
        duration: timeoutMs,
        orElse: () => {
          const reason = `the records of group ${group} were not shown within ${settings.timeout} s`
          return Effect.fail(new StoreUnavailable({ operation: "watch", outcome: "NotApplied", reason }))
        }
      })
    )
    const timing = yield* measure(server.manager, group)
    const serverNow = Effect.map(Clock.currentTimeMillis, (now) => now - timing.aheadMs)
    return { group, server, observer, timing, serverNow }
  })

/**
 * Connects, and watches the group.
 *
 * @category constructors
 * @since 0.1.0
 */
export const open = (settings: Settings.Settings): Effect.Effect<Session, Failure.Failure, Scope.Scope> =>
  Effect.gen(function* () {
    // Before anything is connected: a slip should not take a time-out to be told.
    yield* Settings.group(settings)
    return yield* watch(settings, yield* connect(settings))
  })

/** The quickest of a few requests tells the most of both the way and the clocks. */
const samples = 3

const measure = (manager: JetStreamManager, group: string): Effect.Effect<Timing, StoreUnavailable> =>
  Effect.gen(function* () {
    let best: Timing = { roundTripMs: Number.POSITIVE_INFINITY, aheadMs: 0 }
    for (let sample = 0; sample < samples; sample++) {
      const sentAt = yield* Clock.currentTimeMillis
      const sent = yield* Clock.monotonicTimeNanos
      const { ts } = yield* NatsFailure.attempt(() => manager.streams.info(`KV_${group}-plan`)).pipe(
        Effect.mapError(KvBucket.unopened)
      )
      const roundTripMs = Number((yield* Clock.monotonicTimeNanos) - sent) / 1e6
      const serverAt = Date.parse(ts ?? "")
      // Servers that do not tell their time are taken to agree with us.
      const aheadMs = Number.isNaN(serverAt) ? 0 : sentAt + roundTripMs / 2 - serverAt
      if (roundTripMs < best.roundTripMs) best = { roundTripMs, aheadMs: Math.round(aheadMs) }
    }
    return best
  })
