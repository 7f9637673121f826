import { jetstream, jetstreamManager } from "@nats-io/jetstream"
import * as Nats from "@nats-io/transport-node"
import type { Worker } from "@parti/core/Worker"
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

const setUp = async () => {
  const scope = Scope.makeUnsafe()
  scopes.push(scope)
  const { url } = await Effect.runPromise(Scope.provide(NatsServer.make(), scope))
  const connection = await Nats.connect({ servers: url })
  connections.push(connection)
  const manager = await jetstreamManager(connection)
  await manager.streams.add({ name: "EV", subjects: ["ev.>"] })
  return { url, manager, publish: (subject: string, text: string) => jetstream(connection).publish(subject, text) }
}

const partitions = (count: number) => Array.from({ length: count }, (_, i) => ({ keys: [`p${i}`] }))

const config = { preset: "development", coldStart: "eager", coldStartWindowMs: 0, plannedWindowMs: 0 } as const

const work = async ({ url }: { readonly url: string }, options: Partial<WorkerOptions>): Promise<Worker> => {
  const worker = await createWorker({ servers: url, group: "g", config, logLevel: "None", ...options })
  workers.push(worker)
  return worker
}

const subject = "ev.{id}"

describe("Consumption", () => {
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
