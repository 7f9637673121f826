/** A worker in a process of its own, which says which partitions it runs and ends as it is told. */
import { createWorker } from "@parti/nats-adapter/Worker"

await createWorker({
  servers: process.env["NATS_URL"] ?? "",
  group: "g",
  partitions: Array.from({ length: 8 }, (_, i) => ({ keys: [`p${i}`] })),
  config: { coldStart: "eager", plannedWindowMs: 0, minRebalanceIntervalMs: 0, leaseMs: 6_000, degradedAfterMs: 4_000 },
  onPartition: () => undefined,
  stopOn: ["SIGTERM"]
})
