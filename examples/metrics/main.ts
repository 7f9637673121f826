import { createServer } from "node:http"
import { createWorker, healthHandler, type Worker } from "@parti/core/Worker"

// `/livez`, `/readyz` and `/metrics`, also while the worker starts; only this machine may ask.
let worker: Worker | null = null
const server = createServer(healthHandler(() => worker))
server.listen(Number(process.env["PORT"] ?? 9464), "127.0.0.1", () => console.log("listens on", server.address()))

worker = await createWorker({
  group: "orders",
  partitions: ["africa", "asia", "europe", "oceania"].map((region) => ({ keys: [region] })),
  config: { preset: "development" },
  stopOn: ["SIGTERM", "SIGINT"]
})
worker.forEachPartition(({ id, token }) => console.log(`runs ${id} under token ${token}`))

// The server goes last, so that it can say that the worker is stopping.
for await (const state of worker.states()) console.log(state, worker.health().ready.reasons.join())
server.close()
