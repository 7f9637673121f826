import { assert, layer } from "@effect/vitest"
import { jetstream, jetstreamManager, type Placement, type StreamConfig } from "@nats-io/jetstream"
import { Kvm } from "@nats-io/kv"
import type { StoreMisconfigured } from "@parti/core/CoordinationStore"
import * as NatsConnection from "@parti/nats-adapter/NatsConnection"
import * as NatsStore from "@parti/nats-adapter/NatsStore"
import * as NatsServer from "@parti/testkit/NatsServer"
import { Effect, Layer } from "effect"
import { randomUUID } from "node:crypto"
import * as KvBucket from "../src/store/KvBucket.ts"
import * as Fixture from "./Fixture.ts"

const Connection = Layer.unwrap(
  Effect.map(NatsServer.NatsServer, ({ url }) => NatsConnection.layer({ servers: url }))
).pipe(Layer.provide(NatsServer.layer({ configuration: "max_payload: 100000" })))

const setUp = Effect.gen(function* () {
  const { connection } = yield* NatsConnection.NatsConnection
  const manager = yield* Effect.promise(() => jetstreamManager(connection))
  return { connection, manager, group: randomUUID() }
})

layer(Connection, { excludeTestServices: true })("The buckets of a group", (it) => {
  it.effect("are made as they must be", () =>
    Effect.gen(function* () {
      const { group, manager } = yield* setUp
      yield* NatsStore.make({ group })
      const configs = yield* Effect.promise(() =>
        Promise.all(["live", "plan"].map(async (name) => (await manager.streams.info(`KV_${group}-${name}`)).config))
      )
      for (const { discard, max_consumers, max_msgs_per_subject, num_replicas, storage } of configs) {
        assert.deepStrictEqual(
          { discard, max_consumers, max_msgs_per_subject, num_replicas, storage },
          { discard: "new", max_consumers: 100_000, max_msgs_per_subject: 1, num_replicas: 1, storage: "file" }
        )
      }
      assert.deepStrictEqual(
        configs.map(({ max_age }) => max_age / 60e9),
        [10, 0]
      )
    })
  )

  it.effect("are made once, by however many open them at the same time", () =>
    Effect.gen(function* () {
      const { group } = yield* setUp
      const stores = yield* Effect.replicateEffect(NatsStore.make({ group }), 10, { concurrency: "unbounded" })
      assert.lengthOf(stores, 10)
    })
  )

  it.effect("are not made by one who only looks", () =>
    Effect.gen(function* () {
      const { group, manager } = yield* setUp
      const error = yield* Effect.flip(NatsStore.make({ group, create: false }))
      assert.deepInclude(error, { _tag: "StoreUnavailable", outcome: "NotApplied" })
      const names = yield* Effect.promise(async () => {
        const found: Array<string> = []
        for await (const name of manager.streams.names()) found.push(name)
        return found
      })
      assert.isEmpty(names.filter((name) => name.includes(group)))
      yield* NatsStore.make({ group })
      yield* NatsStore.make({ group, create: false })
    })
  )

  it.effect("are refused with another setting, which is named", () =>
    Effect.gen(function* () {
      const changes: ReadonlyArray<readonly [string, Partial<StreamConfig>, NatsStore.NatsStoreOptions["storage"]?]> = [
        ["history", { max_msgs_per_subject: 5 }],
        ["max_age", { max_age: 300e9 }],
        ["discard", { discard: "old" as StreamConfig["discard"] }],
        ["storage", {}, "memory"]
      ]
      for (const [setting, change, storage = "file"] of changes) {
        const { group, manager } = yield* setUp
        yield* NatsStore.make({ group })
        const name = `KV_${group}-live`
        yield* Effect.promise(async () =>
          manager.streams.update(name, { ...(await manager.streams.info(name)).config, ...change })
        )
        const error = yield* Effect.flip(NatsStore.make({ group, storage }))
        assert.strictEqual(error._tag, "StoreMisconfigured", error.message)
        assert.include((error as StoreMisconfigured).setting, setting)
        assert.include(error.message, `${group}-live`)
      }
    })
  )

  it.effect("are accepted with the same placement in another order, and refused with another", () =>
    Effect.gen(function* () {
      const { group, manager } = yield* setUp
      yield* NatsStore.make({ group })
      const { config } = yield* Effect.promise(() => manager.streams.info(`KV_${group}-plan`))
      const found = { ...config, placement: { cluster: "east", tags: ["ssd"] } }
      const faults = (placement: Placement) =>
        KvBucket.faults(KvBucket.make(group, "plan", { placement }), found).map(({ setting }) => setting)
      assert.deepStrictEqual(faults({ tags: ["ssd"], cluster: "east" }), [])
      assert.deepStrictEqual(faults({ tags: ["ssd"], cluster: "west" }), ["placement"])
    })
  )

  it.effect("are those of the key-value library: each reads what the other wrote", () =>
    Effect.gen(function* () {
      const { connection, group } = yield* setUp
      const kv = yield* Effect.promise(() =>
        new Kvm(jetstream(connection)).create(`${group}-live`, { history: 1, ttl: 600_000 })
      )
      const store = yield* NatsStore.make({ group })
      yield* store.put("live", "worker.a", Fixture.bytes("ours"))
      assert.strictEqual((yield* Effect.promise(() => kv.get("worker.a")))?.string(), "ours")
      const reader = yield* Fixture.follow(store, "live", ["worker.>"])
      yield* Effect.promise(() => kv.put("worker.b", "theirs"))
      yield* reader.untilShown("worker.b", "theirs")
      yield* Effect.promise(() => kv.delete("worker.b"))
      yield* reader.untilShown("worker.b", undefined)
      yield* store.remove("live", "worker.a")
      assert.strictEqual((yield* Effect.promise(() => kv.get("worker.a")))?.operation, "DEL")
    })
  )

  it.effect("cannot have three replicas on one server, which is said at once", () =>
    Effect.gen(function* () {
      const { group } = yield* setUp
      const error = yield* Effect.flip(NatsStore.make({ group, replicas: 3 }))
      assert.strictEqual(error._tag, "StoreUnavailable")
      assert.include(error.message, "error 10074")
    })
  )

  it.effect("have a name that the server can take", () =>
    Effect.gen(function* () {
      for (const group of ["", "a.b", "a b", "ä", ">"]) {
        const error = yield* Effect.flip(NatsStore.make({ group }))
        assert.strictEqual(error._tag, "StoreMisconfigured")
      }
    })
  )

  it.effect("take values as large as the server takes messages, less what the headers need", () =>
    Effect.gen(function* () {
      const { group } = yield* setUp
      const store = yield* NatsStore.make({ group })
      yield* store.put("plan", "plan", new Uint8Array(99_400))
      const error = yield* Effect.flip(store.put("plan", "plan", new Uint8Array(99_600)))
      assert.strictEqual(error._tag, "ValueTooLarge")
    })
  )
})
