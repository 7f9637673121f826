import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import type { Compression } from "../../src/model/Compression.ts"
import * as Limit from "../../src/model/Limit.ts"
import * as ListCodec from "../../src/model/ListCodec.ts"
import { zlib } from "../../src/runtime/Compression.ts"
import { listOf, numbered } from "./PlanSample.ts"

const bytes = (text: string) => new TextEncoder().encode(text)

const text = (encoded: Uint8Array) => new TextDecoder().decode(encoded)

/** Shows what is written before it is compressed. */
const plain: Compression = { deflate: (document) => document, inflate: () => null }

const reasonOf = (result: Result.Result<unknown, { readonly reason: string }>): string => {
  if (Result.isSuccess(result)) assert.fail(`was read as ${JSON.stringify(result.success).slice(0, 200)}`)
  return result.failure.reason
}

describe("A list of partitions", () => {
  const list = listOf(90, [{ keys: ["tool 7", "é"] }, { keys: ["a"], weight: 2.5 }, { keys: [""], weight: 0 }])

  it("is the same JSON for ever", () => {
    const [chunk, ...more] = ListCodec.encode(list, zlib)
    assert.deepStrictEqual(more, [])
    assert.strictEqual(chunk?.key, "partitions.90.0")
    assert.strictEqual(
      text(chunk?.bytes ?? bytes("")),
      `{"v":1,"version":90,"chunk":0,"partitions":[[1,"tool 7","é"],[2.5,"a"],[0,""]]}`
    )
    assert.deepStrictEqual(ListCodec.name(list), { version: 90, count: 3, chunks: 1, fingerprint: "09c37eda53571152" })
  })

  it("has no chunks without partitions", () => {
    const empty = numbered(90, 0)
    assert.deepStrictEqual(ListCodec.encode(empty, zlib), [])
    assert.deepStrictEqual(ListCodec.decode(ListCodec.name(empty), [], zlib), Result.succeed(empty))
  })

  it("is cut where it is always cut, however it is compressed, and read again", () => {
    const large = listOf(
      90,
      Array.from({ length: 12_000 }, (_, i) => ({ keys: [`${i}`.padStart(60, "0"), "\u0001é"] }))
    )
    const [packed, bare] = [ListCodec.encode(large, zlib), ListCodec.encode(large, plain)]
    assert.deepStrictEqual(
      packed.map(({ key }) => key),
      ["partitions.90.0", "partitions.90.1"]
    )
    assert.deepStrictEqual(
      packed.map(({ bytes: value }) => text(zlib.inflate(value, 1e6) ?? value)),
      bare.map((one) => text(one.bytes))
    )
    for (const one of bare) assert.isAtMost(one.bytes.length, Limit.maxValueBytes)
    assert.isAtLeast(bare[0]?.bytes.length ?? 0, Limit.maxValueBytes - 1024)
    const values = packed.map(({ bytes: value }) => value)
    assert.deepStrictEqual(ListCodec.decode(ListCodec.name(large), values, zlib), Result.succeed(large))
    assert.match(
      reasonOf(ListCodec.decode(ListCodec.name(large), values.toReversed(), zlib)),
      /partitions\.90\.0: it says it is chunk 1/
    )
    assert.match(reasonOf(ListCodec.decode(ListCodec.name(large), values.slice(0, 1), zlib)), /not 12000/)
  })

  const chunk = (fields: object) =>
    bytes(JSON.stringify({ v: 1, version: 90, chunk: 0, partitions: [[1, "a"]], ...fields }))

  const wrong: ReadonlyArray<readonly [what: string, value: Uint8Array, reason: RegExp]> = [
    ["is not JSON", bytes("{"), /not JSON/],
    ["was written by a newer version", chunk({ v: 2 }), /newer version/],
    ["belongs to another version", chunk({ version: 91 }), /chunk 0 of version 91/],
    ["lists something else", chunk({ partitions: [{}] }), /not \[weight, key/],
    ["has a weight that is text", chunk({ partitions: [["1", "a"]] }), /not \[weight, key/],
    ["has a key that is a number", chunk({ partitions: [[1, 2]] }), /not \[weight, key/],
    ["has a partition without keys", chunk({ partitions: [[1]] }), /at least one/],
    ["has a negative weight", chunk({ partitions: [[-1, "a"]] }), /weight/],
    [
      "has one partition with two weights",
      chunk({
        partitions: [
          [1, "a"],
          [2, "a"]
        ]
      }),
      /list it once/
    ],
    [
      "has a partition too many",
      chunk({
        partitions: [
          [1, "a"],
          [1, "b"],
          [1, "c"]
        ]
      }),
      /more than 2 partitions/
    ],
    [
      "has a partition twice",
      chunk({
        partitions: [
          [1, "a"],
          [1, "a"]
        ]
      }),
      /1 different partitions, not 2/
    ],
    [
      "has other partitions",
      chunk({
        partitions: [
          [1, "a"],
          [1, "b"]
        ]
      }),
      /other partitions than those that the plan names/
    ]
  ]

  it.each(wrong)("is refused when a chunk %s", (_, value, reason) => {
    const name = { version: 90, count: 2, chunks: 1, fingerprint: "0" }
    assert.match(reasonOf(ListCodec.decode(name, [value], zlib)), reason)
  })

  it("is read whatever fields a later release has added", () => {
    const small = listOf(90, [{ keys: ["a"] }])
    assert.deepStrictEqual(ListCodec.decode(ListCodec.name(small), [chunk({ zones: [] })], zlib), Result.succeed(small))
  })
})
