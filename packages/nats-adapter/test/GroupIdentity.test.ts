import type { JetStreamManager } from "@nats-io/jetstream"
import { CoordinationStore } from "@parti/core/CoordinationStore"
import * as Parti from "@parti/core/Parti"
import { Effect, References } from "effect"
import { assert, describe, it, vi } from "vitest"
import * as Fixture from "./Fixture.ts"
import { config, eventually, numbered, patient, serve, share, work } from "./Workers.ts"

const lastOf = async (manager: JetStreamManager, stream: string): Promise<number> =>
  (await manager.streams.info(stream)).state.last_seq

describe("Five workers that start at once", () => {
  it("have an id each, one leader, and each partition once; then none of them writes a plan", async () => {
    const { manager, url } = await serve()
    const workers = await Promise.all(numbered(5).map(() => work(url, { config: patient })))
    assert.lengthOf(new Set(workers.map(({ id }) => id)), 5)
    await eventually(() => {
      share(workers, 100)
      for (const { group, state } of workers) assert.deepEqual([state, group.handingOver], ["Stable", 0])
    })
    assert.lengthOf(
      workers.filter(({ isLeader }) => isLeader),
      1
    )
    const [plans, renewals] = [await lastOf(manager, "KV_g-plan"), await lastOf(manager, "KV_g-live")]
    // Ten renewals of each, and of the leader's office.
    await vi.waitFor(async () => assert.isAbove(await lastOf(manager, "KV_g-live"), renewals + 60), { timeout: 25_000 })
    assert.strictEqual(await lastOf(manager, "KV_g-plan"), plans)
  })
})

describe("An id", () => {
  it("that two want is had by one, and by the other as soon as it is free", async () => {
    const { manager, url } = await serve()
    const mine = { config: { ...patient, workerId: "mine" } }
    const first = await work(url, mine)
    let isStarted = false
    const second = work(url, mine).finally(() => (isStarted = true))
    // Long enough for it to have looked, and to have met somebody's renewal.
    const before = await lastOf(manager, "KV_g-live")
    await vi.waitFor(async () => assert.isAbove(await lastOf(manager, "KV_g-live"), before + 6), { timeout: 10_000 })
    assert.isFalse(isStarted)
    await first.stop()
    assert.strictEqual((await second).id, "mine")
  })

  it("is not to be had when all of the pool are held: the start says so, and who holds them", async () => {
    const { url } = await serve()
    const pool = { ...config, workerIdPool: { prefix: "w", count: 2 }, startupTimeoutMs: 3_000 }
    await Promise.all([work(url, { config: pool }), work(url, { config: pool })])
    const problems: Array<string> = []
    const starting = Effect.gen(function* () {
      const { store } = yield* Fixture.connect({ servers: url }, { group: "g" })
      const hooks: Parti.Hooks = { onError: (problem) => Effect.sync(() => void problems.push(problem.message)) }
      const options = { group: "g", partitions: numbered(100), config: pool, hooks }
      return yield* Effect.flip(Effect.provideService(Parti.make(options), CoordinationStore, store))
    })
    const error = await Effect.runPromise(
      Effect.provideService(Effect.scoped(starting), References.MinimumLogLevel, "None")
    )
    assert.deepInclude(error, { _tag: "StartTimedOut", waitingFor: "WorkerId" })
    for (const id of ["w-0", "w-1"]) assert.include(problems.join(), id)
  })
})

describe("A follower", () => {
  it("asks for fresh partitions, and everybody gets them", async () => {
    const { url } = await serve()
    let listed = numbered(6)
    const options = { partitions: async () => listed, partitionsEveryMs: 3_600_000 }
    const workers = await Promise.all([work(url, options), work(url, options)])
    await eventually(() => share(workers, 6))
    listed = numbered(10)
    await workers.find(({ isLeader }) => !isLeader)?.refreshPartitions()
    await eventually(() => share(workers, 10))
  })
})
