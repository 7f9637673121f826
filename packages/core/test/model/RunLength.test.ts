import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import * as RunLength from "../../src/model/RunLength.ts"

const bounds = { length: 4, minimum: -1, maximum: 9 }

const written: ReadonlyArray<readonly [ReadonlyArray<number>, string]> = [
  [[], ""],
  [[7], "7"],
  [[7, 7], "2*7"],
  [[3, 3, 3, 7, -1, -1], "3*3,7,2*-1"],
  [[0, 1, 0], "0,1,0"]
]

const refused: ReadonlyArray<readonly [what: string, text: string]> = [
  ["too few numbers", "3*1"],
  ["too many numbers", "5*1"],
  ["far too many numbers", "9999999999*1"],
  ["a run of none", "0*1,4*1"],
  ["a run of less than none", "-4*1"],
  ["a value below the bounds", "4*-2"],
  ["a value above the bounds", "4*10"],
  ["minus zero", "4*-0"],
  ["a leading zero", "4*01"],
  ["a fraction", "4*1.5"],
  ["an exponent", "4*1e0"],
  ["a space", "4* 1"],
  ["an empty run", "2*1,,2*1"],
  ["a comma at the end", "4*1,"],
  ["a second star", "2*2*1"],
  ["no digits", "4*"],
  ["a number beyond exactness", "4*99999999999999999"],
  ["nothing", ""]
]

describe("A column of numbers", () => {
  it.each(written)("%j is written as %j", (column, text) => {
    assert.strictEqual(RunLength.encode(column), text)
    assert.deepStrictEqual(RunLength.decode(text, { ...bounds, length: column.length }), Result.succeed(column))
  })

  it.each(refused)("is refused with %s", (_, text) => {
    assert.isTrue(Result.isFailure(RunLength.decode(text, bounds)))
  })

  it("is read as it was written", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.integer({ min: -1, max: 2 }), fc.maxSafeInteger())), (column) => {
        const read = RunLength.decode(RunLength.encode(column), {
          length: column.length,
          minimum: Number.MIN_SAFE_INTEGER,
          maximum: Number.MAX_SAFE_INTEGER
        })
        assert.deepStrictEqual(read, Result.succeed(column))
      }),
      { seed: 20261123, numRuns: 300 }
    )
  })
})
