import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { createServer } from "node:http"
import type { WorkerState } from "../../src/protocol/Manager.ts"
import * as Health from "../../src/runtime/Health.ts"
import { healthHandler } from "../../src/runtime/HealthHandler.ts"
import * as Group from "./Group.ts"

const patience = { leaseMs: 10_000, marginMs: 500 }

const well: Health.Status = { state: "Stable", mayRun: true, silentMs: 2000, end: null }

/** What a worker is like, and the first reasons why it does not live and is not ready; `null` where it does and is. */
const rules: ReadonlyArray<
  readonly [what: string, status: Partial<Health.Status>, live: string | null, ready: string | null]
> = [
  ["takes part in its group", {}, null, null],
  ["has no turn for a while", { silentMs: 31_500 }, null, null],
  ["has no turn for three full leases", { silentMs: 31_501 }, "has not turned", "has not turned"],
  ["could not renew its lease", { mayRun: false }, null, "the lease is over"],
  ["is stopping", { state: "Shutdown", mayRun: false }, null, "is stopping"],
  ["was stopped, however long ago", { state: "Shutdown", end: "Stopped", silentMs: 1e9 }, null, "has ended"],
  ["could not start", { state: "Shutdown", end: "StartFailed" }, "could not start", "could not start"],
  ["died of a mistake", { state: "Shutdown", end: "Died" }, "mistake of the program", "mistake of the program"],
  ...(["Init", "ClaimingId", "Election", "WaitingAssignment"] satisfies ReadonlyArray<WorkerState>).map(
    (state) => [`is in the state ${state}`, { state, mayRun: false }, null, state] as const
  ),
  ...(["Scaling", "Rebalancing", "Emergency"] satisfies ReadonlyArray<WorkerState>).map(
    (state) => [`is in the state ${state}`, { state }, null, null] as const
  )
]

const assertVerdict = ({ ok, reasons }: Health.Verdict, reason: string | null) => {
  assert.strictEqual(ok, reason === null, reasons.join())
  assert.strictEqual(reasons.length === 0, ok)
  if (reason !== null) assert.include(reasons[0], reason)
}

describe("The health of a worker that", () => {
  it.each(rules)("%s", (_, status, live, ready) => {
    const health = Health.judge(patience, { ...well, ...status })
    assertVerdict(health.live, live)
    assertVerdict(health.ready, ready)
  })
})

describe("A worker", () => {
  it.effect("lives and is not ready while it starts, and is ready when it takes part", () =>
    Effect.gen(function* () {
      const group = yield* Group.make({ partitions: Group.partitions(2) })
      const { parti } = yield* group.join("a")
      assertVerdict((yield* parti.health).live, null)
      assertVerdict((yield* parti.health).ready, "does not take part")
      yield* Group.pass("1 minute")
      assert.deepStrictEqual(yield* parti.health, { live: { ok: true, reasons: [] }, ready: { ok: true, reasons: [] } })
    })
  )

  it.effect("lives however long the store is away, and is ready only while its lease holds", () =>
    Effect.gen(function* () {
      const group = yield* Group.settled(["a"], { partitions: Group.partitions(2) })
      const { link, parti } = group.member("a")
      yield* link.cut
      yield* Group.pass("6 seconds")
      assertVerdict((yield* parti.health).ready, null)
      yield* Group.pass("10 minutes")
      assertVerdict((yield* parti.health).live, null)
      assertVerdict((yield* parti.health).ready, "the lease is over")
      yield* link.heal
      yield* Group.pass("1 minute")
      assertVerdict((yield* parti.health).ready, null)
    })
  )

  it.effect("stays ready without its store if it is to hold on", () =>
    Effect.gen(function* () {
      const group = yield* Group.settled(["a"], { partitions: Group.partitions(2), config: { onStoreLoss: "hold" } })
      const { link, parti } = group.member("a")
      yield* link.cut
      yield* Group.pass("10 minutes")
      assertVerdict((yield* parti.health).ready, null)
      yield* link.heal
    })
  )

  it.effect("lives and is not ready when it has stopped", () =>
    Effect.gen(function* () {
      const group = yield* Group.settled(["a"], { partitions: Group.partitions(2) })
      const { parti } = group.member("a")
      const stopping = yield* Effect.forkChild(parti.stop())
      yield* Group.pass("1 minute")
      assert.isDefined(stopping.pollUnsafe())
      assertVerdict((yield* parti.health).live, null)
      assertVerdict((yield* parti.health).ready, "has ended")
    })
  )
})

/** A server on loopback, and what it answers. */
const serving = async <A>(
  find: Parameters<typeof healthHandler>[0],
  use: (ask: (path: string, init?: RequestInit) => Promise<Response>) => Promise<A>
): Promise<A> => {
  const server = createServer(healthHandler(find))
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const address = server.address()
  const port = typeof address === "object" && address !== null ? address.port : assert.fail("it listens on a port")
  try {
    return await use((path, init) => fetch(`http://127.0.0.1:${port}${path}`, init))
  } finally {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
}

describe("The handler for HTTP", () => {
  const suspended = () => ({ health: () => Health.judge(patience, { ...well, mayRun: false }) })

  it("answers 200, or 503 with the reasons", () =>
    serving(suspended, async (ask) => {
      const live = await ask("/livez?verbose")
      assert.deepStrictEqual([live.status, await live.text()], [200, "ok\n"])
      const ready = await ask("/readyz")
      assert.strictEqual(ready.status, 503)
      assert.match(await ready.text(), /^the lease is over.*\n$/)
    }))

  it("says before there is a worker that the process lives and is not ready", () =>
    serving(
      () => null,
      async (ask) => {
        assert.strictEqual((await ask("/livez")).status, 200)
        assert.include(await (await ask("/readyz")).text(), "has not started yet")
      }
    ))

  it("shows the metrics of the process", () =>
    serving(suspended, async (ask) => {
      const response = await ask("/metrics")
      assert.include(response.headers.get("content-type"), "version=0.0.4")
      assert.strictEqual(response.status, 200)
    }))

  it("refuses what it does not know", () =>
    serving(suspended, async (ask) => {
      assert.strictEqual((await ask("/partitions")).status, 404)
      const post = await ask("/livez", { method: "POST" })
      assert.deepStrictEqual([post.status, post.headers.get("allow")], [405, "GET, HEAD"])
      const head = await ask("/livez", { method: "HEAD" })
      assert.deepStrictEqual([head.status, await head.text()], [200, ""])
    }))
})
