import { assert, describe, it } from "@effect/vitest"
import * as NatsServerCluster from "@parti/testkit/NatsServerCluster"
import { Effect } from "effect"
import * as Fixture from "./Fixture.ts"

describe("In a cluster of three, with three replicas,", () => {
  it.live(
    "a group's store survives the leader of its bucket, and a watch loses nothing",
    () =>
      Effect.gen(function* () {
        const servers = yield* NatsServerCluster.make()
        const urls = servers.map(({ url }) => url)
        const { manager, store } = yield* Fixture.connect({ servers: urls }, { group: "g", replicas: 3 })
        const reader = yield* Fixture.follow(store, "plan", ["plan"])
        let revision = yield* store.write("plan", "plan", Fixture.bytes("0"), { expected: 0 })

        /** Repeats a compare-and-set until it is known to have landed, as the protocol does. */
        const advance = (value: string) =>
          Effect.gen(function* () {
            for (;;) {
              const result = yield* Effect.result(
                store.write("plan", "plan", Fixture.bytes(value), { expected: revision })
              )
              if (result._tag === "Success") return void (revision = result.success)
              if (result.failure._tag === "RevisionMismatch") {
                // An attempt whose outcome was open had landed.
                yield* reader.untilShown("plan", value)
                const last = reader.events.findLast((event) => event._tag === "Entry")
                return void (revision = last?.revision ?? 0)
              }
              yield* Effect.sleep("50 millis")
            }
          })

        for (const how of ["kill", "stop"] as const) {
          const info = yield* Effect.promise(() => manager.streams.info("KV_g-plan"))
          const leader = servers.find(({ name }) => name === info.cluster?.leader)
          assert.isDefined(leader)
          yield* leader?.[how] ?? Effect.void
          yield* advance(how)
          yield* reader.untilShown("plan", how)
          yield* leader?.start ?? Effect.void
          yield* leader?.healthy ?? Effect.void
        }
        assert.deepStrictEqual(Fixture.disorder(reader.events), [])
        assert.lengthOf(new Set(reader.incarnations), 1)
      }),
    60_000
  )

  it.live(
    "processes that start at the same moment, each at another server, make one store",
    () =>
      Effect.gen(function* () {
        const servers = yield* NatsServerCluster.make()
        const urls = servers.map(({ url }) => url)
        for (const group of ["g", "h", "i"]) {
          const stores = yield* Effect.forEach(
            [...urls, ...urls],
            (url) => Effect.map(Fixture.connect({ servers: url }, { group, replicas: 3 }), ({ store }) => store),
            { concurrency: "unbounded" }
          )
          const [first, ...others] = stores
          yield* first?.write("plan", "plan", Fixture.bytes(group), { expected: 0 }) ?? Effect.void
          for (const other of others) {
            const reader = yield* Fixture.follow(other, "plan", ["plan"])
            yield* reader.untilShown("plan", group)
          }
        }
      }),
    60_000
  )
})
