import * as Result from "effect/Result"
import { assert, describe, it } from "vitest"
import { prepare } from "../../src/Strategy.ts"
import { Board } from "../../src/strategy/Board.ts"
import * as Bounds from "../../src/strategy/Bounds.ts"

const { partitions } = Result.getOrThrow(
  prepare({ workers: [], partitions: [4, 3, 2, 1].map((weight, i) => ({ keys: [`p${i}`], weight })) })
)

const [heavy = 0, second = 0, third = 0, light = 0] = partitions.heaviestFirst

const frame = Bounds.frame(partitions, Float64Array.of(1, 1), Float64Array.of(4, 2), { up: 0, down: 0 }, null)

const board = (budget: { readonly load: number; readonly count: number }, origin = new Int32Array(4)) =>
  new Board(frame, origin, origin, Bounds.loadsOf(partitions, origin, 2), budget)

describe("A board", () => {
  it("keeps loads, counts and room up to date", () => {
    const one = board({ load: Infinity, count: Infinity })
    one.transfer(heavy, 1)
    one.transfer(light, 1)
    assert.deepStrictEqual([one.load(0), one.load(1), one.count(0), one.count(1)], [5, 5, 2, 2])
    assert.isFalse(one.hasRoom(1))
    assert.deepStrictEqual(one.pool(), [])
    one.transfer(third, -1)
    one.transfer(second, -1)
    assert.deepStrictEqual(one.pool(), [second, third])
  })

  it("admits moves up to a number", () => {
    const one = board({ load: Infinity, count: 2 })
    assert.isTrue(one.mayMove(heavy, second))
    one.transfer(heavy, 1)
    assert.isFalse(one.mayMove(second, third))
    one.transfer(second, 1)
    assert.isFalse(one.mayMove(third))
    assert.isTrue(one.mayMove(second), "it has moved already")
  })

  it("admits moves up to a load, and the first one in any case", () => {
    const one = board({ load: 3, count: Infinity })
    assert.isTrue(one.mayMove(heavy))
    assert.isFalse(one.mayMove(heavy, light))
    one.transfer(light, 1)
    assert.isTrue(one.mayMove(third))
    assert.isFalse(one.mayMove(second))
    assert.isFalse(board({ load: 0, count: 9 }).mayMove(light))
  })

  it("gives back the budget of what returns", () => {
    const one = board({ load: 4, count: 1 })
    one.transfer(heavy, 1)
    assert.isFalse(one.mayMove(light))
    one.transfer(heavy, 0)
    assert.isTrue(one.mayMove(light))
  })

  it("does not charge for what had no owner", () => {
    const one = board({ load: 0, count: 0 }, Int32Array.of(-1, -1, -1, -1))
    assert.isTrue(one.mayMove(heavy))
    one.transfer(heavy, 1)
    assert.isTrue(one.mayMove(heavy))
  })

  it("charges from the start for what has moved before", () => {
    const start = new Int32Array(4)
    start[light] = 1
    const one = new Board(frame, new Int32Array(4), start, Bounds.loadsOf(partitions, start, 2), { load: 9, count: 1 })
    assert.isFalse(one.mayMove(heavy))
  })
})
