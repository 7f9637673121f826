import { createWorker } from "@parti/nats-adapter/Worker"

await createWorker({
  servers: process.env["NATS_URL"] ?? "127.0.0.1:4222",
  group: "billing",
  partitions: [{ keys: ["eu"] }, { keys: ["us"] }],
  config: { preset: "development" },
  stopOn: ["SIGTERM", "SIGINT"],
  stream: { name: "ORDERS", subject: "orders.{id}.>" },
  onMessage: async (message, { id, token }) => {
    console.log(`${id}: ${message.string()}, under token ${token}`)
  }
})
