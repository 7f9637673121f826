import { describe, it } from "@effect/vitest"
import { CoordinationStore } from "@parti/core/CoordinationStore"
import * as Decision from "@parti/core/Decision"
import * as MemoryStore from "@parti/core/MemoryStore"
import { begin } from "@parti/core/Testing"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { assert } from "vitest"
import * as FaultyStore from "../src/FaultyStore.ts"
import type { Store } from "../src/link/Link.ts"

const partitions = Array.from({ length: 12 }, (_, i) => ({ keys: [`p${i}`] }))

const isOfLog = (key: string): boolean => key.startsWith("decision.") || key.startsWith("evidence.")

/** Only what concerns the log of decisions goes by the bad link. */
const onlyLog = (inner: Store, bad: Store): Store => ({
  ...inner,
  put: (bucket, key, value) => (isOfLog(key) ? bad : inner).put(bucket, key, value),
  watch: (bucket, patterns) => (patterns.some(isOfLog) ? bad : inner).watch(bucket, patterns)
})

/** Two workers, then a third; and in the end, by the plan, who has how many. */
const grow = (rates: Partial<FaultyStore.Rates>) =>
  Effect.gen(function* () {
    const inner = yield* MemoryStore.make()
    const link = yield* FaultyStore.make(inner, { seed: 5, rates })
    const store = onlyLog(inner, link.store)
    const start = Effect.acquireRelease(
      Effect.provideService(begin({ group: "g", partitions }), CoordinationStore, store),
      ({ crash }) => crash
    )
    const first = yield* start
    yield* start
    yield* TestClock.adjust("1 minute")
    yield* start
    yield* TestClock.adjust("1 minute")
    const { newest } = first.board.plans.current()
    const counts = newest?.workers.map((_, index) => newest.owner.filter((owner) => owner === index).length)
    const read = yield* Effect.provideService(Decision.read, CoordinationStore, inner)
    return { counts, read, faults: yield* link.faults }
  })

describe("A group whose decisions cannot be logged", () => {
  const faults: ReadonlyArray<readonly [what: string, rates: Partial<FaultyStore.Rates>, fault: FaultyStore.Fault]> = [
    ["refused", { refused: 1 }, "Refused"],
    ["lost", { requestLost: 1 }, "RequestLost"]
  ]

  it.effect.each(faults)("since each write of them is %s goes on as if nothing were", ([, rates, fault]) =>
    Effect.gen(function* () {
      const { counts, faults: met, read } = yield* grow(rates)
      assert.deepStrictEqual(counts, [4, 4, 4])
      assert.deepStrictEqual(read.decisions, [])
      assert.isAbove(met[fault], 2, "it was tried")
    })
  )

  it.effect("has them logged all the same when only the answers are lost", () =>
    Effect.gen(function* () {
      const { counts, read } = yield* grow({ replyLost: 1 })
      assert.deepStrictEqual(counts, [4, 4, 4])
      assert.deepStrictEqual(
        read.decisions.map((logged) => [logged.decision.number, Decision.replay(logged)._tag]),
        [
          [2, "Agrees"],
          [1, "Agrees"]
        ]
      )
    })
  )

  it.effect("tries a write again that was refused at first", () =>
    Effect.gen(function* () {
      const { counts, faults: met, read } = yield* grow({ refused: 0.4 })
      assert.deepStrictEqual(counts, [4, 4, 4])
      assert.isAbove(met.Refused, 0, "another seed is needed")
      assert.isAbove(read.decisions.length, 0, "another seed is needed")
      for (const logged of read.decisions) {
        assert.include(["Agrees", "Unreplayable"], Decision.replay(logged)._tag)
      }
    })
  )
})
