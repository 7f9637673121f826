import { assert, describe, it } from "@effect/vitest"
import { jetstream, type JetStreamManager } from "@nats-io/jetstream"
import * as NatsServer from "@parti/testkit/NatsServer"
import { Effect } from "effect"
import * as ChildProcess from "./ChildProcess.ts"
import * as Fixture from "./Fixture.ts"

const start = (url: string, env: Readonly<Record<string, string>> = {}) =>
  ChildProcess.start("packages/nats-adapter/test/processes/consuming.ts", { ...env, NATS_URL: url })

/** A server with the stream and the buckets, and a client that looks on. */
const setUp = Effect.gen(function* () {
  const server = yield* NatsServer.make()
  const { connection, manager, store } = yield* Fixture.connect({ servers: server.url }, { group: "g" })
  yield* Effect.promise(() => manager.streams.add({ name: "EV", subjects: ["ev.>"] }))
  const publish = (subject: string, text: string) =>
    Effect.promise(() => jetstream(connection.connection).publish(subject, text))
  return { server, manager, store, publish }
})

type World = Effect.Success<typeof setUp>

/** Nothing of a worker is left that costs the server anything, or that others would have to wait for. */
const assertNothingLeft = ({ manager, store }: World) =>
  Effect.gen(function* () {
    assert.deepStrictEqual(yield* watches(manager, "KV_g-live"), [], "no watch of the live bucket is left")
    assert.deepStrictEqual(yield* watches(manager, "KV_g-plan"), [], "no watch of the plan bucket is left")
    const pulls = yield* Effect.promise(() => manager.consumers.list("EV").next())
    assert.deepStrictEqual(
      pulls.filter(({ num_waiting }) => num_waiting > 0),
      [],
      "nobody waits for messages any more"
    )
    yield* Effect.scoped(
      Effect.gen(function* () {
        const { view } = yield* Fixture.follow(store, "live", ["worker.>", "leader"])
        for (const [key, value] of view) assert.include(value, `"state":"released"`, key)
      })
    )
  })

const watches = (manager: JetStreamManager, stream: string) =>
  Effect.promise(async () => (await manager.consumers.list(stream).next()).map(({ name }) => name))

const states = ["ClaimingId", "Election", "WaitingAssignment", "Stable", "Scaling", "Rebalancing"]

describe.concurrent("A process that is asked to end", () => {
  it.live.each(states)("while its worker is in the state %s gives everything back, and ends well", (state) =>
    Effect.gen(function* () {
      const world = yield* setUp
      const worker = yield* start(world.server.url)
      yield* worker.says(new RegExp(`→ ${state}`))
      worker.child.kill("SIGTERM")
      assert.strictEqual(yield* worker.ended, 0, worker.printed())
      yield* assertNothingLeft(world)
    })
  )

  it.live("amid an emergency gives everything back, and ends well", () =>
    Effect.gen(function* () {
      const world = yield* setUp
      const worker = yield* start(world.server.url)
      yield* worker.says(/→ Rebalancing[^]*→ Stable/)
      const other = yield* start(world.server.url)
      yield* other.says(/starts 2 partitions/)
      other.child.kill("SIGKILL")
      yield* worker.says(/→ Emergency/)
      worker.child.kill("SIGTERM")
      assert.strictEqual(yield* worker.ended, 0, worker.printed())
      const { view } = yield* Fixture.follow(world.store, "live", ["worker.>", "leader"])
      const ends = [...view.values()].map((record) => /"state":"(\w+)"/.exec(record)?.[1] ?? record)
      assert.sameMembers(ends, ["released", "released", "evicted"], "two workers, and the office of the one")
    })
  )

  it.live("before its worker has reached a server ends well", () =>
    Effect.gen(function* () {
      const server = yield* NatsServer.make()
      yield* server.pause
      const worker = yield* start(server.url)
      yield* worker.says(/^starting/m)
      worker.child.kill("SIGTERM")
      assert.strictEqual(yield* worker.ended, 0, worker.printed())
    })
  )

  it.live("finishes the message in hand first", () =>
    Effect.gen(function* () {
      const world = yield* setUp
      yield* world.publish("ev.p0", "one")
      yield* world.publish("ev.p0", "two")
      const worker = yield* start(world.server.url, { TAKES_MS: "600" })
      yield* worker.says(/^began one/m)
      worker.child.kill("SIGTERM")
      assert.strictEqual(yield* worker.ended, 0, worker.printed())
      assert.match(worker.printed(), /^ended one$/m)
      assert.notMatch(worker.printed(), /^began two/m)
      yield* assertNothingLeft(world)
      const next = yield* start(world.server.url)
      yield* next.says(/^ended two$/m)
      assert.notMatch(next.printed(), /began one/, "what was acknowledged does not come again")
    })
  )

  it.live("a second time ends at once, whatever it has in hand", () =>
    Effect.gen(function* () {
      const world = yield* setUp
      yield* world.publish("ev.p0", "one")
      const worker = yield* start(world.server.url, { TAKES_MS: "60000" })
      yield* worker.says(/^began one/m)
      worker.child.kill("SIGTERM")
      yield* worker.says(/→ Shutdown/)
      worker.child.kill("SIGTERM")
      assert.strictEqual(yield* worker.ended, 143)
      assert.notMatch(worker.printed(), /^ended one/m)
    })
  )
})
