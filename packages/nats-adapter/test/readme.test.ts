import { assert, describe, it } from "@effect/vitest"
import { jetstream, jetstreamManager } from "@nats-io/jetstream"
import * as NatsConnection from "@parti/nats-adapter/NatsConnection"
import * as NatsServer from "@parti/testkit/NatsServer"
import { Effect } from "effect"
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import * as ChildProcess from "./ChildProcess.ts"

const root = fileURLToPath(new URL("../../../", import.meta.url))

describe("The README, on NATS", () => {
  it.each(["effect", "promise"])("shows its example as it is (%s)", (name) => {
    const example = readFileSync(`${root}examples/nats-${name}.ts`, "utf8")
    assert.include(readFileSync(`${root}README.md`, "utf8"), `\`\`\`ts\n${example}\`\`\``)
    assert.isAtMost(example.trimEnd().split("\n").length, 15, "a first example is short")
  })

  it.live.each([
    { name: "effect", code: 130 },
    { name: "promise", code: 0 }
  ])("has an example that runs, and ends in good order when it is asked to ($name)", ({ code, name }) =>
    Effect.gen(function* () {
      const { url } = yield* NatsServer.make()
      const { connection } = yield* NatsConnection.make({ servers: url })
      const manager = yield* Effect.promise(() => jetstreamManager(connection))
      yield* Effect.promise(() => manager.streams.add({ name: "ORDERS", subjects: ["orders.>"] }))
      for (const region of ["eu", "us"]) {
        yield* Effect.promise(() => jetstream(connection).publish(`orders.${region}.new`, `a book for ${region}`))
      }
      const said = ["eu", "us"].map((region) => new RegExp(`${region}: a book for ${region}, under token \\d+`))
      const example = yield* ChildProcess.start(`examples/nats-${name}.ts`, { NATS_URL: url })
      for (const words of said) yield* example.says(words)
      example.child.kill("SIGTERM")
      assert.strictEqual(yield* example.ended, code, example.printed())
      // What was handled is acknowledged: nothing of it is left for the next owner.
      const consumers = yield* Effect.promise(() => manager.consumers.list("ORDERS").next())
      assert.lengthOf(consumers, 2)
      for (const { num_ack_pending, num_pending } of consumers)
        assert.deepStrictEqual([num_ack_pending, num_pending], [0, 0])
    })
  )
})
