/**
 * A real `nats-server` as a scoped resource, for tests that need to stop, kill, pause or restart one.
 *
 * **Example** (What a user may not do, and what a program makes of a server that goes)
 *
 * ```ts
 * import { NatsServer } from "@parti/testkit"
 * import { Effect } from "effect"
 *
 * const permissions: NatsServer.NatsPermissions = { publish: { deny: ["$JS.API.STREAM.DELETE.>"] } }
 * const user = (name: string): NatsServer.NatsUser => ({ user: name, password: "secret" })
 * const options: NatsServer.NatsServerOptions = { users: [user("admin"), { ...user("worker"), permissions }] }
 *
 * const outage = (server: NatsServer.NatsServerHandle) =>
 *   server.kill.pipe(Effect.andThen(Effect.sleep("2 seconds")), Effect.andThen(server.start))
 *
 * const test = Effect.scoped(
 *   Effect.gen(function* () {
 *     const server = yield* NatsServer.make(options)
 *     yield* Effect.promise(() => workOn(server.url))
 *     yield* outage(server)
 *   })
 * )
 *
 * // Who has no server runs the other tests; a server that does not do as it is told fails its own.
 * const orSkip = (of: Effect.Effect<void, NatsServer.NatsServerError>) =>
 *   of.pipe(
 *     Effect.catchTag("NatsServerMissing", ({ message }: NatsServer.NatsServerMissing) => Effect.logWarning(message)),
 *     Effect.tapError(({ log, operation }: NatsServer.NatsServerFailed) => Effect.logError(operation, log))
 *   )
 * const program = orSkip(test)
 * ```
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { get } from "node:http"
import { connect } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Stopped from "./fleet/Stopped.ts"
import * as Binary from "./server/Binary.ts"
import * as Config from "./server/Config.ts"
import * as Port from "./server/Port.ts"
import * as Process from "./server/Process.ts"

export { NatsServerMissing } from "./server/Binary.ts"
export type { NatsPermissions, NatsServerOptions, NatsServerPlace, NatsUser } from "./server/Config.ts"

/**
 * The server could not be started, or did not do as it was told.
 *
 * @category errors
 * @since 0.1.0
 */
export class NatsServerFailed extends Data.TaggedError("NatsServerFailed")<{
  readonly operation: "start" | "stop" | "signal"
  readonly reason: string
  /** The end of what the server printed. */
  readonly log: string
}> {
  override get message(): string {
    return `nats-server ${this.operation}: ${this.reason}\n${this.log}`
  }
}

/**
 * A server and what can be done to it. Whatever was done, the end of the scope ends the process and removes its files.
 *
 * **Details**
 *
 * - `start`: starts a server that was stopped or killed, on the same port and the same store.
 * - `stop`: asks it to end (SIGTERM), and waits. `kill`: ends it without asking (SIGKILL), and waits.
 * - `pause` and `resume`: SIGSTOP and SIGCONT. A paused server keeps its connections and answers nothing.
 * - `restart`: `kill` and `start`.
 * - `wipe`: removes what a stopped server has stored.
 * - `healthy`: waits until the server says that it is in order; in a cluster this needs a majority.
 *
 * @category models
 * @since 0.1.0
 */
export interface NatsServerHandle {
  readonly url: string
  readonly port: number
  /** Where it tells about itself: `/varz`, `/connz` and so on. */
  readonly monitorUrl: string
  readonly name: string
  /** What its binary reports, such as `[2, 10, 27]`. */
  readonly version: readonly [major: number, minor: number, patch: number]
  readonly start: Effect.Effect<void, NatsServerFailed>
  readonly stop: Effect.Effect<void, NatsServerFailed>
  readonly kill: Effect.Effect<void>
  readonly restart: Effect.Effect<void, NatsServerFailed>
  readonly pause: Effect.Effect<void, NatsServerFailed>
  readonly resume: Effect.Effect<void, NatsServerFailed>
  readonly wipe: Effect.Effect<void>
  readonly healthy: Effect.Effect<void, NatsServerFailed>
  /** What the server printed so far. */
  readonly log: Effect.Effect<string>
}

/**
 * The server of a test, as a service.
 *
 * **Example**
 *
 * ```ts
 * import { NatsServer } from "@parti/testkit"
 * import { Effect } from "effect"
 *
 * const program = Effect.gen(function* () {
 *   const server = yield* NatsServer.NatsServer
 *   yield* server.pause
 *   yield* server.resume
 * })
 * Effect.provide(program, NatsServer.layer())
 * ```
 *
 * @category services
 * @since 0.1.0
 */
export class NatsServer extends Context.Service<NatsServer, NatsServerHandle>()("@parti/testkit/NatsServer") {}

/**
 * What can go wrong when a server is made.
 *
 * @category errors
 * @since 0.1.0
 */
export type NatsServerError = NatsServerFailed | Binary.NatsServerMissing

/**
 * A running server.
 *
 * **Example** (A server for one test)
 *
 * ```ts
 * import { NatsServer } from "@parti/testkit"
 * import { Effect } from "effect"
 *
 * const program = Effect.scoped(Effect.gen(function* () {
 *   const server = yield* NatsServer.make({ token: "secret" })
 *   yield* server.kill
 *   yield* server.start
 *   return server.url
 * }))
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (
  options: Config.NatsServerOptions = {}
): Effect.Effect<NatsServerHandle, NatsServerError, Scope.Scope> =>
  Effect.gen(function* () {
    const port = options.port ?? (yield* Port.take)
    const place = { name: `n${port}`, port, monitorPort: yield* Port.take }
    const server = yield* prepare(options, place)
    yield* server.start
    return server
  })

/**
 * The same as a layer.
 *
 * **Example** (Workers on a server of their own)
 *
 * ```ts
 * import { NatsConnection } from "@parti/nats-adapter"
 * import { NatsServer } from "@parti/testkit"
 * import { Effect, Layer } from "effect"
 *
 * const Connection = Layer.unwrap(
 *   Effect.map(NatsServer.NatsServer, ({ url }) => NatsConnection.layer({ servers: url }))
 * ).pipe(Layer.provide(NatsServer.layer()))
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (options?: Config.NatsServerOptions): Layer.Layer<NatsServer, NatsServerError> =>
  Layer.effect(NatsServer, make(options))

/**
 * A server that was not started yet. The `start` of a member of a cluster waits only until it listens, since it may be the
 * first one.
 *
 * **Example** (A cluster of two, which loses its majority with either)
 *
 * ```ts
 * import { NatsServer } from "@parti/testkit"
 * import { Effect } from "effect"
 *
 * const routes = [6333, 6334]
 * const place = (port: number): Omit<NatsServer.NatsServerPlace, "directory"> => ({
 *   name: `n${port}`,
 *   port: port - 2000,
 *   monitorPort: port + 2000,
 *   cluster: { name: "two", port, routes }
 * })
 * const program = Effect.gen(function* () {
 *   const servers = yield* Effect.forEach(routes, (port) => NatsServer.prepare({}, place(port)))
 *   for (const { start } of servers) yield* start
 *   for (const { healthy } of servers) yield* healthy
 *   return servers
 * })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const prepare = (
  options: Config.NatsServerOptions,
  place: Omit<Config.NatsServerPlace, "directory">
): Effect.Effect<NatsServerHandle, Binary.NatsServerMissing, Scope.Scope> =>
  Effect.gen(function* () {
    const binary = yield* options.binary === undefined ? Binary.find : Binary.at(options.binary)
    const directory = yield* Effect.acquireRelease(
      Effect.sync(() => mkdtempSync(join(tmpdir(), "parti-nats-"))),
      (made) => Effect.sync(() => rmSync(made, { recursive: true, force: true, maxRetries: 5 }))
    )
    writeFileSync(join(directory, "server.conf"), Config.render(options, { ...place, directory }))
    const server = handle(binary, place, directory)
    // Runs before the folder is removed.
    return yield* Effect.acquireRelease(Effect.succeed(server), ({ kill }) => kill)
  })

const patience = Duration.seconds(20)

const handle = (
  binary: Binary.NatsServerBinary,
  place: Omit<Config.NatsServerPlace, "directory">,
  directory: string
): NatsServerHandle => {
  const { name, port } = place
  const logFile = join(directory, "log")
  let current: Process.NatsServerProcess | undefined

  const log = Effect.sync(() => (current === undefined ? "" : readFileSync(logFile, "utf8")))
  const failed = (operation: NatsServerFailed["operation"], reason: string): Effect.Effect<never, NatsServerFailed> =>
    Effect.flatMap(log, (text) => new NatsServerFailed({ operation, reason, log: text.slice(-2000) }))

  /** Repeats a question until the answer is yes, the process has ended, or patience has. */
  const until = (question: Effect.Effect<boolean>, what: string): Effect.Effect<void, NatsServerFailed> =>
    Effect.suspend(() => (current?.isRunning() === true ? question : failed("start", "it has ended"))).pipe(
      Effect.repeat({ schedule: Schedule.spaced("10 millis"), until: (answer) => answer }),
      Effect.timeoutOrElse({ duration: patience, orElse: () => failed("start", `it did not ${what} in time`) }),
      Effect.asVoid
    )

  const healthy = until(isHealthy(place.monitorPort), "become healthy")

  const signal = (which: "SIGSTOP" | "SIGCONT"): Effect.Effect<void, NatsServerFailed> =>
    Effect.suspend(() => {
      if (current?.isRunning() !== true) return failed("signal", `${which} needs a server that runs`)
      current.signal(which)
      return Effect.void
    })

  const end = (how: "SIGTERM" | "SIGKILL"): Effect.Effect<void> =>
    Effect.suspend(() => {
      const ending = current
      if (ending?.isRunning() !== true) return Effect.void
      ending.signal(how)
      return Effect.promise(() => ending.exited)
    })

  const start = Effect.suspend(() => {
    if (current?.isRunning() === true) return Effect.void
    current = Process.start(binary.path, join(directory, "server.conf"), logFile)
    if (current === undefined) return failed("start", `${binary.path} does not start`)
    return place.cluster === undefined ? healthy : until(listens(port), "listen")
  })
  const stands = Effect.suspend(() => Stopped.isStopped(current?.pid ?? 0))
  const kill = end("SIGKILL")

  return {
    url: `nats://127.0.0.1:${port}`,
    port,
    monitorUrl: `http://127.0.0.1:${place.monitorPort}`,
    name,
    version: binary.version,
    log,
    start,
    kill,
    stop: end("SIGTERM").pipe(
      Effect.timeoutOrElse({ duration: patience, orElse: () => failed("stop", "it did not end in time") })
    ),
    restart: Effect.andThen(kill, start),
    pause: Effect.andThen(signal("SIGSTOP"), until(stands, "stop")),
    resume: signal("SIGCONT"),
    wipe: Effect.sync(() => rmSync(join(directory, "jetstream"), { recursive: true, force: true })),
    healthy
  }
}

const listens = (port: number): Effect.Effect<boolean> =>
  Effect.callback<boolean>((resume) => {
    const socket = connect(port, "127.0.0.1")
    const answer = (value: boolean): void => {
      socket.destroy()
      resume(Effect.succeed(value))
    }
    socket.once("connect", () => answer(true))
    socket.once("error", () => answer(false))
    return Effect.sync(() => socket.destroy())
  })

const isHealthy = (monitorPort: number): Effect.Effect<boolean> =>
  Effect.callback<boolean>((resume) => {
    // Without an agent the connection is not kept, so that it cannot delay the server's end.
    const request = get({ host: "127.0.0.1", port: monitorPort, path: "/healthz", agent: false }, (response) => {
      response.resume()
      resume(Effect.succeed(response.statusCode === 200))
    })
    request.once("error", () => resume(Effect.succeed(false)))
    return Effect.sync(() => request.destroy())
  })
