import { assert, describe, it } from "vitest"
import * as Ring from "../../src/strategy/Ring.ts"

const ring: Ring.Ring = { points: Uint32Array.of(10, 20, 20, 4_000_000_000), workers: Uint32Array.of(0, 1, 2, 1) }

describe("A ring", () => {
  it("places a hash at the first point at or after it, and past the last at the first", () => {
    assert.deepStrictEqual(
      Array.from(Ring.locate(ring, Uint32Array.of(0, 10, 11, 20, 21, 4_000_000_000, 4_000_000_001))),
      [0, 0, 1, 1, 3, 3, 0]
    )
  })

  it("passes over workers that have closed, all the way round", () => {
    const open = [true, true, true]
    const { next } = Ring.walk(ring, (worker) => open[worker] === true)
    assert.strictEqual(next(1), 1)
    open[1] = false
    assert.deepStrictEqual([next(0), next(1), next(2), next(3)], [0, 2, 2, 0])
    open[0] = false
    assert.deepStrictEqual([next(0), next(1), next(2), next(3)], [2, 2, 2, 2])
  })

  it("has points in order, as many as capacity entitles to, none of drained workers", () => {
    const workers = [2, 0, 1].map((capacity, j) => ({ id: `w${j}`, capacity, maxPartitions: null, zone: null }))
    const { points, workers: owners } = Ring.make(workers, 90, 0)
    assert.deepStrictEqual(
      [0, 1, 2].map((j) => owners.filter((owner) => owner === j).length),
      [120, 0, 60]
    )
    assert.deepStrictEqual(points, points.toSorted())
  })
})
