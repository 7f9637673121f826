import { setTimeout } from "node:timers/promises"
import { createWorker } from "@parti/core/Worker"

const partitions = ["africa", "asia", "europe", "oceania"].map((region) => ({ keys: [region] }))
const start = () => createWorker({ group: "orders", partitions, config: { preset: "development" } })
const workers = await Promise.all([start(), start()]) // They meet in the memory of this process.
for (const worker of workers) {
  worker.forEachPartition(async ({ id, signal, token }) => {
    console.log(`${worker.id} runs ${id} under token ${token}`)
    while (!signal.aborted) await setTimeout(100) // Your work goes here.
  })
}
await setTimeout(5000)
await Promise.all(workers.map((worker) => worker.stop()))
