import { createWorker } from "@parti/nats-adapter/Worker"

const worker = await createWorker({
  servers: process.env["NATS_URL"] ?? "127.0.0.1:4222",
  group: "billing",
  partitions: [{ keys: ["eu"] }, { keys: ["us"] }],
  config: { preset: "development" },
  stream: { name: "ORDERS", subject: "orders.{id}.>" },
  onMessage: async (message, { id, token }) => {
    console.log(`${id}: ${message.string()}, under token ${token}`)
  }
})
process.once("SIGTERM", () => void worker.stop())
