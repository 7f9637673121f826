import { Effect } from "effect"
import { MemoryStore, Parti } from "@parti/core"

const partitions = ["africa", "asia", "europe", "oceania"].map((region) => ({ keys: [region] }))
const worker = Effect.gen(function* () {
  const parti = yield* Parti.make({ group: "orders", partitions, config: { preset: "development" } })
  const name = yield* parti.workerId
  yield* parti.forEachPartition(({ id, token }) =>
    // Your work goes here; it is interrupted when the partition is taken away.
    Effect.andThen(Effect.log(`${name} runs ${id} under token ${token}`), Effect.never)
  )
  yield* Effect.sleep("5 seconds")
}).pipe(Effect.scoped)
const two = Effect.all([worker, worker], { concurrency: 2 }) // Both on one store, in the memory of this process.
await Effect.runPromise(Effect.provide(two, MemoryStore.layer()))
