/** Groups of workers of one process on a server of their own, for tests written with promises. */
import { type JetStreamManager, jetstreamManager } from "@nats-io/jetstream"
import * as Nats from "@nats-io/transport-node"
import type { Worker } from "@parti/core/Worker"
import { createWorker, type WorkerOptions } from "@parti/nats-adapter/Worker"
import * as NatsServer from "@parti/testkit/NatsServer"
import { Effect, Exit, Scope } from "effect"
import { assert, onTestFinished, vi } from "vitest"

/** A server that ends with the test, and somebody who looks at it. */
export const serve = async (): Promise<{ readonly url: string; readonly manager: JetStreamManager }> => {
  const scope = Scope.makeUnsafe()
  onTestFinished(() => Effect.runPromise(Scope.close(scope, Exit.void)))
  const { url } = await Effect.runPromise(Scope.provide(NatsServer.make(), scope))
  const connection = await Nats.connect({ servers: url })
  onTestFinished(() => connection.close())
  return { url, manager: await jetstreamManager(connection) }
}

export const config = {
  preset: "development",
  coldStart: "eager",
  coldStartWindowMs: 0,
  plannedWindowMs: 100
} as const

/** With a lease that a busy machine does not lose. */
export const patient = { ...config, heartbeatIntervalMs: 300, leaseMs: 5_000 }

export const numbered = (count: number) => Array.from({ length: count }, (_, i) => ({ keys: [`p${i}`] }))

/** A worker that stops with the test, unless it has stopped before. */
export const work = async (servers: string, options: Partial<WorkerOptions> = {}): Promise<Worker> => {
  const more = { partitions: numbered(100), config, logLevel: "None", ...options } as const
  const worker = await createWorker({ servers, group: "g", ...more })
  onTestFinished(() => worker.stop())
  return worker
}

export const eventually = (check: () => void) => vi.waitFor(check, { timeout: 20_000, interval: 10 })

/** Each of so many partitions has one owner, and everybody his share. */
export const share = (workers: ReadonlyArray<Worker>, count: number): void => {
  const owned = workers.map(({ assignment }) => assignment.map(({ id }) => id))
  assert.lengthOf(owned.flat(), count)
  assert.lengthOf(new Set(owned.flat()), count)
  for (const { length } of owned) assert.approximately(length, count / workers.length, 1)
}
