import { NodeRuntime } from "@effect/platform-node"
import { Parti } from "@parti/core"
import { JetStreamPartitions, NatsConnection, NatsStore } from "@parti/nats-adapter"
import { Effect, Layer } from "effect"
const Nats = NatsConnection.layer({ servers: process.env["NATS_URL"] ?? "127.0.0.1:4222" })
const partitions = [{ keys: ["eu"] }, { keys: ["us"] }]
const Group = Parti.layer({ group: "billing", partitions, config: { preset: "development" } })
const Worker = Group.pipe(Layer.provide(NatsStore.layer({ group: "billing" })), Layer.provideMerge(Nats))
const Consumer = JetStreamPartitions.layer({
  stream: "ORDERS",
  name: "billing",
  subject: "orders.{id}.>",
  handler: (message, { id, token }) => Effect.log(`${id}: ${message.string()}, under token ${token}`)
})
NodeRuntime.runMain(Layer.launch(Layer.provide(Consumer, Worker)))
