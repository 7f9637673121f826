import { assert, expect, layer } from "@effect/vitest"
import { CoordinationStore } from "@parti/core/CoordinationStore"
import * as Decision from "@parti/core/Decision"
import * as Parti from "@parti/core/Parti"
import * as NatsServer from "@parti/testkit/NatsServer"
import { Context, Effect, Layer, References, Result } from "effect"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as SavedLog from "../../src/cli/report/SavedLog.ts"
import * as Fixture from "../Fixture.ts"
import * as CommandLine from "./CommandLine.ts"

const partitions = Array.from({ length: 6 }, (_, place) => ({ keys: [`p${place}`] }))

/** A lease that a busy machine does not lose; the cold start ends when both are there. */
const config = { preset: "development", leaseMs: 10_000, coldStartWindowMs: 60_000, expectedWorkers: 2 } as const

interface World {
  readonly store: Fixture.Store
  readonly parti: (...argv: ReadonlyArray<string>) => Effect.Effect<CommandLine.Ran>
}

class Drained extends Context.Service<Drained, World>()("test/Drained") {}

const isDone = (text: string, reason: Decision.MoveReason): boolean => {
  const decision = Result.getOrThrow(Decision.decode(Fixture.bytes(text)))
  return decision.moves[reason] > 0 && decision.steps.stableAt !== null
}

/** A group of two that has started, and that one worker was drained from. */
const Orders = Layer.effect(
  Drained,
  Effect.gen(function* () {
    const { url } = yield* NatsServer.NatsServer
    const open = Effect.map(Fixture.connect({ servers: url }, { group: "orders" }), ({ store }) => store)
    const start = (workerId: string) =>
      Effect.flatMap(open, (own) =>
        Effect.provideService(
          Parti.make({ group: "orders", partitions, config: { ...config, workerId } }),
          CoordinationStore,
          own
        )
      )
    const [first] = yield* Effect.all([start("worker-1"), start("worker-2")], { concurrency: 2 })
    const store = yield* open
    const log = yield* Fixture.follow(store, "plan", ["decision.>"])
    const done = (reason: Decision.MoveReason) =>
      log.until(() => [...log.view.values()].some((text) => isDone(text, reason)))
    yield* done("added")
    yield* first.drain("worker-2")
    yield* done("drain")
    const parti = (...argv: ReadonlyArray<string>) => CommandLine.run([...argv, "--server", url, "--group", "orders"])
    return { store, parti }
  })
).pipe(Layer.provide(NatsServer.layer()), Layer.provide(Layer.succeed(References.MinimumLogLevel, "Error")))

const folderOfItsOwn = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "parti-"))),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true }))
)

/** Who leads is a matter of chance, and so is how long things take. */
const masked = (text: string): string =>
  CommandLine.masked(text)
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}Z/g, "TIME")
    .replaceAll(/\+\d+ ms/g, "+N ms")
    .replaceAll(/opened \d+ ms/g, "opened N ms")
    .replaceAll(/"leader": "worker-\d"/g, '"leader": "LEADER"')

const golden = (name: string, { out }: CommandLine.Ran) =>
  Effect.promise(async () => {
    await expect(masked(out)).toMatchFileSnapshot(`golden/${name}`)
  })

layer(Orders, { excludeTestServices: true, timeout: "1 minute" })(
  "parti, on a group that a worker was drained from",
  (it) => {
    it.effect("explains why a partition is where it is, in words and as JSON", () =>
      Effect.gen(function* () {
        const { parti, store } = yield* Drained
        const { decisions } = yield* Effect.provideService(Decision.read, CoordinationStore, store)
        const evidence = decisions[0]?.evidence ?? assert.fail("it is logged")
        const moved = partitions.find(({ keys: [id = ""] }) => Decision.explain(id, decisions, null).moves.length === 2)
        assert.strictEqual(evidence.count, 6)
        const id = moved?.keys[0] ?? assert.fail("something moved")
        const told = yield* parti("explain", id)
        assert.deepInclude(told, { code: 0, err: "" })
        yield* golden("explain.txt", told)
        yield* golden("explain.json.txt", yield* parti("explain", id, "--json"))
      })
    )

    it.effect("says so when nobody knows the partition, or the group", () =>
      Effect.gen(function* () {
        const { parti } = yield* Drained
        const unknown = yield* parti("explain", "p9")
        assert.deepInclude(unknown, { code: 2, out: "" })
        assert.include(unknown.err, 'knows a partition "p9"; `parti partitions` lists them')
        assert.strictEqual((yield* parti("explain")).code, 2)
      })
    )

    it.effect("replays what was decided, all of it or one, as a table and as JSON", () =>
      Effect.gen(function* () {
        const { parti } = yield* Drained
        const all = yield* parti("replay")
        assert.deepInclude(all, { code: 0, err: "" })
        yield* golden("replay.txt", all)
        yield* golden("replay-one.json.txt", yield* parti("replay", "1", "--json"))
        const none = yield* parti("replay", "99")
        assert.deepInclude(none, { code: 2, out: "" })
        assert.include(none.err, "the log has no decision 99; it has 1 to 2")
      })
    )

    it.effect("replays a log that was saved, without a server, to the same letter", () =>
      Effect.gen(function* () {
        const { parti, store } = yield* Drained
        const folder = yield* folderOfItsOwn
        const file = join(folder, "orders.json")
        const saved = yield* parti("replay", "--save", file, "--json")
        assert.deepStrictEqual(saved, yield* parti("replay", "--json"))
        const elsewhere = (...argv: ReadonlyArray<string>) =>
          CommandLine.run(["replay", "--file", file, ...argv], { NATS_URL: "127.0.0.1:1" })
        assert.deepStrictEqual(yield* elsewhere("--json"), saved)
        assert.include((yield* elsewhere("1")).out, "cold_start")
        assert.include((yield* elsewhere("99")).err, "the log has no decision 99; it has 1 to 2")
        const again = yield* parti("replay", "--save", file)
        assert.deepInclude(again, { code: 2, out: "" })
        assert.include(again.err, "--save: ")

        const { decisions } = yield* Effect.provideService(Decision.read, CoordinationStore, store)
        const { decision } = decisions.find((one) => one.decision.number === 1) ?? assert.fail("it is logged")
        const forged = Decision.encode({ ...decision, cost: { ...decision.cost, moved: decision.cost.moved + 1 } })
        const parsed = Result.getOrThrow(SavedLog.parse(readFileSync(file, "utf8")))
        const records = parsed.records.map((one) => (one.key === "decision.1" ? { ...one, value: forged } : one))
        writeFileSync(file, SavedLog.render({ ...parsed, records }))
        const differs = yield* elsewhere()
        assert.deepInclude(differs, { code: 1, err: "" })
        assert.include(differs.out, "differs in standbys or costs")
      })
    )

    it.effect("refuses files that hold no saved log", () =>
      Effect.gen(function* () {
        const { parti } = yield* Drained
        const folder = yield* folderOfItsOwn
        const file = join(folder, "log.json")
        const refused = Effect.fnUntraced(function* (text: string, why: RegExp) {
          writeFileSync(file, text)
          const { code, err, out } = yield* parti("replay", "--file", file)
          assert.deepStrictEqual({ code, out }, { code: 2, out: "" }, err)
          assert.match(err, why)
        })
        yield* refused("", /log\.json is no saved log: it is not what/)
        yield* refused('{"group":"orders","records":[{"key":"plan","value":"%"}]}', /it is not what/)
        yield* refused('{"group":"orders","records":[{"key":"a b","value":""}]}', /it has a record "a b": ./)
        assert.match((yield* parti("replay", "--file", join(folder, "none"))).err, /--file: .*none cannot be read/)
        assert.match((yield* parti("replay", "--file", file, "--save", file)).err, /give one of them/)
      })
    )

    it.effect("ends with 1 when a decision comes out otherwise than it was logged", () =>
      Effect.gen(function* () {
        const { parti, store } = yield* Drained
        const { decisions } = yield* Effect.provideService(Decision.read, CoordinationStore, store)
        const { decision } = decisions.find((one) => one.decision.number === 1) ?? assert.fail("it is logged")
        const cost = { ...decision.cost, moved: decision.cost.moved + 1 }
        yield* store.put("plan", "decision.1", Decision.encode({ ...decision, cost }))
        const differs = yield* parti("replay", "1")
        assert.deepInclude(differs, { code: 1, err: "" })
        assert.include(differs.out, "differs in standbys or costs")
        yield* store.put("plan", "decision.1", Fixture.bytes("rubbish"))
        const spoiled = yield* parti("replay")
        assert.strictEqual(spoiled.code, 0)
        assert.include(spoiled.out, "decision.1 cannot be read: it is not JSON")
      })
    )
  }
)
