import * as CoordinationStoreTest from "@parti/testkit/CoordinationStoreTest"
import * as NatsServer from "@parti/testkit/NatsServer"
import { Effect, Exit, Layer, Scope } from "effect"
import { afterAll, beforeAll, describe } from "vitest"
import * as NatsConnection from "@parti/nats-adapter/NatsConnection"
import * as NatsStore from "@parti/nats-adapter/NatsStore"

const oldest = process.env["OLDEST_NATS_SERVER_BIN"]

const releases = [
  { release: "the newest server", options: {}, isHere: true },
  {
    release: "the oldest supported server",
    options: oldest === undefined ? {} : { binary: oldest },
    isHere: oldest !== undefined
  }
]

describe.each(releases)("On $release", ({ isHere, options }) => {
  // Says so, rather than passing on a server that is another one.
  describe.skipIf(!isHere)("the store", () => {
    const scope = Scope.makeUnsafe()
    let servers = ""

    beforeAll(async () => {
      servers = (await Effect.runPromise(Scope.provide(NatsServer.make(options), scope))).url
    })

    afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))

    CoordinationStoreTest.suite("NatsStore", (group) =>
      NatsStore.layer({ group, storage: "memory" }).pipe(
        Layer.provide(Layer.unwrap(Effect.sync(() => NatsConnection.layer({ servers }))))
      )
    )
  })
})
