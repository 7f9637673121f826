import { assert, describe, it } from "@effect/vitest"
import * as NatsServer from "@parti/testkit/NatsServer"
import * as NatsServerCluster from "@parti/testkit/NatsServerCluster"
import * as TcpProxy from "@parti/testkit/TcpProxy"
import { Effect } from "effect"
import * as Scenario from "../../../../chaos/Scenario.ts"
import * as Servers from "../../../../chaos/scenarios/Servers.ts"
import * as Verdict from "./Verdict.ts"

const sizes = { workers: 2, partitions: 16, perSecond: 400 }

const patience = 100_000

describe("A group of processes", () => {
  it.live.each(["file", "memory"] as const)(
    "goes on when its server was killed, with its buckets in %s storage",
    (storage) =>
      Effect.gen(function* () {
        const server = yield* NatsServer.make()
        const world = { servers: [server.url], storage }
        Verdict.holds(yield* Scenario.run(sizes, world, [Servers.killed(server, { times: 1, downMs: 1_000 })]))
      }),
    patience
  )

  it.live(
    "goes on when its server stood still, for less than a lease and for longer",
    () =>
      Effect.gen(function* () {
        const server = yield* NatsServer.make()
        const act = Servers.paused(server, { forMs: [2_000, 8_000] })
        Verdict.holds(yield* Scenario.run(sizes, { servers: [server.url] }, [act]))
      }),
    patience
  )

  it.live(
    "is given again what it ended only after its lease, when its server stood still",
    () =>
      Effect.gen(function* () {
        const server = yield* NatsServer.make()
        const slow = { ...sizes, partitions: 64, perSecond: 16, handlerMs: 3_000 }
        const world = { servers: [server.url], settings: () => ({ heedsSignal: false }) }
        const outcome = yield* Scenario.run(slow, world, [Servers.paused(server, { forMs: [4_000] })])
        Verdict.holds(outcome)
        assert.include(new Set(outcome.account.duplicates.map(({ excuse }) => excuse)), "Late")
      }),
    patience
  )

  it.live(
    "goes on when the consumers of all its messages are deleted under it, and each of its buckets",
    () =>
      Effect.gen(function* () {
        const server = yield* NatsServer.make()
        const acts = [Servers.consumersDeleted({ times: 1 }), Servers.bucketsDeleted([["live"], ["plan"]])]
        const calmer = { ...sizes, perSecond: 100, patienceMs: 60_000 }
        Verdict.holds(yield* Scenario.run(calmer, { servers: [server.url] }, acts))
      }),
    2 * patience
  )

  it.live(
    "goes on without a worker whose link is cut one way or both, and with it again later",
    () =>
      Effect.gen(function* () {
        const server = yield* NatsServer.make()
        const proxy = yield* TcpProxy.make({ targetPort: server.port })
        const settings = (index: number) => (index === 0 ? { servers: [proxy.url] } : {})
        const act = Servers.linkCut(proxy, { ways: ["toServer", "toClient", "both"], shortMs: 500 })
        Verdict.holds(yield* Scenario.run(sizes, { servers: [server.url], settings }, [act]))
      }),
    patience
  )

  it.live(
    "goes on when a server dies, out of a cluster of three: the one that led its plan, then one that did not",
    () =>
      Effect.gen(function* () {
        const servers = yield* NatsServerCluster.make()
        const urls = servers.map(({ url }) => url)
        const acts = (["leader", "follower"] as const).map((which) => Servers.clusterRolled(servers, which))
        Verdict.holds(yield* Scenario.run(sizes, { servers: urls, replicas: 3 }, acts))
      }),
    patience
  )
})
