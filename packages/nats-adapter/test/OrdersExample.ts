/** What the README's examples on NATS do, wherever they come from: two orders, and an end in good order. */
import { assert } from "@effect/vitest"
import { jetstream, jetstreamManager } from "@nats-io/jetstream"
import * as NatsConnection from "@parti/nats-adapter/NatsConnection"
import * as NatsServer from "@parti/testkit/NatsServer"
import { Effect, type Scope } from "effect"
import type { ChildProcess } from "./ChildProcess.ts"

/** The exit code after SIGTERM: that of an interrupted Effect program, or of a worker with `stopOn`. */
export const exitCodes = { effect: 130, promise: 0 } as const

export const isRight = (
  start: (url: string) => Effect.Effect<ChildProcess, never, Scope.Scope>,
  code: number
): Effect.Effect<void, unknown, Scope.Scope> =>
  Effect.gen(function* () {
    const { url } = yield* NatsServer.make()
    const { connection } = yield* NatsConnection.make({ servers: url })
    const manager = yield* Effect.promise(() => jetstreamManager(connection))
    yield* Effect.promise(() => manager.streams.add({ name: "ORDERS", subjects: ["orders.>"] }))
    for (const region of ["eu", "us"]) {
      yield* Effect.promise(() => jetstream(connection).publish(`orders.${region}.new`, `a book for ${region}`))
    }
    const said = ["eu", "us"].map((region) => new RegExp(`${region}: a book for ${region}, under token \\d+`))
    const example = yield* start(url)
    for (const words of said) yield* example.says(words)
    example.child.kill("SIGTERM")
    assert.strictEqual(yield* example.ended, code, example.printed())
    // What was handled is acknowledged: nothing of it is left for the next owner.
    const consumers = yield* Effect.promise(() => manager.consumers.list("ORDERS").next())
    assert.lengthOf(consumers, 2)
    for (const { num_ack_pending, num_pending } of consumers)
      assert.deepStrictEqual([num_ack_pending, num_pending], [0, 0])
  })
