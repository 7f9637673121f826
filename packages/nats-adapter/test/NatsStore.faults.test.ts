import { assert, describe, it } from "@effect/vitest"
import type { JetStreamManager } from "@nats-io/jetstream"
import * as NatsServer from "@parti/testkit/NatsServer"
import * as TcpProxy from "@parti/testkit/TcpProxy"
import { Effect, Fiber, Schedule } from "effect"
import * as Fixture from "./Fixture.ts"

const { bytes } = Fixture

/** A connection that finds out quickly that the other end is gone. */
const quick = (servers: string) => ({ servers, pingInterval: "250 millis" }) as const

const names = ({ consumers }: JetStreamManager, stream: string) =>
  Effect.promise(async () => {
    const found: Array<string> = []
    for await (const { name } of consumers.list(stream)) found.push(name)
    return found
  })

const count = (value: Effect.Effect<number>) =>
  Effect.repeat(value, { until: (found) => found > 0, schedule: Schedule.spaced("1 millis") })

describe.concurrent("When the server is killed and comes back, with its files,", () => {
  it.live("a watch goes on where it was, and a write waits for the connection", () =>
    Effect.gen(function* () {
      const server = yield* NatsServer.make()
      const { store } = yield* Fixture.connect(quick(server.url), { group: "g", requestTimeout: "3 seconds" })
      const first = yield* store.put("plan", "plan", bytes("1"))
      const reader = yield* Fixture.follow(store, "plan", ["plan"])
      yield* server.kill
      const write = yield* Effect.forkChild(store.write("plan", "plan", bytes("2"), { expected: first }), {
        startImmediately: true
      })
      yield* server.start
      // Lost in flight when the connection was not yet known to be gone, else it waited.
      yield* Effect.catchTag(Fiber.join(write), "StoreUnavailable", ({ outcome }) => {
        assert.strictEqual(outcome, "Unknown")
        return store.write("plan", "plan", bytes("2"), { expected: first })
      })
      yield* reader.untilShown("plan", "2")
      assert.lengthOf(reader.incarnations, 1)
      assert.deepStrictEqual(Fixture.disorder(reader.events), [])
    })
  )

  it.live("a write that finds no connection in time was not applied", () =>
    Effect.gen(function* () {
      const server = yield* NatsServer.make()
      const { connection, store } = yield* Fixture.connect(quick(server.url), {
        group: "g",
        requestTimeout: "100 millis"
      })
      yield* server.kill
      yield* Effect.repeat(Effect.sync(connection.link.isUp), { until: (isUp) => !isUp, schedule: Schedule.spaced(1) })
      const failure = yield* Effect.flip(store.put("plan", "plan", bytes("1")))
      assert.strictEqual(failure._tag === "StoreUnavailable" && failure.outcome, "NotApplied")
      yield* server.start
      yield* connection.link.up
      const reader = yield* Fixture.follow(store, "plan", ["plan"])
      assert.strictEqual(reader.view.size, 0)
    })
  )

  it.live("a watch stays with its new consumer, though it had heard nothing for longer than it waits", () =>
    Effect.gen(function* () {
      const server = yield* NatsServer.make()
      const { connection, manager, store } = yield* Fixture.connect(quick(server.url), { group: "g" })
      yield* Fixture.follow(store, "live", ["leader"])
      yield* server.kill
      yield* Effect.sleep("2600 millis")
      yield* server.start
      yield* connection.link.up
      const made = yield* Effect.repeat(names(manager, "KV_g-live"), { until: ({ length }) => length === 1 })
      // Longer than the time between two looks at the clock.
      yield* Effect.sleep("1200 millis")
      assert.deepStrictEqual(yield* names(manager, "KV_g-live"), made)
    })
  )

  it.live("a watch under six kills loses nothing and shows nothing twice", () =>
    Effect.gen(function* () {
      const server = yield* NatsServer.make()
      const writer = yield* Fixture.connect(quick(server.url), { group: "g", requestTimeout: "2 seconds" })
      const { store } = yield* Fixture.connect(quick(server.url), { group: "g" })
      const reader = yield* Fixture.follow(store, "live", ["worker.>"])
      let isWriting = true
      let lastWritten = 0
      const writes = Effect.gen(function* () {
        for (let i = 1; isWriting; i++) {
          const put = writer.store.put("live", `worker.w${i % 7}`, bytes(`${i}`))
          yield* Effect.retry(put, { while: ({ _tag }) => _tag === "StoreUnavailable" })
          lastWritten = i
        }
      })
      const writing = yield* Effect.forkChild(writes)
      for (let kill = 1; kill <= 6; kill++) {
        const shown = reader.events.length
        yield* reader.until(() => reader.events.length > shown + 50)
        yield* server.restart
      }
      isWriting = false
      yield* Fiber.join(writing)
      const expected = Array.from({ length: 7 }, (_, i) => `${lastWritten - i}`)
      yield* reader.until(() => expected.every((value) => [...reader.view.values()].includes(value)))
      assert.deepStrictEqual(Fixture.disorder(reader.events), [])
    })
  )
})

describe.concurrent("When the bucket is lost,", () => {
  it.live("a watch makes it again, shows a new incarnation and what has gone, and revisions go on rising", () =>
    Effect.gen(function* () {
      const server = yield* NatsServer.make()
      const { store } = yield* Fixture.connect(quick(server.url), { group: "g", storage: "memory" })
      const before = yield* store.put("live", "leader", bytes("1"))
      yield* store.put("live", "worker.a", bytes("1"))
      const reader = yield* Fixture.follow(store, "live", ["leader", "worker.>"])
      yield* server.restart
      yield* reader.until(() => reader.incarnations.length === 2 && reader.events.at(-1)?._tag === "Synced")
      assert.strictEqual(new Set(reader.incarnations).size, 2)
      assert.strictEqual(reader.view.size, 0)
      const after = yield* store.write("live", "leader", bytes("2"), { expected: 0 })
      // Older servers cannot be trusted to number a stream from a sequence on.
      if (server.version[1] >= 12) assert.isAbove(after, before)
      yield* reader.untilShown("leader", "2")
    })
  )

  it.live("a write is not applied until a watch has made it again", () =>
    Effect.gen(function* () {
      const server = yield* NatsServer.make()
      const { manager, store } = yield* Fixture.connect(quick(server.url), { group: "g" })
      const reader = yield* Fixture.follow(store, "live", ["leader"])
      yield* Effect.promise(() => manager.streams.delete("KV_g-live"))
      const failure = yield* Effect.flip(store.put("live", "leader", bytes("1")))
      assert.strictEqual(failure._tag === "StoreUnavailable" && failure.outcome, "NotApplied")
      yield* reader.until(() => reader.incarnations.length === 2)
      yield* store.put("live", "leader", bytes("2"))
      yield* reader.untilShown("leader", "2")
    })
  )
})

describe.concurrent("When a watch is told less than everything,", () => {
  it.live("it shows a change whose message was lost, though nothing follows it", () =>
    Effect.gen(function* () {
      const server = yield* NatsServer.make()
      const proxy = yield* TcpProxy.make({ targetPort: server.port })
      const { store } = yield* Fixture.connect({ servers: proxy.url }, { group: "g" })
      const direct = yield* Fixture.connect({ servers: server.url }, { group: "g" })
      const reader = yield* Fixture.follow(store, "plan", ["plan"])
      for (const keepTorn of [true, false]) {
        yield* proxy.cut("toClient")
        const lost = yield* proxy.lostCount
        yield* direct.store.put("plan", "plan", bytes(`${keepTorn}`))
        yield* count(Effect.map(proxy.lostCount, (now) => now - lost))
        yield* proxy.heal({ keepTorn })
        yield* reader.untilShown("plan", `${keepTorn}`)
      }
      assert.lengthOf(reader.incarnations, 1)
    })
  )

  it.live("it makes another consumer for one that was deleted, and leaves none behind", () =>
    Effect.gen(function* () {
      const server = yield* NatsServer.make()
      const { manager, store } = yield* Fixture.connect(quick(server.url), { group: "g" })
      yield* Effect.scoped(
        Effect.gen(function* () {
          const reader = yield* Fixture.follow(store, "plan", ["plan"])
          const [name = ""] = yield* names(manager, "KV_g-plan")
          yield* Effect.promise(() => manager.consumers.delete("KV_g-plan", name))
          yield* store.put("plan", "plan", bytes("1"))
          yield* reader.untilShown("plan", "1")
          assert.lengthOf(reader.incarnations, 1)
          assert.lengthOf(yield* names(manager, "KV_g-plan"), 1)
        })
      )
      assert.deepStrictEqual(yield* names(manager, "KV_g-plan"), [])
    })
  )

  it.live("it shows that a key is gone that was purged without an event, once a write has met that", () =>
    Effect.gen(function* () {
      const server = yield* NatsServer.make()
      const { manager, store } = yield* Fixture.connect(quick(server.url), { group: "g" })
      const revision = yield* store.put("live", "leader", bytes("1"))
      const reader = yield* Fixture.follow(store, "live", ["leader"])
      yield* Effect.promise(() => manager.streams.purge("KV_g-live"))
      const failure = yield* Effect.flip(store.write("live", "leader", bytes("2"), { expected: revision }))
      assert.strictEqual(failure._tag, "RevisionMismatch")
      yield* reader.untilShown("leader", undefined)
      yield* store.write("live", "leader", bytes("3"), { expected: 0 })
      yield* reader.untilShown("leader", "3")
    })
  )
})

describe.concurrent("When the link is cut,", () => {
  it.live("writes are open or not applied, and a watch shows what it missed once the link is back", () =>
    Effect.gen(function* () {
      const server = yield* NatsServer.make()
      const proxy = yield* TcpProxy.make({ targetPort: server.port })
      const { connection, store } = yield* Fixture.connect(quick(proxy.url), {
        group: "g",
        requestTimeout: "200 millis"
      })
      const direct = yield* Fixture.connect({ servers: server.url }, { group: "g" })
      const reader = yield* Fixture.follow(store, "live", ["leader"])
      yield* proxy.cut()
      const open = yield* Effect.flip(store.put("live", "leader", bytes("lost")))
      assert.strictEqual(open._tag === "StoreUnavailable" && open.outcome, "Unknown")
      yield* Effect.repeat(Effect.sync(connection.link.isUp), { until: (isUp) => !isUp, schedule: Schedule.spaced(10) })
      const refused = yield* Effect.flip(store.put("live", "leader", bytes("lost")))
      assert.strictEqual(refused._tag === "StoreUnavailable" && refused.outcome, "NotApplied")
      yield* direct.store.put("live", "leader", bytes("1"))
      yield* direct.store.put("live", "leader", bytes("2"))
      yield* proxy.heal()
      yield* reader.untilShown("leader", "2")
      assert.deepStrictEqual(Fixture.disorder(reader.events), [])
    })
  )

  it.live("one way only, a write that arrived is open, and the watch tells that it landed", () =>
    Effect.gen(function* () {
      const server = yield* NatsServer.make()
      const proxy = yield* TcpProxy.make({ targetPort: server.port })
      const { store } = yield* Fixture.connect(quick(proxy.url), { group: "g", requestTimeout: "200 millis" })
      const reader = yield* Fixture.follow(store, "live", ["leader"])
      yield* proxy.cut("toClient")
      const open = yield* Effect.flip(store.write("live", "leader", bytes("landed"), { expected: 0 }))
      assert.strictEqual(open._tag === "StoreUnavailable" && open.outcome, "Unknown")
      yield* proxy.heal()
      yield* reader.untilShown("leader", "landed")
    })
  )
})

describe.concurrent("When the server is stopped for two seconds,", () => {
  it.live("a write is open, and the watch tells in the end what became of it", () =>
    Effect.gen(function* () {
      const server = yield* NatsServer.make()
      const { store } = yield* Fixture.connect({ servers: server.url }, { group: "g" })
      const reader = yield* Fixture.follow(store, "live", ["leader"])
      const first = yield* store.put("live", "leader", bytes("1"))
      yield* reader.untilShown("leader", "1")
      yield* server.pause
      for (const value of ["2", "3"]) {
        const open = yield* Effect.flip(store.write("live", "leader", bytes(value), { expected: first }))
        assert.strictEqual(open._tag === "StoreUnavailable" && open.outcome, "Unknown")
      }
      yield* server.resume
      yield* reader.until(() => reader.view.get("leader") !== "1")
      const last = reader.events.findLast((event) => event._tag === "Entry")
      assert.isAbove(last?.revision ?? 0, first)
      yield* store.write("live", "leader", bytes("4"), { expected: last?.revision ?? 0 })
      yield* reader.untilShown("leader", "4")
      assert.deepStrictEqual(Fixture.disorder(reader.events), [])
    })
  )
})
