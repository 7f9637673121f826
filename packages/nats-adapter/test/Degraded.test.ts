import { type Worker } from "@parti/core/Worker"
import { createWorker } from "@parti/nats-adapter/Worker"
import * as NatsServer from "@parti/testkit/NatsServer"
import { Effect, Exit, Scope } from "effect"
import { once } from "node:events"
import { afterEach, assert, describe, it, vi } from "vitest"

const scopes: Array<Scope.Closeable> = []
const workers: Array<Worker> = []

afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.stop()))
  await Promise.all(scopes.splice(0).map((scope) => Effect.runPromise(Scope.close(scope, Exit.void))))
})

const partitions = Array.from({ length: 20 }, (_, i) => ({ keys: [`p${i}`] }))

/** Which worker runs which partition under which token now, and whatever was ever wrong with that. */
const watched = () => {
  const running = new Map<string, number>()
  const wrongs: Array<string> = []
  const onPartition = async ({ id, signal, token }: { id: string; signal: AbortSignal; token: number }) => {
    if (running.has(id)) wrongs.push(`${id} runs under ${token} and ${running.get(id)}`)
    running.set(id, token)
    if (!signal.aborted) await once(signal, "abort")
    running.delete(id)
  }
  return { running, wrongs, onPartition }
}

/** Three workers that share the partitions of a server's group. */
const setUp = async (onStoreLoss: "fence" | "hold") => {
  const scope = Scope.makeUnsafe()
  scopes.push(scope)
  const server = await Effect.runPromise(Scope.provide(NatsServer.make(), scope))
  const seen = watched()
  const config = { preset: "development", onStoreLoss } as const
  const options = { servers: server.url, group: "g", partitions, config, logLevel: "None" } as const
  const starts = Array.from({ length: 3 }, () => createWorker({ ...options, onPartition: seen.onPartition }))
  workers.push(...(await Promise.all(starts)))
  await eventually(() => {
    for (const worker of workers) assert.isAtLeast(worker.assignment.length, 6)
    assert.lengthOf([...seen.running], partitions.length)
    assert.strictEqual(workers[0]?.group.handingOver, 0)
  })
  return { server, ...seen, before: new Map(seen.running) }
}

const eventually = (check: () => void) => vi.waitFor(check, { timeout: 20_000, interval: 5 })

const areDegraded = (): void => {
  for (const worker of workers) assert.strictEqual(worker.connection._tag, "Degraded")
}

describe("A group whose server is away for longer than a lease", () => {
  it.each(["kill", "pause"] as const)(
    "runs nothing under `fence`, and goes on where it was when it is back (%s)",
    async (how) => {
      const { before, running, server, wrongs } = await setUp("fence")
      await Effect.runPromise<void, unknown>(server[how])
      await eventually(() => {
        areDegraded()
        assert.strictEqual(running.size, 0)
      })
      await Effect.runPromise<void, unknown>(how === "kill" ? server.start : server.resume)
      await eventually(() => assert.strictEqual(running.size, partitions.length))
      // The same owners under the same tokens: nothing was moved, and no plan was made for it.
      assert.deepStrictEqual(running, before)
      assert.deepStrictEqual(wrongs, [])
      await eventually(() => {
        for (const worker of workers) assert.strictEqual(worker.connection._tag, "Connected")
      })
      assert.deepStrictEqual(running, before)
    }
  )

  it("runs on under `hold`, and moves nothing when it is back", async () => {
    const { before, running, server, wrongs } = await setUp("hold")
    await Effect.runPromise(server.kill)
    await eventually(() => {
      for (const { connection } of workers) {
        if (connection._tag !== "Degraded") return assert.fail("all are degraded")
        assert.isAbove(Date.now() - connection.since, 2_000, "every lease has ended by then")
      }
    })
    assert.deepStrictEqual(running, before)
    await Effect.runPromise(server.start)
    await eventually(() => {
      for (const worker of workers) assert.strictEqual(worker.connection._tag, "Connected")
    })
    assert.deepStrictEqual(running, before)
    assert.deepStrictEqual(wrongs, [])
  })
})
