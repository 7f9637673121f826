import { assert, describe, it } from "@effect/vitest"
import * as Assignment from "../../src/model/Assignment.ts"
import * as Partition from "../../src/model/Partition.ts"

const own = (key: string, token: number): Assignment.Tenure => ({ id: Partition.id({ keys: [key], weight: 1 }), token })

const some = [own("a", 5), own("b", 6)]

describe("The difference between two assignments", () => {
  it("is what came and what went", () => {
    assert.deepStrictEqual(Assignment.difference(some, [own("b", 6), own("c", 9)]), {
      added: [own("c", 9)],
      removed: [own("a", 5)]
    })
  })

  it("has a partition on both sides when its token changed", () => {
    assert.deepStrictEqual(Assignment.difference(some, [own("a", 5), own("b", 9)]), {
      added: [own("b", 9)],
      removed: [own("b", 6)]
    })
  })

  it("is everything against nothing, and nothing against the same in another order", () => {
    assert.deepStrictEqual(Assignment.difference([], some), { added: some, removed: [] })
    assert.deepStrictEqual(Assignment.difference(some, []), { added: [], removed: some })
    assert.deepStrictEqual(Assignment.difference(some, [own("b", 6), own("a", 5)]), { added: [], removed: [] })
  })
})
