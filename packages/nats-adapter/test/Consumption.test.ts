import { jetstream, type JetStreamManager, jetstreamManager, type StreamConfig } from "@nats-io/jetstream"
import * as Nats from "@nats-io/transport-node"
import { subjectPartition } from "@parti/core/Partition"
import type { Worker } from "@parti/core/Worker"
import * as HashedPartitions from "@parti/nats-adapter/HashedPartitions"
import { createWorker, type WorkerOptions } from "@parti/nats-adapter/Worker"
import * as NatsServer from "@parti/testkit/NatsServer"
import { Effect, Exit, Scope } from "effect"
import { afterEach, assert, describe, it, vi } from "vitest"

const scopes: Array<Scope.Closeable> = []
const workers: Array<Worker> = []
const connections: Array<Nats.NatsConnection> = []

afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.stop()))
  await Promise.all(connections.splice(0).map((connection) => connection.close()))
  await Promise.all(scopes.splice(0).map((scope) => Effect.runPromise(Scope.close(scope, Exit.void))))
})

const eventually = (check: () => void | Promise<void>) => vi.waitFor(check, { timeout: 25_000, interval: 10 })

interface World {
  readonly server: NatsServer.NatsServerHandle
  readonly manager: JetStreamManager
  readonly publish: (subject: string, text: string) => Promise<unknown>
  readonly consumers: () => Promise<ReadonlyArray<string>>
}

const setUp = async (
  config: Partial<StreamConfig> = {},
  options?: Parameters<typeof NatsServer.make>[0]
): Promise<World> => {
  const scope = Scope.makeUnsafe()
  scopes.push(scope)
  const server = await Effect.runPromise(Scope.provide(NatsServer.make(options), scope))
  const connection = await Nats.connect({ servers: server.url, maxReconnectAttempts: -1, reconnectTimeWait: 50 })
  connections.push(connection)
  const manager = await jetstreamManager(connection)
  await manager.streams.add({ name: "EV", subjects: ["ev.>"], ...config })
  return {
    server,
    manager,
    publish: (subject, text) => jetstream(connection).publish(subject, text),
    consumers: async () => {
      const names: Array<string> = []
      for await (const { name } of manager.consumers.list("EV")) names.push(name)
      return names.toSorted()
    }
  }
}

const partitions = (count: number) => Array.from({ length: count }, (_, i) => ({ keys: [`p${i}`] }))

const config = { preset: "development", coldStart: "eager", coldStartWindowMs: 0, plannedWindowMs: 0 } as const

const work = async ({ server }: World, options: Partial<WorkerOptions>): Promise<Worker> => {
  const worker = await createWorker({ servers: server.url, group: "g", config, logLevel: "None", ...options })
  workers.push(worker)
  return worker
}

const subject = "ev.{id}"

describe("The room for consumers", () => {
  it("is missed by name, and the partitions that have some are consumed all the same", async () => {
    const world = await setUp({ max_consumers: 3 })
    const seen: Array<string> = []
    const problems: Array<string> = []
    const worker = await work(world, {
      partitions: partitions(4),
      stream: { name: "EV", subject },
      onMessage: (message) => seen.push(message.subject)
    })
    worker.on("error", (problem) => problems.push(problem.message))
    for (const { keys } of partitions(4)) await world.publish(`ev.${keys[0]}`, "")
    await eventually(() => assert.lengthOf(seen, 3))
    await eventually(() =>
      assert.match(problems.join("\n"), /takes no more consumers.*raise the stream's max_consumers/)
    )
  })

  it("is made where that is wanted and the server allows it", async () => {
    const world = await setUp({ max_consumers: 3 })
    const seen: Array<string> = []
    await work(world, {
      partitions: partitions(4),
      stream: { name: "EV", subject, maxConsumers: "raise" },
      onMessage: (message) => seen.push(message.subject)
    })
    for (const { keys } of partitions(4)) await world.publish(`ev.${keys[0]}`, "")
    await eventually(() => assert.lengthOf(seen, 4))
    assert.strictEqual((await world.manager.streams.info("EV")).config.max_consumers, 8)
  })
})

describe("A partition that leaves the source", () => {
  it("keeps its position for the grace period, then its consumer is removed; the others stay", async () => {
    const world = await setUp()
    let listed = partitions(2)
    const seen: Array<string> = []
    const worker = await work(world, {
      partitions: async () => listed,
      partitionsEveryMs: 60_000,
      stream: { name: "EV", subject, orphanGrace: 600 },
      onMessage: (message) => seen.push(`${message.subject} ${message.string()}`)
    })
    await world.publish("ev.p0", "1")
    await world.publish("ev.p1", "1")
    await eventually(() => assert.sameMembers(seen, ["ev.p0 1", "ev.p1 1"]))

    const leave = async () => {
      listed = partitions(1)
      await worker.refreshPartitions()
      await eventually(() => assert.strictEqual(worker.group.partitions, 1))
    }
    const comeBack = async () => {
      listed = partitions(2)
      await worker.refreshPartitions()
      await eventually(() => assert.lengthOf(worker.assignment, 2))
    }
    await leave()
    await world.publish("ev.p1", "2")
    await comeBack()
    await eventually(() => assert.deepStrictEqual(seen.slice(2), ["ev.p1 2"], "it goes on where it was"))

    await leave()
    assert.lengthOf(await world.consumers(), 2)
    await eventually(async () => assert.lengthOf(await world.consumers(), 1))
    assert.match((await world.consumers())[0] ?? "", /^g\+p0\+/)
    await comeBack()
    await eventually(() => assert.deepStrictEqual(seen.slice(3), ["ev.p1 1", "ev.p1 2"], "it begins anew"))
  })
})

describe("Consumption", () => {
  it("goes on when its consumer, or its whole stream, is deleted and made again", async () => {
    const world = await setUp()
    const seen: Array<string> = []
    const problems: Array<string> = []
    const worker = await work(world, {
      partitions: partitions(1),
      stream: { name: "EV", subject },
      onMessage: (message) => seen.push(message.string())
    })
    worker.on("error", (problem) => problems.push(problem.message))
    await world.publish("ev.p0", "one")
    await eventually(() => assert.deepStrictEqual(seen, ["one"]))

    const [name = ""] = await world.consumers()
    await world.manager.consumers.delete("EV", name)
    await eventually(() => assert.isNotEmpty(problems))
    assert.match(problems.join("\n"), /partition p0 on stream EV is not available/)
    await world.publish("ev.p0", "two")
    await eventually(() => assert.deepStrictEqual(seen, ["one", "two"]))

    await world.manager.streams.delete("EV")
    await eventually(() => assert.isAbove(problems.length, 1))
    await world.manager.streams.add({ name: "EV", subjects: ["ev.>"] })
    await world.publish("ev.p0", "three")
    await eventually(() => assert.deepStrictEqual(seen, ["one", "two", "three"]))
  })

  it("gives a worker without partitions nothing, and makes no consumer for it", async () => {
    const world = await setUp()
    const handledBy = new Map<string, number>()
    const start = (name: string) =>
      work(world, {
        partitions: partitions(1),
        stream: { name: "EV", subject },
        onMessage: () => handledBy.set(name, (handledBy.get(name) ?? 0) + 1)
      })
    const [one, other] = [await start("one"), await start("other")]
    await eventually(() => assert.strictEqual(one.assignment.length + other.assignment.length, 1))
    for (let i = 0; i < 50; i++) await world.publish("ev.p0", String(i))
    await eventually(() => assert.strictEqual((handledBy.get("one") ?? 0) + (handledBy.get("other") ?? 0), 50))
    assert.lengthOf([...handledBy], 1)
    assert.lengthOf(await world.consumers(), 1)
  })

  it("fences a worker whose handler does not end when it is told to, and takes no acknowledgement from it", async () => {
    const world = await setUp()
    const begun: Array<{ readonly by: string; readonly id: string; readonly token: number }> = []
    const stuck = new Set<() => void>()
    const start = (by: string) =>
      work(world, {
        partitions: partitions(2),
        config: { ...config, drainTimeoutMs: 100, fenceLeadMs: 100, revokeTimeoutMs: 500 },
        stream: { name: "EV", subject },
        onMessage: async (_, { id, token }) => {
          begun.push({ by, id, token })
          // Heeds no signal.
          if (by === "one") await new Promise<void>((resolve) => stuck.add(resolve))
        }
      })
    const one = await start("one")
    const reports: Array<string> = []
    one.on("error", (problem) => reports.push(problem._tag === "ProblemReported" ? problem.report._tag : problem._tag))
    await eventually(() => assert.lengthOf(one.assignment, 2))
    for (const { keys } of partitions(2)) await world.publish(`ev.${keys[0]}`, "")
    await eventually(() => assert.lengthOf(begun, 2))
    await start("two")
    await eventually(() => assert.isTrue(begun.some(({ by }) => by === "two")))
    assert.include(reports, "HandlerStuck")
    assert.include(reports, "SessionLost")
    const { id, token } = begun.find(({ by }) => by === "two") ?? assert.fail("two has begun")
    const before = begun.find((run) => run.by === "one" && run.id === id)
    assert.isAbove(token, before?.token ?? NaN, "whoever checks tokens refuses the stuck one")
    for (const end of stuck) end()
    // The one consumer that is left is the new owner's, and its message is acknowledged once.
    await eventually(async () => {
      const [info, ...others] = (await world.manager.consumers.list("EV").next()).filter(({ name }) =>
        name.startsWith(`g+${id}+`)
      )
      assert.deepStrictEqual(others, [])
      assert.match(info?.name ?? "", new RegExp(`\\+${token}\\+\\d+$`))
      assert.deepStrictEqual([info?.num_ack_pending, info?.num_pending], [0, 0])
    })
  })
})

describe.each([
  { release: "the newest server", binary: undefined },
  { release: "the oldest supported server", binary: process.env["OLDEST_NATS_SERVER_BIN"] ?? "" }
])("Keys that $release hashes into partitions", ({ binary }) => {
  it.skipIf(binary === "")("are counted as the core counts them", async () => {
    const count = 16
    const hashed = HashedPartitions.make({ count, source: "orders.*.*", by: [1], prefix: "hashed" })
    const { manager, publish } = await setUp(
      { subjects: ["orders.*.*"], subject_transform: hashed.transform },
      binary === undefined ? {} : { binary }
    )
    const keys = Array.from({ length: 200 }, (_, i) => `customer-${i * 7919}`)
    for (const key of keys) await publish(`orders.${key}.new`, key)
    for (const [i, key] of keys.entries()) {
      const stored = await manager.streams.getMessage("EV", { seq: i + 1 })
      assert.strictEqual(stored?.subject, `hashed.${subjectPartition([key], count)}.${key}.new`)
    }
  })
})
