import { afterEach, assert, beforeEach, describe, it, vi } from "vitest"
import { Effect } from "effect"
import {
  createGroupStore,
  createWorker,
  createWorkerOn,
  type GroupStore,
  PartiError,
  type Worker,
  type WorkerOptions
} from "../../src/Worker.ts"
import * as Group from "./Group.ts"

// The live clock, turned by hand; fibers run on `setImmediate`, which is left alone.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date", "performance"] })
})
afterEach(async () => {
  await inTime(Promise.all(workers.splice(0).map((worker) => worker.stop())))
  vi.useRealTimers()
})

/** Whatever a test has started. */
const workers: Array<Worker> = []

const immediate = () => new Promise((resolve) => setImmediate(resolve))

/** Lets time pass, in small steps: what each step sets going has to come to rest before the next. */
const pass = async (ms: number) => {
  for (let passed = 0; passed < ms; passed += 100) {
    await vi.advanceTimersByTimeAsync(Math.min(100, ms - passed))
    for (let turn = 0; turn < 20; turn++) await immediate()
  }
}

/** Lets time pass until the promise has settled. */
const inTime = async <A>(promise: Promise<A>): Promise<A> => {
  let isSettled = false
  const settle = () => {
    isSettled = true
  }
  promise.then(settle, settle)
  for (let waited = 0; !isSettled && waited < 60_000; waited += 100) await pass(100)
  return promise
}

const config = { preset: "development", coldStart: "eager", electionJitterMs: 0 } as const
const quiet = { logLevel: "None" } as const

const start = async (special: Partial<WorkerOptions> = {}): Promise<Worker> => {
  const options = {
    group: "test",
    store: createGroupStore(),
    partitions: Group.partitions(4),
    config,
    ...quiet,
    ...special
  }
  const worker = await inTime(createWorker(options))
  workers.push(worker)
  return worker
}

const thrown = async (promise: Promise<unknown>): Promise<PartiError> => {
  try {
    await promise
  } catch (error) {
    assert.instanceOf(error, PartiError)
    return error
  }
  return assert.fail("it rejects")
}

/** The start takes a lease where the store has just been made. */
const untilGranted = 3000

describe("A worker made of promises", () => {
  it("explains where a partition is", async () => {
    const worker = await start()
    await pass(untilGranted)
    const { holder, moves } = await inTime(worker.explain("p0"))
    assert.strictEqual(holder?.owner, worker.id)
    assert.deepStrictEqual(
      moves.map(({ from, reason, to }) => ({ from, reason, to })),
      [{ from: null, reason: "added", to: worker.id }]
    )
  })

  it("shows what it knows", async () => {
    const worker = await start()
    await pass(untilGranted)
    assert.match(worker.id ?? "", /^worker-\d+$/)
    assert.strictEqual(worker.state, "Stable")
    assert.isTrue(worker.isLeader)
    assert.deepStrictEqual(worker.connection, { _tag: "Connected" })
    assert.sameMembers(
      worker.assignment.map(({ id }) => String(id)),
      ["p0", "p1", "p2", "p3"]
    )
    assert.strictEqual(worker.group.partitions, 4)
  })

  it("shares the partitions with others on the same store", async () => {
    const store = createGroupStore()
    const one = await start({ store })
    const other = await start({ store })
    await pass(10_000)
    assert.lengthOf(one.assignment, 2)
    assert.lengthOf(other.assignment, 2)
    await inTime(one.stop())
    await pass(5000)
    assert.lengthOf(other.assignment, 4)
    assert.deepStrictEqual(one.assignment, [])
  })

  it("shares the store of the process with those that name no other", async () => {
    const one = await start({ group: "shared", store: undefined })
    const other = await start({ group: "shared", store: undefined })
    await pass(10_000)
    assert.lengthOf(one.assignment, 2)
    assert.lengthOf(other.assignment, 2)
  })

  it("runs a handler for each partition, tells it by its signal when to stop, and waits for it", async () => {
    const worker = await start()
    const log: Array<string> = []
    const { promise: finished, resolve: finish } = Promise.withResolvers<void>()
    worker.forEachPartition(async ({ epoch, id, partition, signal, token }) => {
      assert.deepStrictEqual(partition.keys, [String(id)])
      assert.isAbove(token, 0)
      assert.isAbove(epoch, 0)
      log.push(`${id} begins`)
      await new Promise((resolve) => signal.addEventListener("abort", resolve))
      log.push(`${id} is told`)
      await finished
      log.push(`${id} over`)
      signal.throwIfAborted()
    })
    const errors: Array<unknown> = []
    worker.on("error", (error) => errors.push(error))
    await pass(untilGranted)
    assert.sameMembers(log, ["p0 begins", "p1 begins", "p2 begins", "p3 begins"])
    let stopped = false
    const stopping = worker.stop().then(() => {
      stopped = true
    })
    await pass(100)
    assert.sameMembers(log.slice(4), ["p0 is told", "p1 is told", "p2 is told", "p3 is told"])
    assert.isFalse(stopped)
    finish()
    await inTime(stopping)
    assert.sameMembers(log.slice(8), ["p0 over", "p1 over", "p2 over", "p3 over"])
    assert.deepStrictEqual(errors, [], "to reject with the signal's reason is to do as one was told")
  })

  it("runs a handler again that rejects or throws, and reports it", async () => {
    const worker = await start({ partitions: Group.partitions(1) })
    let runs = 0
    const errors: Array<string> = []
    worker.on("error", ({ message }) => errors.push(message))
    worker.forEachPartition(() => {
      runs += 1
      if (runs === 1) throw new Error("first")
      return runs === 2 ? Promise.reject(new Error("second")) : undefined
    })
    await pass(untilGranted)
    assert.strictEqual(runs, 3)
    assert.include(errors[0], "first")
    assert.include(errors[1], "second")
  })

  it("ends one handler for good when it is asked to, and keeps its partitions", async () => {
    const worker = await start()
    const aborted: Array<string> = []
    const end = worker.forEachPartition(async ({ id, signal }) => {
      await new Promise((resolve) => signal.addEventListener("abort", resolve))
      aborted.push(id)
    })
    await pass(untilGranted)
    await end()
    assert.lengthOf(aborted, 4)
    assert.lengthOf(worker.assignment, 4)
  })

  it("tells listeners until they are taken away, also when one of them throws", async () => {
    const worker = await start()
    const states: Array<string> = []
    const errors: Array<string> = []
    worker.on("state", () => assert.fail("a listener that throws"))
    const off = worker.on("state", ({ from, to }) => states.push(`${from} → ${to}`))
    worker.on("error", ({ message }) => errors.push(message))
    const added: Array<string> = []
    worker.on("assignment", (change) => added.push(...change.added.map(({ id }) => String(id))))
    await pass(untilGranted)
    assert.sameMembers(added, ["p0", "p1", "p2", "p3"])
    assert.isAbove(states.length, 0)
    assert.include(errors[0], "a listener that throws")
    off()
    const before = states.length
    const leads: Array<boolean> = []
    worker.on("leader", (isLeader) => leads.push(isLeader))
    await worker.stop()
    assert.lengthOf(states, before)
    assert.deepStrictEqual(leads, [false])
  })

  it("shows states, assignments and the group as async iterables that end with it", async () => {
    const worker = await start()
    const states: Array<string> = []
    const versions: Array<number> = []
    const owned: Array<number> = []
    const following = Promise.all([
      (async () => {
        for await (const state of worker.states()) states.push(state)
      })(),
      (async () => {
        for await (const { assignment } of worker.assignments()) owned.push(assignment.length)
      })(),
      (async () => {
        for await (const { version } of worker.groups()) versions.push(version)
      })()
    ])
    for await (const _ of worker.states()) break
    await pass(untilGranted)
    await inTime(worker.stop())
    await following
    assert.strictEqual(states.at(-1), "Shutdown")
    assert.strictEqual(owned.at(-1), 0)
    assert.include(owned, 4)
    assert.isAbove(versions.length, 1)
    assert.deepStrictEqual(
      versions,
      versions.toSorted((left, right) => left - right)
    )
  })

  it("takes orders", async () => {
    const worker = await start()
    await worker.refreshPartitions()
    await worker.rebalance()
    await worker.pause()
    await worker.resume()
    await worker.drain(worker.id ?? "")
    await worker.undrain(worker.id ?? "")
  })

  it("asks a function for its partitions, again and again", async () => {
    let count = 1
    const worker = await start({
      partitions: async () => Group.partitions(count),
      partitionsEveryMs: 1000
    })
    await pass(untilGranted)
    assert.lengthOf(worker.assignment, 1)
    count = 5
    await pass(5000)
    assert.lengthOf(worker.assignment, 5)
  })
})

describe("A promise that is rejected", () => {
  it("has a code, advice, the cause, and a stack that leads to the caller", async () => {
    const error = await thrown(createWorker({ group: "test", config: { leaseMs: 1 } }))
    assert.strictEqual(error.code, "ConfigInvalid")
    assert.include(error.message, "leaseMs")
    assert.include(error.advice, "options")
    assert.include(error.stack, "PromiseWorker.test.ts")
    assert.instanceOf(error.cause, Error)
  })

  it("says which partition breaks which rule", async () => {
    const error = await thrown(start({ partitions: [{ keys: [] }] }))
    assert.strictEqual(error.code, "PartitionSourceFailed")
    assert.include(error.message, "keys")
  })

  it("says what the start was waiting for", async () => {
    const store = createGroupStore()
    const first = await start({ store, config: { ...config, workerId: "mine" } })
    const error = await thrown(start({ store, config: { ...config, workerId: "mine", startupTimeoutMs: 5000 } }))
    assert.strictEqual(error.code, "StartTimedOut")
    assert.include(error.advice, "worker id")
    assert.strictEqual(first.state, "Stable")
  })

  it("says that the worker has stopped", async () => {
    const worker = await start()
    await worker.stop()
    await worker.stop({ intent: "restart" })
    assert.strictEqual((await thrown(worker.rebalance())).code, "WorkerStopped")
    assert.strictEqual((await thrown(worker.drain("somebody-else"))).code, "WorkerUnknown")
  })

  it("says that the store could not be opened", async () => {
    const store: GroupStore = { open: () => Effect.fail("connection refused") }
    const error = await thrown(start({ store }))
    assert.strictEqual(error.code, "StoreFailed")
    assert.include(error.message, "connection refused")
  })

  it("names an interval that is none, and leaves the signals of the process alone", async () => {
    const listeners = process.listenerCount("SIGUSR2")
    const error = await thrown(
      createWorker({ group: "test", partitions: async () => [], partitionsEveryMs: 0, stopOn: ["SIGUSR2"] })
    )
    assert.strictEqual(error.code, "ConfigInvalid")
    assert.include(error.message, "partitionsEveryMs")
    assert.strictEqual(process.listenerCount("SIGUSR2"), listeners)
  })

  it("says why it did not start, also where what it stood on cannot be closed", async () => {
    const foundation = Effect.andThen(
      Effect.addFinalizer(() => Effect.die("cannot be closed")),
      Effect.fail("connection refused")
    )
    const error = await thrown(createWorkerOn(foundation, { group: "test", ...quiet }))
    assert.strictEqual(error.code, "StoreFailed")
    assert.strictEqual(error.message, "connection refused")
  })

  it("rejects with the reason of the signal that gave up the start", async () => {
    const controller = new AbortController()
    const silent: GroupStore = { open: () => Effect.never }
    const starting = createWorker({ group: "test", store: silent, signal: controller.signal })
    starting.catch(() => undefined)
    await pass(100)
    controller.abort(new Error("changed my mind"))
    await pass(100)
    const error = await starting.catch((reason: unknown) => reason)
    assert.instanceOf(error, Error)
    assert.strictEqual(error.message, "changed my mind")
  })
})
