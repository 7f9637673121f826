/**
 * What can keep a process from working with NATS. Each says what to do about it.
 *
 * **Example** (Who is told that there is no connection)
 *
 * ```ts
 * import { NatsConnection, type NatsError } from "@parti/nats-adapter"
 * import { Effect, Schedule } from "effect"
 *
 * type ForOperators = NatsError.NatsPermissionDenied | NatsError.NatsServerTooOld | NatsError.NatsWithoutJetStream
 * type ForProgrammers = NatsError.NatsConnectionUnsupported | NatsError.NatsConnectionClosed
 *
 * // No secret: it says which one was offered.
 * const renew = ({ offered }: NatsError.NatsCredentialsRefused) => Effect.logFatal(`renew ${offered}`)
 * const askOperators = ({ message }: ForOperators) => Effect.logFatal(`for whoever runs NATS: ${message}`)
 * const askProgrammers = ({ message }: ForProgrammers) => Effect.logFatal(`for whoever wrote this: ${message}`)
 *
 * // A server that is away comes back; nothing else is cured by waiting.
 * const isAway = (error: NatsError.NatsConnectError): error is NatsError.NatsUnreachable =>
 *   error._tag === "NatsUnreachable"
 *
 * const connect = NatsConnection.make({ servers: "127.0.0.1:4222" }).pipe(
 *   Effect.retry({ while: isAway, schedule: Schedule.spaced("5 seconds") }),
 *   Effect.tapErrorTag("NatsCredentialsRefused", renew),
 *   Effect.tapErrorTag(["NatsPermissionDenied", "NatsServerTooOld", "NatsWithoutJetStream"], askOperators),
 *   Effect.tapErrorTag(["NatsConnectionUnsupported", "NatsConnectionClosed"], askProgrammers)
 * )
 * ```
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"

/**
 * No server answered, or what answered did not speak as a NATS server should.
 *
 * @category errors
 * @since 0.1.0
 */
export class NatsUnreachable extends Data.TaggedError("NatsUnreachable")<{
  readonly servers: ReadonlyArray<string>
  readonly reason: string
  readonly cause?: unknown
}> {
  override get message(): string {
    const where = this.servers.join(", ")
    return `no NATS server could be used at ${where} (${this.reason}); check the addresses, and that the server runs there`
  }
}

/**
 * The server does not know the credentials, or they could not be read.
 *
 * @category errors
 * @since 0.1.0
 */
export class NatsCredentialsRefused extends Data.TaggedError("NatsCredentialsRefused")<{
  readonly servers: ReadonlyArray<string>
  /** What was offered, never the secret itself. */
  readonly offered: string
  readonly reason: string
  readonly cause?: unknown
}> {
  override get message(): string {
    return `${this.servers.join(", ")} did not accept ${this.offered} (${this.reason}); check the connection's \`auth\``
  }
}

/**
 * The user may not use a subject that Parti needs.
 *
 * @category errors
 * @since 0.1.0
 */
export class NatsPermissionDenied extends Data.TaggedError("NatsPermissionDenied")<{
  readonly operation: "publish" | "subscription"
  readonly subject: string
  readonly cause?: unknown
}> {
  override get message(): string {
    const action = this.operation === "publish" ? "publish to" : "subscribe to"
    return `this NATS user may not ${action} "${this.subject}"; allow it in the server's permissions`
  }
}

/**
 * The server, or the account, has no JetStream.
 *
 * @category errors
 * @since 0.1.0
 */
export class NatsWithoutJetStream extends Data.TaggedError("NatsWithoutJetStream")<{
  readonly server: string
  readonly reason: string
  readonly cause?: unknown
}> {
  override get message(): string {
    return `${this.server} offers no JetStream (${this.reason}); start it with -js, or enable JetStream for the account`
  }
}

/**
 * The server lacks what Parti needs of newer ones.
 *
 * @category errors
 * @since 0.1.0
 */
export class NatsServerTooOld extends Data.TaggedError("NatsServerTooOld")<{
  readonly server: string
  readonly version: string
  readonly oldest: string
}> {
  override get message(): string {
    return `${this.server} is nats-server ${this.version}; Parti needs ${this.oldest} or newer`
  }
}

/**
 * The connection that was handed over is of another library, or of an older release.
 *
 * @category errors
 * @since 0.1.0
 */
export class NatsConnectionUnsupported extends Data.TaggedError("NatsConnectionUnsupported")<{
  readonly reason: string
}> {
  override get message(): string {
    return `${this.reason}; connect with \`connect\` of @nats-io/transport-node 3.4 or newer`
  }
}

/**
 * The connection was closed for good, so no waiting brings it back.
 *
 * @category errors
 * @since 0.1.0
 */
export class NatsConnectionClosed extends Data.TaggedError("NatsConnectionClosed")<{}> {
  override get message(): string {
    return "the NATS connection was closed; make a new one"
  }
}

/**
 * What can go wrong while a connection is made.
 *
 * @category errors
 * @since 0.1.0
 */
export type NatsConnectError =
  | NatsUnreachable
  | NatsCredentialsRefused
  | NatsPermissionDenied
  | NatsWithoutJetStream
  | NatsServerTooOld
  | NatsConnectionUnsupported
  | NatsConnectionClosed
