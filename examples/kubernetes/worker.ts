import { healthHandler, type Worker } from "@parti/core/Worker"
import { createWorker } from "@parti/nats-adapter/Worker"
import { createServer } from "node:http"

// `/livez`, `/readyz` and `/metrics`: from the start, and without keeping the process from ending.
let worker: Worker | null = null
createServer(healthHandler(() => worker))
  .listen(Number(process.env["HEALTH_PORT"] ?? 8080))
  .unref()

worker = await createWorker({
  servers: (process.env["NATS_URL"] ?? "127.0.0.1:4222").split(","),
  group: "billing",
  partitions: [{ keys: ["eu"] }, { keys: ["us"] }],
  buckets: { replicas: Number(process.env["NATS_REPLICAS"] ?? 1) },
  config: {
    preset: "production",
    // The pod's name, which survives its restart. Its partitions wait for as long as a pod takes to come back.
    instance: process.env["POD_NAME"] ?? "",
    plannedWindowMs: 30_000,
    expectedWorkers: Number(process.env["EXPECTED_WORKERS"] ?? 4)
  },
  stopIntent: "restart",
  stopOn: ["SIGTERM", "SIGINT"],
  stream: { name: "ORDERS", subject: "orders.{id}.>" },
  onMessage: async (message, { id, token }) => {
    console.log(`${id}: ${message.string()}, under token ${token}`)
  }
})
