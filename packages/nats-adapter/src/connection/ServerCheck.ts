/**
 * Whether a server has what Parti needs.
 *
 * @since 0.1.0
 */
import { jetstreamManager } from "@nats-io/jetstream"
import type { NatsConnection } from "@nats-io/transport-node"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import {
  NatsConnectionClosed,
  type NatsConnectError,
  NatsServerTooOld,
  NatsUnreachable,
  NatsWithoutJetStream
} from "../NatsError.ts"
import * as NatsFailure from "./NatsFailure.ts"

const oldest: readonly [number, number] = [2, 10]

/**
 * Fails by name unless the server is new enough and its JetStream answers in time.
 *
 * @category operations
 * @since 0.1.0
 */
export const run = (connection: NatsConnection, timeout: Duration.Input): Effect.Effect<void, NatsConnectError> =>
  Effect.gen(function* () {
    const server = connection.getServer()
    yield* checkJetStream(connection, server, timeout)
    const { version } = connection.info ?? (yield* new NatsUnreachable({ servers: [server], reason: "it went away" }))
    if (isTooOld(version)) return yield* new NatsServerTooOld({ server, version, oldest: oldest.join(".") })
  })

const isTooOld = (version: string): boolean => {
  const [major = 0, minor = 0] = version.split(".").map(Number)
  return major < oldest[0] || (major === oldest[0] && minor < oldest[1])
}

const checkJetStream = (
  connection: NatsConnection,
  server: string,
  timeout: Duration.Input
): Effect.Effect<unknown, NatsConnectError> =>
  NatsFailure.attempt(() =>
    jetstreamManager(connection, { timeout: Math.min(Duration.toMillis(timeout), 2_000) })
  ).pipe(
    // A cluster that elects its leader answers later; a server without JetStream never does, and says so from the start.
    Effect.retry({
      while: (cause) =>
        !connection.isClosed() && NatsFailure.permission(cause) === null && !isWithout(connection, cause),
      schedule: Schedule.spaced("250 millis").pipe(Schedule.upTo({ duration: timeout }))
    }),
    Effect.mapError((cause) => {
      if (connection.isClosed()) return new NatsConnectionClosed()
      const reason = isWithout(connection, cause) ? "it is not enabled" : cause.message
      return NatsFailure.permission(cause) ?? new NatsWithoutJetStream({ server, reason, cause })
    })
  )

const isWithout = (connection: NatsConnection, cause: unknown): boolean =>
  NatsFailure.code(cause) === NatsFailure.codes.jetStreamNotEnabledForAccount ||
  (NatsFailure.isNamed(cause, "JetStreamNotEnabled") && connection.info?.jetstream !== true)
