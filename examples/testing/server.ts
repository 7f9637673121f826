import { Parti } from "@parti/core"
import { NatsConnection, NatsStore } from "@parti/nats-adapter"
import { NatsServer } from "@parti/testkit"
import { Effect, Layer, Stream } from "effect"

const Connection = Layer.unwrap(Effect.map(NatsServer.NatsServer, ({ url }) => NatsConnection.layer({ servers: url })))
const Worker = Parti.layer({ group: "orders", partitions: [{ keys: ["eu"] }], config: { preset: "development" } })
const layer = Worker.pipe(
  Layer.provide(NatsStore.layer({ group: "orders" })),
  Layer.provide(Connection),
  Layer.provideMerge(NatsServer.layer())
)

const program = Effect.gen(function* () {
  const server = yield* NatsServer.NatsServer
  const parti = yield* Parti.Parti
  const shows = (tag: string) => Stream.runDrain(Stream.takeUntil(parti.connectionChanges, ({ _tag }) => _tag === tag))
  yield* server.kill
  yield* shows("Degraded")
  console.log("the worker knows that the server has gone")
  yield* server.start
  yield* shows("Connected")
  console.log("the worker is back")
})

await Effect.runPromise(Effect.provide(program, layer))
