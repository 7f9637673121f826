import { CoordinationStore, MemoryStore, Parti } from "@parti/core"
import { FaultyStore } from "@parti/testkit"
import { Effect, Stream } from "effect"

const join = (inner: MemoryStore.MemoryStore) =>
  Effect.gen(function* () {
    const link = yield* FaultyStore.make(inner, { seed: 7, rates: { replyLost: 0.05, latencyMs: [1, 20] } })
    const parti = yield* Parti.make({
      group: "orders",
      partitions: [{ keys: ["eu"] }, { keys: ["us"] }],
      config: { preset: "development", expectedWorkers: 2 }
    }).pipe(Effect.provideService(CoordinationStore.CoordinationStore, link.store))
    const runs = (count: number) =>
      Stream.runDrain(Stream.takeUntil(parti.assignmentChanges, ({ assignment }) => assignment.length === count))
    return { link, runs }
  })

const program = Effect.gen(function* () {
  const inner = yield* MemoryStore.make()
  const [one, other] = yield* Effect.all([join(inner), join(inner)], { concurrency: 2 })
  yield* Effect.all([one.runs(1), other.runs(1)])
  yield* one.link.outage(true)
  yield* other.runs(2)
  console.log("cut off: the other runs both")
  yield* one.link.outage(false)
})

await Effect.runPromise(Effect.scoped(program))
