import { assert, describe, it } from "@effect/vitest"
import { CoordinationStore } from "@parti/core/CoordinationStore"
import * as Decision from "@parti/core/Decision"
import * as Parti from "@parti/core/Parti"
import * as NatsServer from "@parti/testkit/NatsServer"
import { Effect, Exit, References, Result, Scope } from "effect"
import * as Fixture from "./Fixture.ts"

/** A lease that a busy machine does not lose. */
const config = {
  preset: "development",
  leaseMs: 8_000,
  coldStartWindowMs: 100,
  plannedWindowMs: 100,
  minRebalanceIntervalMs: 0
} as const

const partitions = Array.from({ length: 30 }, (_, i) => ({ keys: [`p${i}`] }))

const isDone = (text: string, reason: Decision.MoveReason, count: number): boolean => {
  const { moves, steps } = Result.getOrThrow(Decision.decode(Fixture.bytes(text)))
  return moves[reason] === count && steps.stableAt !== null
}

describe("The log of decisions on NATS", () => {
  it.live("explains and replays from another connection what a group has done", () =>
    Effect.gen(function* () {
      const server = yield* NatsServer.make()
      const open = Effect.map(Fixture.connect({ servers: server.url }, { group: "g" }), ({ store }) => store)
      const start = Effect.flatMap(open, (store) =>
        Effect.provideService(Parti.make({ group: "g", partitions, config }), CoordinationStore, store)
      )
      const reader = yield* open
      const log = yield* Fixture.follow(reader, "plan", ["decision.>"])
      /** Waits until a decision that moved so many has come to its end, and reads them all. */
      const done = (reason: Decision.MoveReason, count: number) =>
        log
          .until(() => [...log.view.values()].some((text) => isDone(text, reason, count)))
          .pipe(Effect.andThen(Effect.provideService(Decision.read, CoordinationStore, reader)))

      const first = yield* start
      yield* done("added", 30)
      const leaver = yield* Scope.make()
      const second = yield* Scope.provide(start, leaver)
      const name = yield* second.workerId
      yield* done("balance", 15)
      yield* Scope.close(leaver, Exit.void)
      const { decisions, plan, unreadable } = yield* done("drain", 15)

      assert.deepStrictEqual(unreadable, [])
      for (const logged of decisions) assert.strictEqual(Decision.replay(logged)._tag, "Agrees")
      const owner = yield* first.workerId
      const histories = partitions.map(({ keys: [id = ""] }) => Decision.explain(id, decisions, plan))
      assert.isTrue(histories.every(({ holder }) => holder?.owner === owner))
      const travelled = histories.filter(({ moves }) => moves.length === 3)
      assert.lengthOf(travelled, 15)
      for (const { moves } of travelled) {
        assert.deepStrictEqual(
          moves.map(({ from, reason, to }) => [from, reason, to]),
          [
            [name, "drain", owner],
            [owner, "balance", name],
            [null, "added", owner]
          ]
        )
      }
    }).pipe(Effect.provideService(References.MinimumLogLevel, "None"))
  )
})
