import { assert, describe, it } from "@effect/vitest"
import type { Problem } from "@parti/core/Errors"
import { createWorker, type WorkerOptions } from "@parti/nats-adapter/Worker"
import * as Guardian from "@parti/nats-adapter/Guardian"
import * as NatsServer from "@parti/testkit/NatsServer"
import { Deferred, Effect, Fiber, Logger, References } from "effect"
import { fileURLToPath } from "node:url"
import { vi } from "vitest"
import * as ChildProcess from "./ChildProcess.ts"
import * as Fixture from "./Fixture.ts"

const script = fileURLToPath(new URL("processes/guarded.ts", import.meta.url))
const guardingScript = fileURLToPath(new URL("processes/guarding.ts", import.meta.url))
const root = fileURLToPath(new URL("../../../", import.meta.url))

/** As the script has it. */
const config: WorkerOptions["config"] = {
  coldStart: "eager",
  plannedWindowMs: 0,
  minRebalanceIntervalMs: 0,
  leaseMs: 6_000,
  degradedAfterMs: 4_000
}

const eventually = (check: () => void) => Effect.promise(() => vi.waitFor(check, { timeout: 25_000, interval: 5 }))

/** A worker of this process, which leads, and one of another process under a guardian, with four partitions each. */
const setUp = (ends: (pid: number) => void) =>
  Effect.gen(function* () {
    const { url } = yield* NatsServer.make()
    const partitions = Array.from({ length: 8 }, (_, i) => ({ keys: [`p${i}`] }))
    const own = yield* Effect.acquireRelease(
      Effect.promise(() => createWorker({ servers: url, group: "g", partitions, config, logLevel: "None" })),
      (worker) => Effect.promise(() => worker.stop())
    )
    const problems: Array<Problem> = []
    own.on("error", (problem) => problems.push(problem))
    yield* eventually(() => assert.lengthOf(own.assignment, 8))
    yield* Effect.acquireRelease(
      Effect.sync(() => vi.stubEnv("NATS_URL", url)),
      () => Effect.sync(() => vi.unstubAllEnvs())
    )
    const guarded = yield* Effect.forkScoped(
      Guardian.run({
        servers: url,
        group: "g",
        command: process.execPath,
        args: ["--conditions=@parti/source", script]
      })
    )
    yield* eventually(() => {
      assert.lengthOf(own.assignment, 4)
      assert.deepStrictEqual(
        own.group.workers.map((worker) => worker.partitions),
        [4, 4]
      )
    })
    const other = own.group.workers.find(({ id }) => id !== own.id) ?? assert.fail("there are two")
    // A guarded session tells the number of its process.
    ends(Number(other.session.split(".")[1]))
    const ended = yield* Fiber.join(guarded)
    yield* eventually(() => assert.lengthOf(own.assignment, 8))
    const evictedByLeader = problems.filter(
      (problem) => problem._tag === "ProblemReported" && problem.report._tag === "WorkerEvicted"
    )
    return { ended, evictedByLeader }
  }).pipe(Effect.provideService(References.MinimumLogLevel, "None"))

describe("A guardian", () => {
  it.live("tells the group that its worker process was killed, so that nobody waits for the lease", () =>
    Effect.gen(function* () {
      const { ended, evictedByLeader } = yield* setUp((pid) => process.kill(pid, "SIGKILL"))
      assert.deepStrictEqual(ended, { code: null, signal: "SIGKILL", evicted: 1 })
      assert.deepStrictEqual(evictedByLeader, [], "the leader did not have to find out by itself")
    })
  )

  it.live("has nothing to tell when its worker process has ended in good order", () =>
    Effect.gen(function* () {
      const { ended } = yield* setUp((pid) => process.kill(pid, "SIGTERM"))
      assert.deepStrictEqual(ended, { code: 0, signal: null, evicted: 0 })
    })
  )

  it.live("leaves the buckets to its worker, which knows how they are to be", () =>
    Effect.gen(function* () {
      const { url } = yield* NatsServer.make()
      const tried = yield* Deferred.make<string>()
      const logger = Logger.make(({ message }) => Deferred.doneUnsafe(tried, Effect.succeed(String(message))))
      const args = ["-e", "setInterval(() => {}, 1000)"]
      yield* Guardian.run({ servers: url, group: "g", command: process.execPath, args }).pipe(
        Effect.provide(Logger.layer([logger])),
        Effect.forkScoped
      )
      assert.include(yield* Deferred.await(tried), "does not reach its group yet")
      const { manager } = yield* Fixture.connect({ servers: url }, { group: "other" })
      const names = yield* Effect.promise(() => manager.streams.names().next())
      assert.sameMembers(names, ["KV_other-live", "KV_other-plan"])
    })
  )

  it.live("passes a signal of the terminal on once, though that signals the whole process group", () =>
    Effect.gen(function* () {
      const guarding = yield* ChildProcess.run(
        { command: process.execPath, args: ["--conditions=@parti/source", guardingScript], cwd: root, detached: true },
        {}
      )
      yield* guarding.says(/ready/)
      process.kill(-(guarding.child.pid ?? assert.fail("it runs")), "SIGINT")
      yield* guarding.says(/SIGINT 1/)
      guarding.child.kill("SIGTERM")
      assert.strictEqual(yield* guarding.ended, 0, guarding.printed())
      assert.notInclude(guarding.printed(), "SIGINT 2")
    })
  )

  it.live("says that a command could not be started", () =>
    Effect.gen(function* () {
      const command = "/nowhere/a-command-that-is-not-there"
      const error = yield* Effect.flip(Guardian.run({ servers: "127.0.0.1:1", group: "g", command }))
      assert.strictEqual(error._tag, "CommandFailed")
      assert.match(error.message, /ENOENT/)
    })
  )

  it("finds words for whatever kept a command from starting", () => {
    const cause: unknown = Object.assign(Object.create(null), { why: "no memory" })
    assert.include(new Guardian.CommandFailed({ command: "worker", cause }).message, "no memory")
  })

  it.live("ends with its worker process although the group cannot be reached", () =>
    Effect.gen(function* () {
      const args = ["-e", "process.exitCode = 7"]
      const options = { servers: "127.0.0.1:1", group: "g", command: process.execPath, args, evictTimeout: 50 }
      const ended = yield* Guardian.run(options).pipe(Effect.provideService(References.MinimumLogLevel, "None"))
      assert.deepStrictEqual(ended, { code: 7, signal: null, evicted: null })
    })
  )
})
