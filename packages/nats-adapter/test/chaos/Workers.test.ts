import { assert, describe, it } from "@effect/vitest"
import * as NatsServer from "@parti/testkit/NatsServer"
import { Effect } from "effect"
import * as Scenario from "../../../../chaos/Scenario.ts"
import * as Workers from "../../../../chaos/scenarios/Workers.ts"
import * as Verdict from "./Verdict.ts"

const small = { workers: 3, partitions: 16, perSecond: 400 }
/** Messages that take a while, so that there are some in hand. */
const slow = { ...small, perSecond: 80, handlerMs: 100 }

const play = (
  sizes: Scenario.Sizes,
  acts: ReadonlyArray<Scenario.Act>,
  settings: NonNullable<Scenario.World["settings"]> = () => ({})
) => Effect.flatMap(NatsServer.make(), ({ url }) => Scenario.run(sizes, { servers: [url], settings }, acts))

const patience = 100_000

describe("A group of processes", () => {
  it.live(
    "has another leader when one is killed, and when one leaves",
    () => Effect.map(play(small, [Workers.leaderKilled({ times: 1 }), Workers.leaderLeft]), Verdict.holds),
    patience
  )

  it.live(
    "takes nothing more from a worker that was paused past its lease, be it the leader or not",
    () =>
      Effect.gen(function* () {
        const acts = (["leader", "follower"] as const).map((whom) => Workers.paused({ times: 1, whom }))
        const outcome = yield* play(slow, acts)
        Verdict.holds(outcome)
        assert.isNotEmpty(outcome.account.staleEffects, "they had messages in hand when they were paused")
      }),
    patience
  )

  it.live(
    "goes on without a worker whose own code blocks it for longer than its lease, and does not mind a moment",
    () =>
      Effect.gen(function* () {
        const act = Workers.blocked({ forMs: [1_000, 4_100], leaseMs: 2_000 })
        const outcome = yield* play({ ...small, workers: 2, handlerMs: 5 }, [act])
        Verdict.holds(outcome)
      }),
    patience
  )

  it.live(
    "would be harmed by such a worker, were tokens not checked",
    () =>
      Effect.gen(function* () {
        const { breaches } = yield* play({ ...slow, workers: 2, checks: false }, [
          Workers.paused({ times: 1, whom: "follower" })
        ])
        assert.isNotEmpty(breaches)
        for (const breach of breaches) assert.match(breach, /an effect of message \d+ of partition \w+ was accepted/)
      }),
    patience
  )

  it.live(
    "comes back when all are killed at once and started again",
    () => {
      const settings = (index: number) => ({ config: { ...Scenario.quick, instance: `host-${index}` } })
      return Effect.map(
        play({ ...small, workers: 2 }, [Workers.allKilled({ times: 1, settings })], settings),
        Verdict.holds
      )
    },
    patience
  )

  it.live(
    "handles each message, and in order, while workers join, crash and leave",
    () => {
      const sizes = { ...small, partitions: 64, perSecond: 3_000 }
      return Effect.map(play(sizes, [Workers.churn({ messages: 20_000 })]), Verdict.holds)
    },
    patience
  )

  it.live(
    "moves every partition twenty times under a backlog, and handles nothing twice",
    () =>
      Effect.gen(function* () {
        const config = { ...Scenario.quick, plannedWindowMs: 0, drainWindowMs: 0, minRebalanceIntervalMs: 0 }
        const sizes = { ...small, workers: 2, partitions: 8, perSecond: 600, handlerMs: 5, config }
        const outcome = yield* play(sizes, [Workers.moved({ times: 20 })])
        Verdict.holds(outcome)
        assert.deepStrictEqual(outcome.account.duplicates, [])
      }),
    patience
  )

  it.live(
    "hands on what leavers had in hand, and handles nothing twice",
    () =>
      Effect.gen(function* () {
        const outcome = yield* play(slow, [Workers.left])
        Verdict.holds(outcome)
        assert.deepStrictEqual(outcome.account.duplicates, [])
      }),
    patience
  )
})
