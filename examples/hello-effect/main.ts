import { Effect } from "effect"
import { MemoryStore, Parti } from "@parti/core"

const worker = Effect.gen(function* () {
  const parti = yield* Parti.make({
    group: "orders",
    partitions: ["africa", "asia", "europe", "oceania"].map((region) => ({ keys: [region] })),
    config: { preset: "development" }
  })
  const name = yield* parti.workerId
  yield* parti.forEachPartition(({ id, token }) =>
    // Your work goes here; it is interrupted when the partition is taken away.
    Effect.andThen(Effect.log(`${name} runs ${id} under token ${token}`), Effect.never)
  )
  yield* Effect.sleep("5 seconds")
})

// Two workers in one process: each with a scope of its own, both on one store.
const both = Effect.all([Effect.scoped(worker), Effect.scoped(worker)], { concurrency: 2, discard: true })
await Effect.runPromise(Effect.provide(both, MemoryStore.layer()))
