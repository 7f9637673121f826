import { jetstream, jetstreamManager } from "@nats-io/jetstream"
import * as Nats from "@nats-io/transport-node"
import { ConsumptionInvalid } from "@parti/nats-adapter/ConsumptionError"
import * as HashedPartitions from "@parti/nats-adapter/HashedPartitions"
import * as NatsServer from "@parti/testkit/NatsServer"
import { Effect } from "effect"
import { assert, describe, it } from "vitest"
import * as Hash from "../../core/src/model/Hash.ts"

const oldest = process.env["OLDEST_NATS_SERVER_BIN"]

const releases = [
  { release: "the newest server", options: {}, isHere: true },
  {
    release: "the oldest supported server",
    options: oldest === undefined ? {} : { binary: oldest },
    isHere: oldest !== undefined
  }
]

const customers = [
  ...Array.from({ length: 300 }, (_, i) => `customer-${i}`),
  "ä",
  "日本",
  "😀",
  "a-b_c",
  "=",
  "{0}",
  "0",
  "é".normalize("NFD")
]

const thrown = (options: Partial<HashedPartitions.HashedPartitionsOptions>): unknown => {
  try {
    return HashedPartitions.make({ count: 8, source: "orders.*.*", by: [1], prefix: "hashed", ...options })
  } catch (error) {
    return error
  }
}

describe.each(releases)("On $release", ({ isHere, options }) => {
  // Says so, rather than passing on a server that is another one.
  it.skipIf(!isHere)("messages are in the partitions that the core computes", () =>
    Effect.gen(function* () {
      const server = yield* NatsServer.make(options)
      yield* Effect.promise(() => agree(server.url))
    }).pipe(Effect.scoped, Effect.runPromise)
  )
})

const agree = async (url: string): Promise<void> => {
  const connection = await Nats.connect({ servers: url })
  const manager = await jetstreamManager(connection)
  for (const [name, by] of [
    ["one", [1]],
    ["two", [2, 1]]
  ] as const) {
    const hashed = HashedPartitions.make({ count: 61, source: `${name}.*.*.>`, by, prefix: `hashed.${name}` })
    await manager.streams.add({ name, subjects: [`${name}.*.*.>`], subject_transform: hashed.transform })
    for (const customer of customers) {
      const { seq } = await jetstream(connection).publish(`${name}.${customer}.order.new`, "")
      const stored = await manager.streams.getMessage(name, { seq })
      const tokens = by.map((place) => [customer, "order"][place - 1] ?? "")
      const partition = Hash.subjectPartition(tokens, 61)
      assert.strictEqual(stored?.subject, `hashed.${name}.${partition}.${customer}.order.new`)
      const subject = hashed.subject({ keys: [String(partition)], weight: 1 })
      assert.isTrue(stored?.subject.startsWith(subject.slice(0, -1)))
    }
  }
  await connection.close()
}

describe("Hashed partitions", () => {
  it.each<Partial<HashedPartitions.HashedPartitionsOptions>>([
    ...[0, -1, 1.5, Number.NaN, 100_001].map((count) => ({ count })),
    ...[
      "",
      "orders",
      "orders.>",
      "orders..*",
      "orders.*. ",
      "*.>.a",
      "a\u0000.*",
      `${"a".repeat(300)}.*.${"b".repeat(300)}`
    ].map((source) => ({ source })),
    ...[[], [0], [3], [1, 1], [1.5]].map((by) => ({ by })),
    ...["", "*", "a.>", "a b", "a\nb", ".a", "a."].map((prefix) => ({ prefix }))
  ])("refuse %o, and name the field and its rule", (options) => {
    const error = thrown(options)
    assert.instanceOf(error, ConsumptionInvalid)
    const [field = ""] = Object.keys(options)
    assert.deepStrictEqual(
      error.broken.map((one) => [one.field, one.value]),
      [[field, Object.values(options)[0]]]
    )
    assert.match(error.message, new RegExp(`- ${field} .*: it is `))
    assert.notInclude(error.message, "\u0000")
  })
})
