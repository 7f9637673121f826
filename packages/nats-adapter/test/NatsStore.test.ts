import * as CoordinationStoreTest from "@parti/testkit/CoordinationStoreTest"
import * as NatsServer from "@parti/testkit/NatsServer"
import { Effect, Exit, Layer, Scope } from "effect"
import { afterAll, beforeAll } from "vitest"
import * as NatsConnection from "@parti/nats-adapter/NatsConnection"
import * as NatsStore from "@parti/nats-adapter/NatsStore"

const scope = Scope.makeUnsafe()
let servers = ""

beforeAll(async () => {
  servers = (await Effect.runPromise(Scope.provide(NatsServer.make(), scope))).url
})

afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))

CoordinationStoreTest.suite("NatsStore", (group) =>
  NatsStore.layer({ group, storage: "memory" }).pipe(
    Layer.provide(Layer.unwrap(Effect.sync(() => NatsConnection.layer({ servers }))))
  )
)
