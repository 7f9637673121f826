import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Scope } from "effect"
import { connect } from "node:net"
import * as NatsServer from "@parti/testkit/NatsServer"
import * as NatsServerCluster from "@parti/testkit/NatsServerCluster"
import * as Binary from "../src/server/Binary.ts"

interface Info {
  readonly server_name: string
  readonly jetstream?: boolean
  readonly auth_required?: boolean
  readonly cluster?: string
}

/** What the server says to one who connects; `null` when nobody listens or nothing is said. */
const greeting = (port: number): Effect.Effect<Info | null> =>
  Effect.callback<Info | null>((resume) => {
    const socket = connect(port, "127.0.0.1")
    const answer = (info: Info | null) => {
      socket.destroy()
      resume(Effect.succeed(info))
    }
    socket.once("data", (chunk) =>
      answer(
        JSON.parse(
          chunk
            .toString()
            .replace(/^INFO /, "")
            .split("\r\n")[0] ?? "null"
        )
      )
    )
    socket.once("error", () => answer(null))
    socket.setTimeout(300, () => answer(null))
  })

describe("A server", () => {
  it.live("listens with JetStream, and is gone with its scope", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const server = yield* Scope.provide(NatsServer.make(), scope)
      assert.isTrue((yield* greeting(server.port))?.jetstream)
      assert.isBelow(server.port, 32_768)
      yield* Scope.close(scope, Exit.void)
      assert.isNull(yield* greeting(server.port))
    })
  )

  it.live("comes back on its port after kill and after stop", () =>
    Effect.gen(function* () {
      const server = yield* NatsServer.make()
      yield* server.kill
      assert.isNull(yield* greeting(server.port))
      yield* server.start
      assert.strictEqual((yield* greeting(server.port))?.server_name, server.name)
      yield* server.stop
      assert.isNull(yield* greeting(server.port))
      yield* server.start
      yield* server.restart
      assert.strictEqual((yield* greeting(server.port))?.server_name, server.name)
    })
  )

  it.live("says nothing while it is paused", () =>
    Effect.gen(function* () {
      const server = yield* NatsServer.make()
      yield* server.pause
      assert.isNull(yield* greeting(server.port))
      yield* server.resume
      assert.strictEqual((yield* greeting(server.port))?.server_name, server.name)
    })
  )

  it.live("runs without JetStream, and with a token", () =>
    Effect.gen(function* () {
      const server = yield* NatsServer.make({ jetStream: false, token: "secret" })
      const info = yield* greeting(server.port)
      assert.isUndefined(info?.jetstream)
      assert.isTrue(info?.auth_required)
    })
  )

  it.live("says why it does not start", () =>
    Effect.gen(function* () {
      const failure = yield* Effect.flip(NatsServer.make({ configuration: "no_such_setting: 1" }))
      assert.strictEqual(failure._tag, "NatsServerFailed")
      assert.include(failure.message, "no_such_setting")
    })
  )
})

describe("A cluster", () => {
  it.live("has three servers under one name", () =>
    Effect.gen(function* () {
      const servers = yield* NatsServerCluster.make()
      const infos = yield* Effect.forEach(servers, ({ port }) => greeting(port))
      assert.lengthOf(new Set(infos.map((info) => info?.server_name)), 3)
      assert.lengthOf(new Set(infos.map((info) => info?.cluster)), 1)
    })
  )
})

describe("A binary", () => {
  it.live("that does not run is refused with advice", () =>
    Effect.gen(function* () {
      const failure = yield* Effect.flip(Binary.at("/nowhere/nats-server"))
      assert.include(failure.message, "NATS_SERVER_BIN")
    })
  )
})
