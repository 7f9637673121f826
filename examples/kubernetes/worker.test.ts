/** The program that the manifests start, with what they give it, but for the number of servers and workers. */
import { assert, describe, it } from "@effect/vitest"
import { jetstream, jetstreamManager } from "@nats-io/jetstream"
import { NatsConnection } from "@parti/nats-adapter"
import { NatsServer } from "@parti/testkit"
import { Effect, Schedule } from "effect"
import * as ChildProcess from "../../packages/nats-adapter/test/ChildProcess.ts"
import * as Port from "../../packages/testkit/src/server/Port.ts"

describe("The worker for Kubernetes", () => {
  it.live(
    "is alive from the start, ready when it takes part, and ends well when it is asked to",
    () =>
      Effect.gen(function* () {
        const { url } = yield* NatsServer.make()
        const { connection } = yield* NatsConnection.make({ servers: url })
        const manager = yield* Effect.promise(() => jetstreamManager(connection))
        yield* Effect.promise(() => manager.streams.add({ name: "ORDERS", subjects: ["orders.>"] }))
        yield* Effect.promise(() => jetstream(connection).publish("orders.eu.new", "a book"))
        const port = yield* Port.take
        const worker = yield* ChildProcess.start("examples/kubernetes/worker.ts", {
          NATS_URL: url,
          NATS_REPLICAS: "1",
          EXPECTED_WORKERS: "1",
          HEALTH_PORT: String(port),
          POD_NAME: "billing-0"
        })
        const ask = (path: string) => Effect.tryPromise(() => fetch(`http://127.0.0.1:${port}${path}`))
        const listens = Effect.retry(ask("/livez"), { schedule: Schedule.spaced("50 millis"), times: 400 })
        assert.strictEqual((yield* listens).status, 200)
        yield* worker.says(/eu: a book, under token \d+/)
        yield* Effect.repeat(ask("/readyz"), {
          schedule: Schedule.spaced("50 millis"),
          until: ({ status }) => status === 200
        })
        worker.child.kill("SIGTERM")
        assert.strictEqual(yield* worker.ended, 0, worker.printed())
      }),
    120_000
  )
})
