import { assert, describe, it } from "@effect/vitest"
import * as Assignment from "../../src/model/Assignment.ts"
import * as Partition from "../../src/model/Partition.ts"
import { nobody } from "../../src/model/Plan.ts"
import { numbered, plan } from "./PlanSample.ts"

const list = numbered(90, 6)

const [a, b, c] = Partition.index(list.partitions).ids

const given = plan({
  list,
  owner: [0, 0, 0, 1, 1, nobody],
  next: [0, 1, nobody, 1, 0, 0],
  token: [99, 98, 97, 96, 95, 0]
})

const idsOf = (some: ReadonlyArray<Assignment.AssignedPartition>) => some.map(({ id, token }) => [id, token])

describe("A worker's assignment", () => {
  it("is what its session owns and is to keep", () => {
    const own = Assignment.ofPlan(given, "s0")
    assert.deepInclude(own, { epoch: 7, version: 100 })
    assert.deepStrictEqual(idsOf(own.partitions), [[a, 99]])
    assert.strictEqual(own.partitions[0]?.partition, list.partitions[0])
  })

  it("is empty for a session that the plan does not know", () => {
    assert.deepStrictEqual(Assignment.ofPlan(given, "other"), { epoch: 7, version: 100, partitions: [] })
  })
})

describe("The difference between two assignments", () => {
  const all = Assignment.ofPlan(plan({ list, owner: [0, 0, 1, 1, 1, 1], token: [5, 6, 0, 0, 0, 0] }), "s0")
  const later = Assignment.ofPlan(plan({ list, owner: [1, 0, 0, 1, 1, 1], token: [9, 6, 9, 0, 0, 0] }), "s0")

  it("is what came and what went", () => {
    const { added, removed } = Assignment.difference(all, later)
    assert.deepStrictEqual(idsOf(added), [[c, 9]])
    assert.deepStrictEqual(idsOf(removed), [[a, 5]])
  })

  it("has a partition on both sides when its token changed", () => {
    const back = Assignment.ofPlan(plan({ list, owner: [0, 0, 1, 1, 1, 1], token: [5, 9, 0, 0, 0, 0] }), "s0")
    const { added, removed } = Assignment.difference(all, back)
    assert.deepStrictEqual(idsOf(added), [[b, 9]])
    assert.deepStrictEqual(idsOf(removed), [[b, 6]])
  })

  it("is everything against nothing, and nothing against itself", () => {
    assert.deepStrictEqual(Assignment.difference(Assignment.none, all), { added: all.partitions, removed: [] })
    assert.deepStrictEqual(Assignment.difference(all, Assignment.none), { added: [], removed: all.partitions })
    assert.deepStrictEqual(Assignment.difference(all, { ...all, version: 101 }), { added: [], removed: [] })
  })
})
