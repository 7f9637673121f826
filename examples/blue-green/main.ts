import { jetstream, jetstreamManager } from "@nats-io/jetstream"
import { Parti } from "@parti/core"
import { JetStreamPartitions, NatsConnection, NatsStore } from "@parti/nats-adapter"
import { NatsServer } from "@parti/testkit"
import { Deferred, Effect, References, Stream } from "effect"

const regions = ["eu", "us"]

/** What was handled, and by which release: the cut-over must lose nothing and repeat nothing. */
const handled: Array<{ readonly release: string; readonly order: string }> = []
const reached = new Map<number, Deferred.Deferred<void>>()
const whenHandled = (count: number) => {
  const known = reached.get(count) ?? Deferred.makeUnsafe<void>()
  reached.set(count, known)
  return Deferred.await(known)
}
const note = (release: string, order: string) => {
  handled.push({ release, order })
  const waiting = reached.get(handled.length)
  if (waiting !== undefined) Deferred.doneUnsafe(waiting, Effect.void)
}

/** A group of its own for each release, with buckets of its own. All consume under one name: that is where the position is. */
const start = (release: string) =>
  Effect.gen(function* () {
    const group = `orders-${release}`
    const parti = yield* Parti.make({
      group,
      partitions: regions.map((region) => ({ keys: [region] })),
      config: { preset: "development", expectedWorkers: 1 }
    }).pipe(Effect.provide(NatsStore.layer({ group })))
    // The group is formed, and its partitions are assigned, before it is to handle anything.
    yield* parti.assignmentChanges.pipe(
      Stream.takeUntil(({ assignment }) => assignment.length === regions.length),
      Stream.runDrain
    )
    console.log(`${release} is ready`)
    const handle = JetStreamPartitions.forEachMessage({
      stream: "ORDERS",
      name: "orders",
      subject: "orders.{id}",
      handler: (message) => Effect.sync(() => note(release, message.string()))
    })
    return { parti, handle: Effect.provideService(handle, Parti.Parti, parti) }
  })

const program = Effect.gen(function* () {
  const { connection } = yield* NatsConnection.NatsConnection
  const manager = yield* Effect.promise(() => jetstreamManager(connection))
  yield* Effect.promise(() => manager.streams.add({ name: "ORDERS", subjects: ["orders.*"] }))
  const publish = (first: number, last: number) =>
    Effect.forEach(
      Array.from({ length: last - first + 1 }, (_, i) => first + i),
      (i) => Effect.promise(() => jetstream(connection).publish(`orders.${regions[i % 2] ?? ""}`, `order ${i}`))
    )

  const blue = yield* start("blue")
  yield* blue.handle
  yield* publish(1, 50)
  yield* whenHandled(50)

  const green = yield* start("green")
  yield* publish(51, 100)
  yield* blue.parti.stop()
  yield* green.handle
  yield* publish(101, 150)
  yield* whenHandled(150)

  // Back: the old release is started anew, so that it is granted its partitions under higher tokens.
  yield* green.parti.stop()
  const again = yield* start("blue")
  yield* again.handle
  yield* publish(151, 200)
  yield* whenHandled(200)

  const releases = handled.map(({ release }) => release).filter((release, i, all) => release !== all[i - 1])
  const orders = new Set(handled.map(({ order }) => order))
  console.log(`in turn: ${releases.join(", ")}; ${orders.size} of 200 orders, ${handled.length - orders.size} repeated`)
})

const url = process.env["NATS_URL"]
const Connected = Effect.gen(function* () {
  return NatsConnection.layer({ servers: url ?? (yield* NatsServer.make()).url })
})

await Effect.flatMap(Connected, (layer) => Effect.provide(Effect.scoped(program), layer)).pipe(
  Effect.scoped,
  Effect.provideService(References.MinimumLogLevel, "Warn"),
  Effect.runPromise
)
