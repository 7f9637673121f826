import { assert, describe, it } from "@effect/vitest"
import * as Nats from "@nats-io/transport-node"
import * as NatsServer from "@parti/testkit/NatsServer"
import { Effect, Exit, Layer, Redacted, Scope } from "effect"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { inspect } from "node:util"
import * as NatsConnection from "@parti/nats-adapter/NatsConnection"
import type { NatsConnectError } from "@parti/nats-adapter/NatsError"
import * as NatsStore from "@parti/nats-adapter/NatsStore"
import * as Certificate from "./Certificate.ts"
import * as Credentials from "./Credentials.ts"

const secret = Redacted.make("a-secret-nobody-may-see")
const wrong = Redacted.make("a-wrong-secret-nobody-may-see")

const connects = (options: NatsConnection.NatsConnectionOptions) =>
  Effect.scoped(
    Effect.gen(function* () {
      const { connection, link } = yield* NatsConnection.make(options)
      assert.isTrue(link.isUp())
      yield* Effect.promise(() => connection.flush())
    })
  )

/** Fails to connect, says so in time, and gives away nothing. */
const refused = <E extends { readonly message: string }>(attempt: Effect.Effect<unknown, E, Scope.Scope>) =>
  Effect.gen(function* () {
    const error = yield* Effect.flip(Effect.scoped(attempt)).pipe(Effect.timeout("8 seconds"), Effect.orDie)
    const shown = `${error.message}\n${inspect(error, { depth: 9, showHidden: true })}`
    assert.notInclude(shown, "nobody-may-see")
    return error
  })

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "parti-test-"))),
  (made) => Effect.sync(() => rmSync(made, { recursive: true }))
)

describe.concurrent("A connection", () => {
  it.live("takes a token, as an option and in the address, and refuses another", () =>
    Effect.gen(function* () {
      const { port, url } = yield* NatsServer.make({ token: Redacted.value(secret) })
      yield* connects({ servers: url, auth: { token: secret } })
      yield* connects({ servers: `nats://${Redacted.value(secret)}@127.0.0.1:${port}` })
      const attempts = [
        { servers: url, auth: { token: wrong } },
        { servers: `nats://${Redacted.value(wrong)}@127.0.0.1:${port}` },
        { servers: url }
      ]
      for (const options of attempts) {
        const error = yield* refused(NatsConnection.make(options))
        assert.strictEqual(error._tag, "NatsCredentialsRefused")
      }
    })
  )

  it.live("takes a user and password, an NKey, and refuses another", () =>
    Effect.gen(function* () {
      const user = Nats.nkeys.createUser()
      const { url } = yield* NatsServer.make({
        users: [{ user: "ada", password: Redacted.value(secret) }, { nkey: user.getPublicKey() }]
      })
      yield* connects({ servers: [url], auth: { user: "ada", password: secret } })
      yield* connects({ servers: url, auth: { nkeySeed: Redacted.make(new TextDecoder().decode(user.getSeed())) } })
      const error = yield* refused(NatsConnection.make({ servers: url, auth: { user: "ada", password: wrong } }))
      assert.strictEqual(error._tag, "NatsCredentialsRefused")
      assert.include(error.message, `user "ada"`)
      const malformed = yield* refused(NatsConnection.make({ servers: url, auth: { nkeySeed: wrong } }))
      assert.strictEqual(malformed._tag, "NatsCredentialsRefused")
    })
  )

  it.live("takes credentials, as text and as a file, and says when the file cannot be read", () =>
    Effect.gen(function* () {
      const { configuration, creds } = Credentials.make()
      const { url } = yield* NatsServer.make({ configuration })
      const file = join(yield* folder, "user.creds")
      writeFileSync(file, creds)
      yield* connects({ servers: url, auth: { creds: Redacted.make(creds) } })
      yield* connects({ servers: url, auth: { credsFile: file } })
      const error = yield* refused(NatsConnection.make({ servers: url, auth: { credsFile: `${file}.not` } }))
      assert.strictEqual(error._tag, "NatsCredentialsRefused")
      assert.include(error.message, "cannot be read")
    })
  )

  it.live("speaks TLS with a server it can verify, and refuses another", () =>
    Effect.gen(function* () {
      const directory = yield* folder
      const [certFile, keyFile] = [join(directory, "cert.pem"), join(directory, "key.pem")]
      const { certificate, key } = Certificate.make()
      writeFileSync(certFile, certificate)
      writeFileSync(keyFile, key)
      const { url } = yield* NatsServer.make({ tls: { certFile, keyFile } })
      yield* connects({ servers: url, tls: { caFile: certFile } })
      const error = yield* refused(NatsConnection.make({ servers: url }))
      assert.strictEqual(error._tag, "NatsUnreachable")
      assert.include(error.message, "DEPTH_ZERO_SELF_SIGNED_CERT")
      const mutual = yield* NatsServer.make({ tls: { certFile, keyFile, caFile: certFile } })
      yield* connects({ servers: mutual.url, tls: { caFile: certFile, certFile, keyFile } })
    })
  )

  it.live("says that nobody listens, and tries for as long as it was told", () =>
    Effect.gen(function* () {
      const startedAt = performance.now()
      const options = { servers: ["127.0.0.1:9", "localhost:9"], connectTimeout: "500 millis" } as const
      const error = yield* refused(NatsConnection.make(options))
      assert.strictEqual(error._tag, "NatsUnreachable")
      assert.include(error.message, "nats://127.0.0.1:9, nats://localhost:9 (ECONNREFUSED)")
      assert.isAtLeast(performance.now() - startedAt, 400)
    })
  )

  it.live("waits for a server that starts later", () =>
    Effect.gen(function* () {
      const server = yield* NatsServer.make()
      yield* server.kill
      yield* Effect.all([connects({ servers: server.url }), Effect.delay(server.start, "300 millis")], {
        concurrency: "unbounded"
      })
    })
  )

  it.live("says that a server has no JetStream, at once", () =>
    Effect.gen(function* () {
      const { url } = yield* NatsServer.make({ jetStream: false })
      const error = yield* refused(NatsConnection.make({ servers: url }).pipe(Effect.timeout("2 seconds")))
      assert.strictEqual(error._tag, "NatsWithoutJetStream")
    })
  )

  it.live("names the subject for which a permission is missing", () =>
    Effect.gen(function* () {
      const password = Redacted.value(secret)
      const { url } = yield* NatsServer.make({
        users: [
          { user: "api", password, permissions: { publish: { deny: ["$JS.API.INFO"] } } },
          { user: "inbox", password, permissions: { subscribe: { deny: ["_INBOX.>"] } } },
          { user: "watch", password, permissions: { publish: { deny: ["$JS.API.CONSUMER.CREATE.KV_g-live"] } } },
          { user: "plan", password, permissions: { publish: { deny: ["$KV.g-plan.>"] } } },
          { user: "stream", password, permissions: { publish: { deny: ["$JS.API.STREAM.CREATE.>"] } } }
        ]
      })
      const connection = (user: string) => NatsConnection.make({ servers: url, auth: { user, password: secret } })
      const store = (user: string) =>
        Effect.flatMap(connection(user), (made) =>
          Effect.provideService(NatsStore.make({ group: "g" }), NatsConnection.NatsConnection, made)
        )
      const missing: ReadonlyArray<readonly [string, Effect.Effect<unknown, Error, Scope.Scope>]> = [
        ["$JS.API.INFO", connection("api")],
        ["_INBOX.", connection("inbox")],
        ["$JS.API.STREAM.CREATE.KV_g-live", store("stream")],
        ["$KV.g-plan.plan", store("plan")],
        ["$JS.API.CONSUMER.CREATE.KV_g-live", store("watch")]
      ]
      for (const [subject, attempt] of missing) {
        const error = yield* refused(attempt)
        assert.strictEqual(error.name, "NatsPermissionDenied", error.message)
        assert.include(error.message, subject)
      }
    })
  )

  it.live("comes back after more failed attempts than the library would make by itself", () =>
    Effect.gen(function* () {
      const server = yield* NatsServer.make()
      const { connection, link } = yield* NatsConnection.make({ servers: server.url })
      yield* server.kill
      const attempts = yield* Effect.promise(async () => {
        let count = 0
        for await (const { type } of connection.status()) {
          if (type === "reconnecting") count += 1
          if (count > 12) break
        }
        return count
      })
      assert.strictEqual(attempts, 13)
      assert.isFalse(link.isUp())
      yield* server.start
      yield* link.up
      assert.isTrue(link.isUp())
    })
  )
})

describe.concurrent("A connection that the user has", () => {
  const built = <E>(layer: Layer.Layer<NatsConnection.NatsConnection, E>) => Effect.scoped(Layer.build(layer))

  it.live("is used, and left open", () =>
    Effect.gen(function* () {
      const { url } = yield* NatsServer.make()
      const connection = yield* Effect.promise(() => Nats.connect({ servers: url }))
      yield* built(NatsConnection.layerFrom(connection))
      assert.isFalse(connection.isClosed())
      yield* Effect.promise(() => connection.close())
      const error = yield* Effect.flip(built(NatsConnection.layerFrom(connection)))
      assert.strictEqual(error._tag, "NatsConnectionClosed")
    })
  )

  it.live("tells who waits for it that it was closed", () =>
    Effect.gen(function* () {
      const { url } = yield* NatsServer.make()
      const connection = yield* Effect.promise(() => Nats.connect({ servers: url }))
      const scope = yield* Effect.scope
      const context = yield* Layer.buildWithScope(NatsConnection.layerFrom(connection), scope)
      const { link } = yield* Effect.provideContext(NatsConnection.NatsConnection, context)
      yield* Effect.promise(() => connection.close())
      const exit = yield* Effect.exit(link.up)
      assert.isTrue(Exit.isFailure(exit))
    })
  )

  it.live("is refused when it is of the older library, or its server is too old", () =>
    Effect.gen(function* () {
      const { url } = yield* NatsServer.make()
      const connection = yield* Effect.acquireRelease(
        Effect.promise(() => Nats.connect({ servers: url })),
        (made) => Effect.promise(() => made.close())
      )
      const posing = (changes: object): Nats.NatsConnection =>
        new Proxy(connection, {
          has: (target, key) => !(key in changes) && key in target,
          get: (target, key) => {
            const value: unknown = Reflect.get(key in changes ? changes : target, key)
            return typeof value === "function" ? value.bind(target) : value
          }
        })
      const older = yield* Effect.flip(built(NatsConnection.layerFrom(posing({ getServers: null }))))
      assert.strictEqual(older._tag, "NatsConnectionUnsupported")
      const info = { ...connection.info, version: "2.9.25" }
      const tooOld: NatsConnectError = yield* Effect.flip(built(NatsConnection.layerFrom(posing({ info }))))
      assert.strictEqual(tooOld._tag, "NatsServerTooOld")
      assert.include(tooOld.message, "2.9.25")
    })
  )
})
