import { MemoryStore, Parti } from "@parti/core"
import { Effect, References, Stream } from "effect"
import { nearData } from "./nearData.ts"

const partitions = ["eu", "us"].flatMap((zone) => ["1", "2", "3"].map((shard) => ({ keys: [zone, shard] })))

/** A worker in a zone, and what it owns once the group has settled. */
const worker = (zone: string) =>
  Effect.gen(function* () {
    const parti = yield* Parti.make({
      group: "shards",
      partitions,
      strategy: nearData,
      config: { preset: "development", zone, expectedWorkers: 3 }
    })
    yield* parti.groupChanges.pipe(
      Stream.takeUntil(({ handingOver, unowned, workers }) => workers.length === 3 && unowned + handingOver === 0),
      Stream.runDrain
    )
    const owned = (yield* parti.assignment).map(({ id }) => id)
    console.log(`a worker in ${zone} runs ${owned.toSorted().join(", ")}`)
  })

// All have one scope, so that nobody leaves before everybody has told what it runs.
await Effect.forEach(["eu", "us", "us"], worker, { concurrency: "unbounded", discard: true }).pipe(
  Effect.scoped,
  Effect.provide(MemoryStore.layer()),
  Effect.provideService(References.MinimumLogLevel, "Warn"),
  Effect.runPromise
)
