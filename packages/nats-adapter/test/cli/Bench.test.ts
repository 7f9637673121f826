import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Spread from "../../src/cli/bench/Spread.ts"
import * as BenchReport from "../../src/cli/report/BenchReport.ts"
import * as ChildProcess from "../ChildProcess.ts"
import * as CommandLine from "./CommandLine.ts"
import * as EmptyServer from "./EmptyServer.ts"

const patience = { timeout: 60_000 }
const main = "packages/nats-adapter/src/cli/main.ts"

/** What is going on, and a key that is written then. */
const moments = [
  { while: "one client writes", writes: "bench.>" },
  { while: "workers work", writes: "worker.>" }
]

const spread = (p99Ms: number): Spread.Spread => ({ count: 1, p50Ms: p99Ms, p99Ms })

describe("The bench", () => {
  it.live(
    "measures a server, and leaves nothing on it",
    () =>
      Effect.gen(function* () {
        const { manager, url } = yield* EmptyServer.make
        const { code, err, out } = yield* CommandLine.run(["bench", "--seconds", "4", "--json", "--server", url])
        assert.deepInclude({ code, err }, { code: 0, err: "" }, out)
        const report: BenchReport.BenchReport = JSON.parse(out)
        for (const { count, p50Ms, p99Ms } of [report.roundTrip, report.write, report.putToWatch, report.unowned]) {
          assert.isAbove(count, 0, out)
          assert.isAbove(p50Ms ?? 0, 0, out)
          assert.isAtLeast(p99Ms ?? 0, p50Ms ?? 0, out)
        }
        assert.isAtLeast(report.unowned.count, (2 * report.partitions) / 3, "a third moved, there and back")
        assert.isAbove(report.writesPerSecond, 0, out)
        assert.isAbove(report.startToStableMs, report.leaseWaitMs, out)
        assert.match(report.group, /^parti-bench-/)
        assert.deepStrictEqual(yield* EmptyServer.streamsOf(manager), [])
      }).pipe(Effect.scoped),
    patience
  )

  it.live.each(moments)(
    "leaves no bucket behind when it is interrupted while $while",
    ({ writes }) =>
      Effect.gen(function* () {
        const { manager, nats, url } = yield* EmptyServer.make
        const written = nats.connection.subscribe(`$KV.short-lived-live.${writes}`, { max: 1 })
        const argv = ["bench", "--seconds", "4", "--as", "short-lived"]
        const measuring = yield* ChildProcess.start(main, { NATS_URL: url }, argv)
        yield* Effect.promise(() => written[Symbol.asyncIterator]().next())
        assert.deepStrictEqual(yield* EmptyServer.streamsOf(manager), ["KV_short-lived-live", "KV_short-lived-plan"])
        measuring.child.kill("SIGINT")
        assert.strictEqual(yield* measuring.ended, 130)
        assert.deepStrictEqual(yield* EmptyServer.streamsOf(manager), [])
      }).pipe(Effect.scoped),
    patience
  )

  it.live("refuses a length that it cannot have", () =>
    Effect.gen(function* () {
      const { code, err } = yield* CommandLine.run(["bench", "--seconds", "1"])
      assert.strictEqual(code, 2)
      assert.include(err, "--seconds takes a whole number from 4 to 600")
    })
  )

  it("tells which presets bear the slowest writes", () => {
    const figures = { roundTrip: spread(1), putToWatch: spread(1), writesPerSecond: 1, writers: 1 }
    const borneAt = (ms: number) => BenchReport.borne({ ...figures, write: spread(ms) })
    const words = (ms: number) => borneAt(ms).presets.map(({ bears, preset }) => `${preset}: ${bears}`)
    assert.deepStrictEqual(words(1), ["development: well", "balanced: well", "production: well"])
    assert.deepStrictEqual(words(100), ["development: badly", "balanced: well", "production: well"])
    assert.deepStrictEqual(words(3000), ["development: not", "balanced: not", "production: badly"])
    assert.strictEqual(borneAt(100).leastLeaseMs, 2000)
  })

  it("counts also the way there where that is slower than a write", () => {
    const slow = { roundTrip: spread(100), putToWatch: spread(1), writesPerSecond: 1, writers: 1, write: spread(1) }
    assert.strictEqual(BenchReport.borne(slow).leastLeaseMs, 2000)
  })

  it("takes the smallest samples that half, and 99 of 100, are within", () => {
    const samples = Array.from({ length: 200 }, (_, index) => 200 - index)
    assert.deepStrictEqual(Spread.of(samples), { count: 200, p50Ms: 100, p99Ms: 198 })
    assert.deepStrictEqual(Spread.of([7]), { count: 1, p50Ms: 7, p99Ms: 7 })
    assert.deepStrictEqual(Spread.of([]), { count: 0, p50Ms: null, p99Ms: null })
  })

  it("says what it has measured, and what that allows", () => {
    const store = {
      roundTrip: spread(0.414),
      write: spread(90),
      putToWatch: spread(1),
      writesPerSecond: 9,
      writers: 32
    }
    const lines = BenchReport.render({
      ...store,
      ...BenchReport.borne(store),
      server: "nats://a",
      serverVersion: "2.12.0",
      group: "g",
      lengthMs: 10_000,
      partitions: 60,
      measuredWith: "development",
      startToStableMs: 2421.5,
      leaseWaitMs: 2100,
      unowned: { count: 0, p50Ms: null, p99Ms: null }
    })
    assert.includeMembers(
      [...lines],
      [
        "  round trip                 0.41 ms, 99 of 100 within 0.41 ms (of 1)",
        "  two workers, until stable  2422 ms; 2100 ms of it a lease, as in each group without a plan",
        "  planned move, unowned      not measured: too little time"
      ]
    )
    assert.match(lines.join("\n"), /development +2000 ms +100 ms +well\n/)
  })
})
