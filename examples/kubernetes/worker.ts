import type { Worker } from "@parti/core/Worker"
import { createWorker } from "@parti/nats-adapter/Worker"
import { createServer } from "node:http"

let worker: Worker | null = null

/** Takes part, and nothing is on its way between workers: an update may go on to the next one. */
const isReady = () => worker?.state === "Stable" && worker.connection._tag === "Connected" && worker.group.unowned === 0
/** Has not ended; one that is still starting lives. */
const isAlive = () => worker?.state !== "Shutdown"

// Answers from the start. Neither it nor a connection that is kept open may keep the process from ending.
createServer(({ url }, response) => {
  const isWell = url === "/ready" ? isReady() : url === "/live" && isAlive()
  response.writeHead(isWell ? 200 : 503, { connection: "close" }).end()
})
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
