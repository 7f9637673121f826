/**
 * The connection to NATS that everything of this package goes through.
 *
 * **Example** (For programs with a connection of their own, and for those without)
 *
 * ```ts
 * import type { NatsConnection as Connection } from "@nats-io/transport-node"
 * import { NatsConnection } from "@parti/nats-adapter"
 *
 * const common: NatsConnection.ExistingConnectionOptions = { connectTimeout: "10 seconds", inboxPrefix: "_INBOX_billing" }
 * const options: NatsConnection.NatsConnectionOptions = {
 *   ...common,
 *   servers: ["10.0.0.1:4222", "10.0.0.2:4222"],
 *   auth: { credsFile: "billing.creds" },
 *   tls: { caFile: "ca.pem" }
 * }
 *
 * const layerOver = (given: Connection | undefined) =>
 *   given === undefined ? NatsConnection.layer(options) : NatsConnection.layerFrom(given, common)
 * ```
 *
 * @since 0.1.0
 */
import * as Nats from "@nats-io/transport-node"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import * as NatsAuth from "./NatsAuth.ts"
import {
  NatsConnectionUnsupported,
  type NatsConnectError,
  NatsCredentialsRefused,
  NatsUnreachable
} from "./NatsError.ts"
import * as NatsFailure from "./connection/NatsFailure.ts"
import * as NatsLink from "./connection/NatsLink.ts"
import * as ServerAddress from "./connection/ServerAddress.ts"
import * as ServerCheck from "./connection/ServerCheck.ts"

/**
 * How to connect.
 *
 * **Details**
 *
 * - `servers`: `host:port`, with or without `nats://`. A user and password, or a token, in front of an `@` are taken for
 *   `auth` when that is not given.
 * - `connectTimeout`: for how long a server that cannot be reached is tried again, and how long it may take to answer
 *   (default 5 seconds). Once connected, reconnecting never ends.
 * - `pingInterval`: how often the connection is tried when nothing else is said; two pings without an answer make it count
 *   as lost (default 2 seconds).
 * - `inboxPrefix`: where answers come to, for users who may not subscribe to `_INBOX.>`.
 *
 * @category models
 * @since 0.1.0
 */
export interface NatsConnectionOptions {
  readonly servers: string | ReadonlyArray<string>
  readonly auth?: NatsAuth.NatsAuth
  readonly tls?: NonNullable<Nats.NodeConnectionOptions["tls"]>
  readonly name?: string
  readonly connectTimeout?: Duration.Input
  readonly pingInterval?: Duration.Input
  readonly inboxPrefix?: string
}

/**
 * A connection that is known to work: its server is new enough and has JetStream.
 *
 * **Example**
 *
 * ```ts
 * import { NatsConnection } from "@parti/nats-adapter"
 * import { Effect } from "effect"
 *
 * const program = Effect.gen(function* () {
 *   const { connection } = yield* NatsConnection.NatsConnection
 *   connection.publish("greetings", "hello")
 * })
 * Effect.provide(program, NatsConnection.layer({ servers: "127.0.0.1:4222" }))
 * ```
 *
 * @category services
 * @since 0.1.0
 */
export class NatsConnection extends Context.Service<
  NatsConnection,
  {
    readonly connection: Nats.NatsConnection
    readonly link: NatsLink.NatsLink
    readonly inboxPrefix: string
  }
>()("@parti/nats-adapter/NatsConnection") {}

/**
 * Connects, and closes the connection with the scope.
 *
 * **Example**
 *
 * ```ts
 * import { NatsConnection } from "@parti/nats-adapter"
 * import { Effect } from "effect"
 *
 * const program = Effect.gen(function* () {
 *   const { connection } = yield* NatsConnection.make({ servers: ["10.0.0.1:4222", "10.0.0.2:4222"] })
 *   return connection.getServer()
 * })
 * Effect.scoped(program)
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (
  options: NatsConnectionOptions
): Effect.Effect<NatsConnection["Service"], NatsConnectError, Scope.Scope> =>
  Effect.gen(function* () {
    const found = ServerAddress.parse(options.servers)
    const target = { servers: found.servers, auth: options.auth ?? found.auth }
    const timeout = options.connectTimeout ?? defaultTimeout
    const authenticator =
      target.auth === undefined
        ? undefined
        : yield* Effect.mapError(NatsAuth.authenticator(target.auth), (cause) => refused(target, cause.reason, cause))
    const settings: Nats.NodeConnectionOptions = {
      servers: [...target.servers],
      name: options.name ?? "parti",
      // A server that takes the connection and then says nothing must not hold up the next attempt.
      timeout: Math.min(Duration.toMillis(timeout), 2_000),
      maxReconnectAttempts: -1,
      // Credentials may be changed on the server while we run.
      ignoreAuthErrorAbort: true,
      reconnectDelayHandler: () => 100 + Math.random() * 200,
      pingInterval: Duration.toMillis(options.pingInterval ?? "2 seconds"),
      maxPingOut: 2,
      noAsyncTraces: true,
      ...(authenticator === undefined ? {} : { authenticator }),
      ...(options.tls === undefined ? {} : { tls: options.tls }),
      ...(options.inboxPrefix === undefined ? {} : { inboxPrefix: options.inboxPrefix })
    }
    const connection = yield* open(settings, target, timeout)
    return yield* checked(connection, timeout, options.inboxPrefix)
  })

/**
 * The same as a layer.
 *
 * **Example** (Connecting with a token)
 *
 * ```ts
 * import { NatsConnection } from "@parti/nats-adapter"
 * import { Redacted } from "effect"
 *
 * const Connection = NatsConnection.layer({
 *   servers: "nats://127.0.0.1:4222",
 *   auth: { token: Redacted.make("secret") }
 * })
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (options: NatsConnectionOptions): Layer.Layer<NatsConnection, NatsConnectError> =>
  Layer.effect(NatsConnection, make(options))

/**
 * What may be said of a connection that is there already.
 *
 * @category models
 * @since 0.1.0
 */
export type ExistingConnectionOptions = Pick<NatsConnectionOptions, "connectTimeout" | "inboxPrefix">

/**
 * Takes a connection that is there already. It stays open when the scope ends.
 *
 * **Gotchas**
 *
 * It must be of `@nats-io/transport-node` 3.4 or newer; the older package `nats` lacks what JetStream's consumers need.
 * Connect with `maxReconnectAttempts: -1`, or it is closed for good when the server is away for longer than that.
 *
 * **Example**
 *
 * ```ts
 * import { connect } from "@nats-io/transport-node"
 * import { NatsConnection } from "@parti/nats-adapter"
 *
 * const connection = await connect({ servers: "127.0.0.1:4222", maxReconnectAttempts: -1 })
 * const checked = NatsConnection.from(connection)
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const from = (
  connection: Nats.NatsConnection,
  options: ExistingConnectionOptions = {}
): Effect.Effect<NatsConnection["Service"], NatsConnectError, Scope.Scope> =>
  Effect.gen(function* () {
    const missing = neededMethods.filter((method) => !(method in connection))
    if (missing.length > 0) {
      const reason = `the connection lacks ${missing.join(" and ")}, as those of the package "nats" do`
      return yield* new NatsConnectionUnsupported({ reason })
    }
    return yield* checked(connection, options.connectTimeout ?? defaultTimeout, options.inboxPrefix)
  })

/**
 * The same as a layer.
 *
 * **Example**
 *
 * ```ts
 * import { connect } from "@nats-io/transport-node"
 * import { NatsConnection, NatsStore } from "@parti/nats-adapter"
 * import { Layer } from "effect"
 *
 * const connection = await connect({ servers: "127.0.0.1:4222", maxReconnectAttempts: -1 })
 * const Store = NatsStore.layer({ group: "orders" }).pipe(Layer.provide(NatsConnection.layerFrom(connection)))
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layerFrom = (
  connection: Nats.NatsConnection,
  options?: ExistingConnectionOptions
): Layer.Layer<NatsConnection, NatsConnectError> => Layer.effect(NatsConnection, from(connection, options))

const defaultTimeout: Duration.Input = "5 seconds"

// What release 3.4 of the library brought, and what JetStream's consumers call.
const neededMethods = ["addCloseListener", "getServers"]

const refused = (
  { auth, servers }: ServerAddress.ServerAddresses,
  reason: string,
  cause: unknown
): NatsCredentialsRefused => new NatsCredentialsRefused({ servers, offered: NatsAuth.describe(auth), reason, cause })

const open = (
  settings: Nats.NodeConnectionOptions,
  target: ServerAddress.ServerAddresses,
  timeout: Duration.Input
): Effect.Effect<Nats.NatsConnection, NatsConnectError, Scope.Scope> =>
  Effect.acquireRelease(
    connect(settings, target).pipe(
      Effect.retry({ while: isPassing, schedule: retries(timeout) }),
      Effect.timeoutOrElse({
        duration: Duration.toMillis(timeout) + 1_000,
        orElse: () => new NatsUnreachable({ servers: target.servers, reason: "no answer" })
      })
    ),
    close,
    { interruptible: true }
  )

// Names of the system's and of the library's errors for a server that is not there, or not yet.
const passing = ["ECONNREFUSED", "ECONNRESET", "ENOTFOUND", "EAI_AGAIN", "ETIMEDOUT", "EHOSTUNREACH", "ENETUNREACH"]

const isPassing = (error: NatsConnectError): boolean =>
  error._tag === "NatsUnreachable" &&
  (NatsFailure.isNamed(error.cause, "TimeoutError") || passing.includes(error.reason))

const retries = (timeout: Duration.Input) => Schedule.spaced("250 millis").pipe(Schedule.upTo({ duration: timeout }))

const connect = (
  settings: Nats.NodeConnectionOptions,
  target: ServerAddress.ServerAddresses
): Effect.Effect<Nats.NatsConnection, NatsConnectError> =>
  Effect.callback((resume, signal) => {
    Nats.connect(settings).then(
      // Nobody waits for a connection that comes too late.
      (made) => (signal.aborted ? void made.close() : resume(Effect.succeed(made))),
      (cause: unknown) => {
        if (NatsFailure.isNamed(cause, "AuthorizationError", "UserAuthenticationExpiredError"))
          return resume(refused(target, NatsFailure.describe(cause), cause))
        resume(new NatsUnreachable({ servers: target.servers, reason: systemCode(cause), cause }))
      }
    )
  })

/** Node's name of what went wrong, such as `ECONNREFUSED`, which the library may have wrapped. */
const systemCode = (thrown: unknown): string => {
  for (let at = thrown; at instanceof Error; at = at.cause) {
    if ("code" in at && typeof at.code === "string") return at.code
  }
  return NatsFailure.describe(thrown)
}

const close = (connection: Nats.NatsConnection): Effect.Effect<void> =>
  Effect.promise(() => connection.drain()).pipe(
    Effect.interruptible,
    Effect.timeoutOrElse({ duration: "1 second", orElse: () => Effect.void }),
    // Draining fails, or waits, when the server is away; closing does neither.
    Effect.ignoreCause,
    Effect.andThen(Effect.promise(() => connection.close()))
  )

const checked = (
  connection: Nats.NatsConnection,
  timeout: Duration.Input,
  inboxPrefix = "_INBOX"
): Effect.Effect<NatsConnection["Service"], NatsConnectError, Scope.Scope> =>
  Effect.gen(function* () {
    yield* ServerCheck.run(connection, timeout)
    return { connection, inboxPrefix, link: yield* NatsLink.follow(connection) }
  })
