import { MemoryStore, Parti } from "@parti/core"
import { Deferred, Effect, References } from "effect"
import { Tenants } from "./Tenants.ts"

const tenants = new Tenants(":memory:")
tenants.save("acme", 10)
tenants.save("globex", 500)

/** Completes as soon as a tenant's work runs, or has ended. */
const makeAwait = () => {
  const states = new Map<string, Deferred.Deferred<void>>()
  return (state: string) => {
    const known = states.get(state) ?? Deferred.makeUnsafe<void>()
    states.set(state, known)
    return known
  }
}

const program = Effect.gen(function* () {
  const reached = makeAwait()
  const parti = yield* Parti.make({
    group: "tenants",
    partitions: tenants.source,
    config: { preset: "development", expectedWorkers: 1 }
  })
  const tell = (id: string, what: string) =>
    Effect.andThen(
      Effect.sync(() => console.log(`${id} ${what}`)),
      Deferred.succeed(reached(`${id} ${what}`), undefined)
    )
  yield* parti.forEachPartition(({ id }) =>
    Effect.andThen(tell(id, "runs"), Effect.never).pipe(Effect.ensuring(tell(id, "has ended")))
  )
  yield* Deferred.await(reached("acme runs"))
  yield* Deferred.await(reached("globex runs"))

  // Whoever changes the table says so; without that the leader would notice within 30 seconds.
  tenants.save("initech", 3)
  tenants.retire("acme")
  yield* parti.refreshPartitions
  yield* Deferred.await(reached("initech runs"))
  yield* Deferred.await(reached("acme has ended"))
})

await Effect.scoped(program).pipe(
  Effect.provide(MemoryStore.layer()),
  Effect.provideService(References.MinimumLogLevel, "Warn"),
  Effect.runPromise
)
