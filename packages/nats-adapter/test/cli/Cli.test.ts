import { assert, expect, layer } from "@effect/vitest"
import { jetstreamManager } from "@nats-io/jetstream"
import { CoordinationStore } from "@parti/core/CoordinationStore"
import * as Decision from "@parti/core/Decision"
import * as GroupObserver from "@parti/core/GroupObserver"
import * as Parti from "@parti/core/Parti"
import { EventLoopDelay } from "@parti/core/Testing"
import * as NatsConnection from "@parti/nats-adapter/NatsConnection"
import * as NatsStore from "@parti/nats-adapter/NatsStore"
import * as NatsServer from "@parti/testkit/NatsServer"
import { Context, Effect, Layer, References, Stream } from "effect"
import * as ChildProcess from "../ChildProcess.ts"
import * as CommandLine from "./CommandLine.ts"

const partitions = Array.from({ length: 6 }, (_, place) => ({ keys: [`p${place}`] }))

/** Leases that a busy machine does not lose, and windows that nobody waits for. */
const config = {
  heartbeatIntervalMs: 1000,
  leaseMs: 6000,
  marginMs: 300,
  degradedAfterMs: 3000,
  recoverAfterMs: 1000,
  fenceLeadMs: 500,
  coldStart: "eager",
  plannedWindowMs: 50,
  minRebalanceIntervalMs: 50,
  drainWindowMs: 50
} as const

interface World {
  readonly url: string
  readonly workers: ReadonlyArray<Parti.PartiService>
  /** Runs the command on the group. */
  readonly parti: (...argv: ReadonlyArray<string>) => Effect.Effect<CommandLine.Ran>
}

class Group extends Context.Service<Group, World>()("test/Group") {}

/** The event loop of the first is late, as far as its worker can tell; nobody's real delays come into the golden files. */
const delayMs = { "worker-1": 700, "worker-2": 0 }

const join = (url: string, workerId: keyof typeof delayMs, capacity: number) =>
  Effect.gen(function* () {
    const nats = yield* NatsConnection.make({ servers: url, name: workerId })
    const store = yield* Effect.provideService(NatsStore.make({ group: "orders" }), NatsConnection.NatsConnection, nats)
    const options = {
      group: "orders",
      partitions,
      config: { ...config, workerId, capacity, zone: `zone-of-${workerId}`, version: "1.4.2" }
    }
    const probe = Effect.succeed({ read: () => delayMs[workerId] })
    const parti = yield* Parti.make(options).pipe(
      Effect.provideService(CoordinationStore, store),
      Effect.provideService(EventLoopDelay, probe)
    )
    yield* parti.forEachPartition(() => Effect.never)
    return parti
  })

const isSettled = (workers: number) => (view: Effect.Success<Parti.PartiService["group"]>) =>
  view.workers.length === workers &&
  view.phase.tag === "Idle" &&
  view.unowned === 0 &&
  view.handingOver === 0 &&
  view.partitions === 6

const until = (
  { groupChanges }: Parti.PartiService,
  isTrue: (view: Effect.Success<Parti.PartiService["group"]>) => boolean
) => groupChanges.pipe(Stream.takeUntil(isTrue), Stream.runDrain)

/**
 * Waits until the log has so many decisions, which is written behind what they lead to, and until each worker has said in its
 * record which plan it follows, which has time until its next heartbeat.
 */
const told = (url: string, decisions: number) =>
  Effect.gen(function* () {
    const nats = yield* NatsConnection.make({ servers: url })
    const store = yield* Effect.provideService(NatsStore.make({ group: "orders" }), NatsConnection.NatsConnection, nats)
    const isLogged = Stream.takeUntil(Decision.follow, ([newest]) => newest?.number === decisions)
    yield* Effect.provideService(Stream.runDrain(isLogged), CoordinationStore, store)
    const { changes } = yield* Effect.provideService(GroupObserver.make("orders"), CoordinationStore, store)
    const isFollowed = Stream.takeUntil(changes, ({ workers }) =>
      workers.every(({ record }) => record.applied.version > 0)
    )
    yield* Stream.runDrain(isFollowed)
  }).pipe(Effect.scoped)

/** Two workers of different capacities; the first leads. */
const Orders = Layer.effect(
  Group,
  Effect.gen(function* () {
    const { url } = yield* NatsServer.NatsServer
    const first = yield* join(url, "worker-1", 2)
    yield* until(first, isSettled(1))
    const second = yield* join(url, "worker-2", 1)
    yield* until(first, isSettled(2))
    yield* told(url, 2)
    const parti = (...argv: ReadonlyArray<string>) => CommandLine.run([...argv, "--server", url, "--group", "orders"])
    return { url, workers: [first, second], parti }
  })
).pipe(Layer.provide(NatsServer.layer()), Layer.provide(Layer.succeed(References.MinimumLogLevel, "Error")))

const golden = (name: string, { out }: CommandLine.Ran) =>
  Effect.promise(async () => {
    await expect(CommandLine.masked(out)).toMatchFileSnapshot(`golden/${name}`)
  })

layer(Orders, { excludeTestServices: true, timeout: "60 seconds" })("parti, on a group of two", (it) => {
  it.effect("shows how the group is, as a table and as JSON", () =>
    Effect.gen(function* () {
      const { parti } = yield* Group
      const table = yield* parti("status")
      assert.deepInclude(table, { code: 0, err: "" })
      yield* golden("status.txt", table)
      yield* golden("status.json.txt", yield* parti("status", "--json"))
    })
  )

  it.effect("lists partitions, of one worker if it is asked for", () =>
    Effect.gen(function* () {
      const { parti } = yield* Group
      yield* golden("partitions.txt", yield* parti("partitions"))
      yield* golden("partitions-of-one.json.txt", yield* parti("partitions", "--worker", "worker-2", "--json"))
      const refused = yield* parti("partitions", "--worker", "worker-9")
      assert.deepInclude(refused, { code: 2, out: "" })
      assert.include(refused.err, "it knows worker-1, worker-2")
    })
  )

  it.effect("tells what a rebalance would move, and moves nothing", () =>
    Effect.gen(function* () {
      const { parti, workers } = yield* Group
      const before = yield* Effect.forEach(workers, ({ assignment }) => assignment)
      yield* golden("plan.txt", yield* parti("plan", "--dry-run"))
      yield* golden("plan-one-more.txt", yield* parti("plan", "--dry-run", "--add-workers", "1"))
      yield* golden("plan-one-less.json.txt", yield* parti("plan", "--dry-run", "--remove", "worker-2", "--json"))
      yield* golden("plan-rendezvous.txt", yield* parti("plan", "--dry-run", "--strategy", "rendezvous"))
      assert.deepStrictEqual(yield* Effect.forEach(workers, ({ assignment }) => assignment), before)
      for (const argv of [
        ["plan"],
        ["plan", "--dry-run", "--remove", "worker-9"],
        ["plan", "--dry-run", "--add-workers", "-1"]
      ]) {
        assert.strictEqual((yield* parti(...argv)).code, 2, argv.join(" "))
      }
      assert.include(
        (yield* parti("plan", "--dry-run", "--remove", "worker-1", "--remove", "worker-2")).err,
        "no worker"
      )
    })
  )

  it.effect("pauses and resumes, which status and doctor show", () =>
    Effect.gen(function* () {
      const { parti } = yield* Group
      yield* golden("pause.txt", yield* parti("pause"))
      assert.include((yield* parti("status")).out, "paused")
      assert.include((yield* parti("doctor")).out, "paused-long")
      yield* golden("resume.json.txt", yield* parti("resume", "--json"))
      assert.notInclude((yield* parti("status")).out, "paused")
    })
  )

  it.effect("drains a worker and takes that back, and the group obeys", () =>
    Effect.gen(function* () {
      const { parti, workers } = yield* Group
      const [first = assert.fail("one leads")] = workers
      assert.strictEqual((yield* parti("drain", "worker-2")).code, 0)
      yield* until(first, (view) => isSettled(1)(view) && view.workers[0]?.partitions === 6)
      const drained = yield* parti("status")
      assert.include(drained.out, "draining")
      yield* golden("undrain.txt", yield* parti("undrain", "worker-2"))
      yield* until(first, isSettled(2))
      const unknown = yield* parti("drain", "worker-9")
      assert.deepInclude(unknown, { code: 1, out: "" })
      assert.include(unknown.err, "there is worker-1, worker-2")
      assert.strictEqual((yield* parti("undrain", "worker-1")).code, 1)
    })
  )

  it.effect("asks for a rebalance, and for a new reading of the source", () =>
    Effect.gen(function* () {
      const { parti, workers } = yield* Group
      const [first = assert.fail("one leads")] = workers
      yield* golden("rebalance.txt", yield* parti("rebalance"))
      yield* golden("refresh.txt", yield* parti("refresh"))
      yield* until(first, isSettled(2))
    })
  )

  it.effect("watches: a line for each change, where there is no terminal", () =>
    Effect.gen(function* () {
      const { url, parti } = yield* Group
      const watching = yield* ChildProcess.start(
        "packages/nats-adapter/src/cli/main.ts",
        { NATS_URL: url, PARTI_GROUP: "orders" },
        ["watch"]
      )
      yield* watching.says(/group orders: Idle, workers: 2, partitions: 6, unowned: 0/)
      yield* parti("pause")
      yield* watching.says(/pause of orders: none → paused/)
      yield* parti("resume")
      yield* watching.says(/pause of orders: paused → none/)
      watching.child.kill("SIGINT")
      assert.strictEqual(yield* watching.ended, 130)
    })
  )

  it.effect("ends a watch whose reader has gone, as head does", () =>
    Effect.gen(function* () {
      const { parti, url } = yield* Group
      const env = { NATS_URL: url, PARTI_GROUP: "orders" }
      const watching = yield* ChildProcess.start("packages/nats-adapter/src/cli/main.ts", env, ["watch"])
      yield* watching.says(/group orders/)
      watching.child.stdout?.destroy()
      yield* parti("pause")
      yield* parti("resume")
      assert.strictEqual(yield* watching.ended, 130)
    })
  )

  it.effect("watches: a picture that is drawn again in its place, in a terminal, until q is pressed", () =>
    Effect.gen(function* () {
      const { url } = yield* Group
      const shown: Array<string> = []
      const argv = ["watch", "--server", url, "--group", "orders"]
      const ran = yield* CommandLine.run(
        argv,
        {},
        CommandLine.terminal("worker-2", "q", (text) => shown.push(text))
      )
      assert.deepStrictEqual(ran, { code: 0, out: "", err: "" })
      assert.include(shown[0], "\u001B[?1049h", "it takes the other screen")
      assert.strictEqual(shown[1]?.indexOf("\u001B[Hgroup orders at"), 0, "and draws from the top")
      assert.include(shown.at(-1), "\u001B[?1049l", "and gives the screen back")
    })
  )

  it.effect("finds nothing wrong with a group that is well", () =>
    Effect.gen(function* () {
      const { parti } = yield* Group
      const well = yield* parti("doctor")
      assert.strictEqual(well.code, 0)
      yield* golden("doctor.txt", well)
      yield* golden("doctor.json.txt", yield* parti("doctor", "--json"))
      const ill = yield* parti("doctor", "--ids", "2")
      assert.strictEqual(ill.code, 1)
      yield* golden("doctor-ill.txt", ill)
      assert.strictEqual((yield* parti("doctor", "--stream", "NONE")).code, 2)
    })
  )

  it.effect("looks at the consumers of a stream, if it is named", () =>
    Effect.gen(function* () {
      const { parti, url } = yield* Group
      const { connection } = yield* NatsConnection.make({ servers: url })
      yield* Effect.promise(async () => {
        const manager = await jetstreamManager(connection)
        await manager.streams.add({ name: "ORDERS", subjects: ["orders.>"], max_consumers: 7 })
      })
      const { code, out } = yield* parti("doctor", "--stream", "ORDERS", "--consumption", "billing")
      assert.strictEqual(code, 0)
      assert.match(out, /max-consumers: ORDERS takes 7 consumers and may need 12/)
      assert.match(out, /missing-consumers: 6 owned partitions have no consumer on ORDERS/)
    })
  )

  it.effect("makes no group that is not there, and says where it has looked", () =>
    Effect.gen(function* () {
      const { url } = yield* Group
      const missing = yield* CommandLine.run(["status", "--server", url, "--group", "orderz"])
      assert.deepInclude(missing, { code: 5, out: "" })
      assert.include(missing.err, 'there is no group "orderz"')
      const doctor = yield* CommandLine.run(["doctor", "--server", url, "--group", "orderz"])
      assert.strictEqual(doctor.code, 1)
      assert.include(doctor.out, "group-missing")
    })
  )

  it.effect("shows no credentials of the address when nobody answers there", () =>
    Effect.gen(function* () {
      const env = { NATS_URL: "nats://ada:nobody-may-see@127.0.0.1:1", PARTI_GROUP: "orders" }
      for (const words of [["doctor"], ["doctor", "--json"], ["status"], ["explain", "p0"], ["demo", "--nats"]]) {
        const { code, err, out } = yield* CommandLine.run([...words, "--timeout", "0.2"], env)
        assert.notStrictEqual(code, 0, words.join(" "))
        assert.include(out + err, "127.0.0.1:1", words.join(" "))
        assert.notInclude(out + err, "nobody-may-see")
      }
    })
  )

  it.effect("does the same as a process of its own, with its settings from the environment", () =>
    Effect.gen(function* () {
      const { parti, url } = yield* Group
      const process = yield* ChildProcess.start(
        "packages/nats-adapter/src/cli/main.ts",
        { NATS_URL: url, PARTI_GROUP: "orders" },
        ["partitions"]
      )
      assert.strictEqual(yield* process.ended, 0)
      assert.strictEqual(process.printed(), (yield* parti("partitions")).out)
      const wrong = yield* ChildProcess.start("packages/nats-adapter/src/cli/main.ts", {}, ["status", "--nonsense"])
      assert.strictEqual(yield* wrong.ended, 2)
      assert.match(wrong.printed(), /^parti: .*--nonsense.*; see `parti status --help`\n$/)
    })
  )
})
