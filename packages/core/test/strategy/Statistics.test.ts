import * as Result from "effect/Result"
import { assert, describe, it } from "vitest"
import { measure, prepare } from "../../src/Strategy.ts"

/** Partitions `p0`, `p1`, …: their weights, owners before and owners after, all in this order. */
const measured = (
  capacities: ReadonlyArray<number>,
  rows: ReadonlyArray<readonly [weight: number, before: number, after: number]>
) => {
  const input = Result.getOrThrow(
    prepare({
      workers: capacities.map((capacity, j) => ({ id: `w${j}`, capacity })),
      partitions: rows.map(([weight], i) => ({ keys: [`p${i}`], weight })),
      previous: rows.flatMap(([, before], i) => (before < 0 ? [] : [[`p${i}`, `w${before}`] as const]))
    })
  )
  const owner = Int32Array.from(input.partitions.ids, (id) => rows[Number(id.slice(1))]?.[2] ?? -1)
  return measure(input, owner)
}

const times = <A>(count: number, row: A): ReadonlyArray<A> => Array<A>(count).fill(row)

describe("Statistics", () => {
  it("tell what had to move from what did not", () => {
    const statistics = measured(
      [1, 1, 0],
      [
        [2, -1, 0],
        [3, 0, 0],
        [4, 0, 1],
        [5, 2, 1]
      ]
    )
    assert.include(statistics, { forced: 7, forcedCount: 2, voluntary: 4, voluntaryCount: 1 })
  })

  it("count partitions where all weigh the same, whatever that is", () => {
    assert.include(measured([1, 1], times(4, [0.1, 0, 0])), { maxOverFair: 2, minOverFair: 0, voluntary: 0 })
    assert.include(measured([1, 1], [...times(2, [7, 0, 0] as const), ...times(2, [7, 0, 1] as const)]), {
      voluntary: 2,
      lowerBound: 2
    })
  })

  it("know that what must move anyway fills what is missing", () => {
    // Six of eight with owners, two without: the newcomer wants four, and gets two for nothing.
    const statistics = measured(
      [1, 1],
      [...times(4, [1, 0, 0] as const), ...times(2, [1, 0, 1] as const), ...times(2, [1, -1, 1] as const)]
    )
    assert.include(statistics, { forced: 2, voluntary: 2, lowerBound: 2 })
    const wasteful = measured(
      [1, 1, 1],
      [...times(4, [1, -1, 0] as const), ...times(4, [1, 1, 2] as const), ...times(4, [1, -1, 1] as const)]
    )
    assert.include(wasteful, { forced: 8, voluntary: 4, lowerBound: 0 })
  })

  it("round bounds on counts to whole partitions", () => {
    const statistics = measured([1, 3], [...times(3, [1, 1, 0] as const), ...times(7, [1, 1, 1] as const)])
    assert.include(statistics, { voluntary: 3, lowerBound: 3 })
    const other = measured(
      [1, 3],
      [...times(2, [1, 0, 0] as const), ...times(4, [1, 0, 1] as const), ...times(4, [1, 1, 1] as const)]
    )
    assert.include(other, { voluntary: 4, lowerBound: 4 })
  })

  it("measure a giant's worker against the giant, and the others without it", () => {
    const rows = [[100, 0, 0], ...times(5, [1, 1, 1] as const), ...times(5, [1, 2, 2] as const), [2, 2, 2]] as const
    const statistics = measured([1, 1, 1], rows)
    assert.deepInclude([statistics.maxOverFair.toFixed(3), statistics.minOverFair.toFixed(3)], "1.167")
    assert.strictEqual(statistics.minOverFair.toFixed(3), "0.833")
  })

  it("do not ask a giant to move for balance", () => {
    const rows = [
      [100, 0, 0],
      [1, 0, 1],
      [1, 0, 2],
      [2, 1, 1],
      [2, 2, 2]
    ] as const
    assert.include(measured([1, 1, 1], rows), { voluntary: 2, lowerBound: 2, maxOverFair: 1, minOverFair: 1 })
    const wasteful = [
      [100, 0, 0],
      [1, 0, 1],
      [1, 0, 2],
      [2, 1, 2],
      [2, 2, 1]
    ] as const
    assert.include(measured([1, 1, 1], wasteful), { voluntary: 6, lowerBound: 2 })
  })

  it("are calm about nothing", () => {
    assert.include(measured([1, 1], []), { maxOverFair: 1, minOverFair: 1, lowerBound: 0 })
    assert.include(
      measured(
        [1, 1],
        [
          [0, 0, 0],
          [0, -1, 1]
        ]
      ),
      { maxOverFair: 1, minOverFair: 1, forced: 1 }
    )
  })
})
