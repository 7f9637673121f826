import { jetstream, jetstreamManager } from "@nats-io/jetstream"
import * as Nats from "@nats-io/transport-node"
import { PartiError, type Worker } from "@parti/core/Worker"
import { createWorker, type WorkerOptions } from "@parti/nats-adapter/Worker"
import * as NatsServer from "@parti/testkit/NatsServer"
import { Effect, Exit, Scope } from "effect"
import { once } from "node:events"
import { inspect } from "node:util"
import { afterEach, assert, describe, it, vi } from "vitest"

const secret = "a-secret-nobody-may-see"

const scopes: Array<Scope.Closeable> = []
const workers: Array<Worker> = []

afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.stop()))
  await Promise.all(scopes.splice(0).map((scope) => Effect.runPromise(Scope.close(scope, Exit.void))))
})

const serve = (options?: Parameters<typeof NatsServer.make>[0]): Promise<NatsServer.NatsServerHandle> => {
  const scope = Scope.makeUnsafe()
  scopes.push(scope)
  return Effect.runPromise(Scope.provide(NatsServer.make(options), scope))
}

const partitions = ["p0", "p1", "p2", "p3"].map((key) => ({ keys: [key] }))

const config = { preset: "development", coldStart: "eager", coldStartWindowMs: 0, plannedWindowMs: 0 } as const

const work = async (options: Partial<WorkerOptions>): Promise<Worker> => {
  const worker = await createWorker({ group: "g", partitions, config, logLevel: "Error", ...options })
  workers.push(worker)
  return worker
}

/** A stream with numbered messages for each partition. */
const stream = async (url: string) => {
  const connection = await Nats.connect({ servers: url })
  const manager = await jetstreamManager(connection)
  await manager.streams.add({ name: "EV", subjects: ["ev.>"] })
  const client = jetstream(connection)
  const publish = async (from: number, to: number) => {
    for (let i = from; i <= to; i++) {
      await Promise.all(partitions.map(({ keys: [key = ""] }) => client.publish(`ev.${key}`, String(i))))
    }
  }
  return { connection, manager, publish }
}

const from = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i)

const thrown = async (promise: Promise<unknown>): Promise<PartiError> => {
  try {
    await promise
  } catch (error) {
    assert.instanceOf(error, PartiError)
    assert.notInclude(`${inspect(error, { depth: 9, showHidden: true })}${error.advice}`, "nobody-may-see")
    return error
  }
  return assert.fail("it rejects")
}

const eventually = (check: () => void) => vi.waitFor(check, { timeout: 20_000, interval: 10 })

describe("A worker made of promises, on NATS", () => {
  it("handles the messages of its partitions in order, and hands on what it has not handled when it stops", async () => {
    const { url } = await serve()
    const { connection, publish } = await stream(url)
    const seen = new Map<string, Array<number>>()
    const tokens = new Map<string, Set<number>>()
    const handlers = new Set<string>()
    const start = (name: string) =>
      work({
        servers: url,
        stream: { name: "EV", subject: "ev.{id}" },
        onMessage: async (message, { id, partition, signal, token }) => {
          assert.isFalse(signal.aborted)
          assert.strictEqual(message.subject, `ev.${partition.keys[0]}`)
          await new Promise((resolve) => setImmediate(resolve))
          handlers.add(name)
          seen.set(id, [...(seen.get(id) ?? []), Number(message.string())])
          tokens.set(id, (tokens.get(id) ?? new Set()).add(token))
        }
      })
    await publish(1, 20)
    const one = await start("one")
    const two = await start("two")
    await eventually(() => {
      assert.lengthOf(one.assignment, 2)
      assert.lengthOf(two.assignment, 2)
    })
    await publish(21, 40)
    await eventually(() => assert.sameMembers([...handlers], ["one", "two"]))
    await one.stop()
    await publish(41, 60)
    await eventually(() => {
      for (const { id } of two.assignment) assert.include(seen.get(id) ?? [], 60)
      assert.lengthOf(two.assignment, 4)
    })
    for (const numbers of seen.values()) assert.deepStrictEqual(numbers, from(1, 60))
    assert.isTrue(
      [...tokens.values()].some(({ size }) => size > 1),
      "a partition has moved"
    )
    await connection.close()
  })

  it("handles a message again whose promise was rejected, before those behind it", async () => {
    const { url } = await serve()
    const { connection, publish } = await stream(url)
    await publish(1, 3)
    const attempts: Array<string> = []
    await work({
      servers: url,
      partitions: partitions.slice(0, 1),
      stream: { name: "EV", subject: "ev.{id}", backoff: [10] },
      onMessage: async (message) => {
        attempts.push(message.string())
        if (attempts.length < 3) throw new Error("not yet")
      }
    })
    await eventually(() => assert.deepStrictEqual(attempts, ["1", "1", "1", "2", "3"]))
    await connection.close()
  })

  it("runs a handler for each partition from the start, and aborts its signal at the end", async () => {
    const { url } = await serve()
    const log: Array<string> = []
    const worker = await work({
      servers: url,
      onPartition: async ({ id, signal }) => {
        log.push(`${id} begins`)
        await once(signal, "abort")
        log.push(`${id} ends`)
      }
    })
    await eventually(() => assert.sameMembers(log, ["p0 begins", "p1 begins", "p2 begins", "p3 begins"]))
    await worker.stop()
    assert.sameMembers(log.slice(4), ["p0 ends", "p1 ends", "p2 ends", "p3 ends"])
  })

  it("uses a connection that is there already, and leaves it open", async () => {
    const { url } = await serve()
    const connection = await Nats.connect({ servers: url, maxReconnectAttempts: -1 })
    const worker = await work({ connection })
    await worker.stop()
    assert.isFalse(connection.isClosed())
    await connection.close()
  })

  it("takes credentials as texts, and gives none of them away", async () => {
    const { url } = await serve({ token: secret })
    const worker = await work({ servers: url, auth: { token: secret } })
    await eventually(() => assert.strictEqual(worker.state, "Stable"))
    const error = await thrown(work({ servers: url, auth: { token: "a-wrong-secret-nobody-may-see" } }))
    assert.strictEqual(error.code, "NatsCredentialsRefused")
  })

  it("says by name why it cannot start", async () => {
    const { url } = await serve()
    const handled = { stream: { name: "EV", subject: "ev.{id}" }, onMessage: () => undefined }
    const attempts: ReadonlyArray<readonly [code: string, options: Partial<WorkerOptions>, says: RegExp]> = [
      ["NatsUnreachable", { servers: "127.0.0.1:1", connectTimeoutMs: 300 }, /127\.0\.0\.1:1/],
      ["StreamUnusable", { servers: url, ...handled }, /stream EV/],
      ["ConfigInvalid", { servers: url, config: { leaseMs: 1 } }, /leaseMs/],
      ["ConfigInvalid", { servers: url, onMessage: handled.onMessage }, /`stream`/],
      ["ConfigInvalid", { servers: url, stream: handled.stream }, /`onMessage`/],
      ["StoreMisconfigured", { servers: url, buckets: { storage: "memory" } }, /storage/]
    ]
    await (await work({ servers: url })).stop()
    for (const [code, options, says] of attempts) {
      const error = await thrown(work(options))
      assert.strictEqual(error.code, code)
      assert.match(error.message, says)
      assert.isNotEmpty(error.advice)
    }
    const watcher = await Nats.connect({ servers: url })
    const error = await thrown(work({ servers: url, connection: watcher }))
    assert.match(error.message, /takes the place of servers/)
    await watcher.close()
  })

  it("gives the start up when its signal is aborted", async () => {
    const controller = new AbortController()
    const start = work({ servers: "127.0.0.1:1", connectTimeoutMs: 60_000, signal: controller.signal })
    const reason = new Error("no longer wanted")
    controller.abort(reason)
    await start.then(
      () => assert.fail("it rejects"),
      (error: unknown) => assert.strictEqual(error, reason)
    )
  })
})
