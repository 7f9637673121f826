import { setTimeout } from "node:timers/promises"
import { createWorker } from "@parti/core/Worker"

const options = {
  group: "orders",
  partitions: ["africa", "asia", "europe", "oceania"].map((region) => ({ keys: [region] })),
  config: { preset: "development" }
} as const

// Two workers in one process: they meet in its memory.
const workers = await Promise.all([createWorker(options), createWorker(options)])
for (const worker of workers) {
  worker.forEachPartition(async ({ id, signal, token }) => {
    console.log(`${worker.id} runs ${id} under token ${token}`)
    while (!signal.aborted) await setTimeout(100) // Your work goes here.
  })
}

await setTimeout(5000)
await Promise.all(workers.map((worker) => worker.stop()))
