import { assert, describe, it } from "vitest"
import * as PartitionSet from "../../src/model/PartitionSet.ts"
import * as Replay from "../../src/protocol/Replay.ts"
import { fromColumns } from "../../src/strategy/Custom.ts"
import { sticky } from "../../src/strategy/Sticky.ts"
import * as Sample from "./DecisionSample.ts"

const good = Sample.logged(Sample.joining(3, Sample.numbered(12), sticky({ standby: true })))

describe("A replay", () => {
  it("agrees with what was decided, and tells its digest", () => {
    assert.deepStrictEqual(Replay.run(good), { _tag: "Agrees", outcome: good.decision.outcome })
  })

  it("tells which partitions go elsewhere by what is computed now", () => {
    const { evidence } = good
    const [first = -1, ...others] = evidence.target
    const other = (first + 1) % 3
    const changed = { ...good, evidence: { ...evidence, target: [other, ...others] } }
    const [partition = assert.fail("there is one")] = PartitionSet.of(evidence.partitions ?? []).ids
    const logged = evidence.workers[other]?.id ?? null
    const recomputed = evidence.workers[first]?.id ?? null
    const differences = [{ partition, logged, recomputed }]
    assert.deepStrictEqual(Replay.run(changed), { _tag: "Differs", count: 1, differences })
  })

  it("notices a cost that is not that of the plan, and standbys that are others", () => {
    const { decision, evidence } = good
    const cost = { ...decision.cost, moved: decision.cost.moved + 1 }
    const differs = { _tag: "Differs", count: 0, differences: [] } as const
    assert.deepStrictEqual(Replay.run({ ...good, decision: { ...decision, cost } }), differs)
    assert.deepStrictEqual(Replay.run({ ...good, evidence: { ...evidence, standby: null } }), differs)
  })

  const why = (logged: Parameters<typeof Replay.run>[0], strategy?: Parameters<typeof Replay.run>[1]) => {
    const replayed = Replay.run(logged, strategy)
    return replayed._tag === "Unreplayable" ? replayed.why : assert.fail(replayed._tag)
  }

  it("says why it cannot be", () => {
    const { decision, evidence } = good
    const { strategy } = decision
    const bare = { ...decision, strategy: { ...strategy, recipe: null } }
    assert.strictEqual(why({ decision, evidence: null, missing: "it is lost" }), "it is lost")
    assert.match(why({ decision, evidence: { ...evidence, partitions: null } }), /list of partitions was too large/)
    assert.match(why({ decision, evidence: { ...evidence, hints: evidence.from } }), /digests differ/)
    assert.match(why({ decision: bare, evidence }), /digests differ/)
    assert.match(
      why(
        good,
        fromColumns("mine", () => [])
      ),
      /decided by sticky, version 1; here is mine/
    )
  })

  it("asks for a strategy that was made from a function", () => {
    const first = fromColumns("first", ({ partitions: { ids } }) => ids.map(() => 0))
    const logged = Sample.logged(Sample.joining(2, Sample.numbered(5), first))
    assert.match(why(logged), /made from a function/)
    assert.strictEqual(Replay.run(logged, first)._tag, "Agrees")
    const thrower = fromColumns("first", () => assert.fail("not today"))
    assert.match(why(logged, thrower), /refuses it now/)
  })
})
