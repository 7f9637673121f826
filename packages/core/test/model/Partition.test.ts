import * as Result from "effect/Result"
import { assert, describe, it } from "vitest"
import * as Hash from "../../src/model/Hash.ts"
import * as Partition from "../../src/model/Partition.ts"

const ok = (keys: ReadonlyArray<string>, weight?: number) => Result.getOrThrow(Partition.make({ keys, weight }))

const normal = (list: ReadonlyArray<Partition.PartitionInput>) => Result.getOrThrow(Partition.normalise(list))

const fault = (input: unknown) => {
  // Callers in plain JavaScript can pass anything.
  const made = Partition.make(input as Partition.PartitionInput)
  assert.isTrue(Result.isFailure(made))
  return Result.isFailure(made) ? made.failure : assert.fail()
}

describe("Partition.id", () => {
  it("joins plain keys by dots", () => {
    assert.strictEqual(Partition.id(ok(["tool-7", "Chamber_1"])), "tool-7.Chamber_1")
  })

  it("escapes what a subject or a bucket key cannot carry", () => {
    assert.strictEqual(Partition.id(ok(["a b", "c.d", "*>", "=", ""])), "a=20b.c=2ed.=2a=3e.=3d.=")
    assert.strictEqual(Partition.id(ok(["é", "😀", "\ud800", "\u0000"])), "=u00e9.=ud83d=ude00.=ud800.=00")
  })

  it("keeps apart what joining by a dash or a dot would confuse", () => {
    const ids = [
      ["a-b", "c"],
      ["a", "b-c"],
      ["a.b", "c"],
      ["a", "b.c"],
      ["a", "b", "c"],
      ["", "a"],
      ["a", ""],
      ["a"]
    ].map((keys) => Partition.id(ok(keys)))
    assert.strictEqual(new Set(ids).size, ids.length)
  })

  it("does not normalise: one letter written two ways is two partitions", () => {
    assert.notStrictEqual(Partition.id(ok(["é"])), Partition.id(ok(["e\u0301"])))
  })
})

describe("Partition.make", () => {
  it("weighs 1 when nothing is said, and may weigh 0", () => {
    assert.deepStrictEqual(ok(["a"]), { keys: ["a"], weight: 1 })
    assert.deepStrictEqual(ok(["a"], 0), { keys: ["a"], weight: 0 })
    const nothing: unknown = { keys: ["a"], weight: null }
    assert.deepStrictEqual(normal([nothing as Partition.PartitionInput]), [{ keys: ["a"], weight: 1 }])
    assert.isTrue(Object.is(ok(["a"], -0).weight, 0))
  })

  it("does not keep the caller's array", () => {
    const keys = ["a"]
    const made = ok(keys)
    keys.push("b")
    assert.deepStrictEqual(made.keys, ["a"])
  })

  it("refuses a partition without keys, with too many, or with keys that are no strings", () => {
    assert.strictEqual(fault({ keys: [] }).rule, "there must be at least one")
    assert.strictEqual(fault({ keys: Array(17).fill("a") }).rule, "there may be at most 16")
    assert.strictEqual(fault({ keys: ["a", 7] }).rule, "they are an array of strings")
    assert.strictEqual(fault({ keys: "abc" }).rule, "they are an array of strings")
    assert.strictEqual(fault({}).field, "keys")
  })

  it("refuses keys whose id is too long for a subject, and says how long it is", () => {
    assert.isTrue(Result.isSuccess(Partition.make({ keys: ["x".repeat(256)] })))
    assert.match(fault({ keys: ["x".repeat(257)] }).message, /at most 256 characters, not 257/)
    assert.match(fault({ keys: [" ".repeat(100)] }).message, /not 300/)
  })

  it.each([NaN, Infinity, -Infinity, -1, "3"])("refuses the weight %s and names partition and rule", (weight) => {
    const error = fault({ keys: ["tool-7"], weight })
    assert.strictEqual(error._tag, "PartitionInvalid")
    assert.strictEqual(error.field, "weight")
    assert.include(error.message, String(weight))
    assert.include(error.message, `["tool-7"]`)
    assert.include(error.message, "it must be finite and not negative")
  })
})

describe("Partition.normalise", () => {
  it("counts a partition that is listed twice once", () => {
    assert.deepStrictEqual(normal([{ keys: ["a"] }, { keys: ["a"], weight: 1 }]), [{ keys: ["a"], weight: 1 }])
  })

  it("refuses a partition that is listed with two weights", () => {
    const made = Partition.normalise([{ keys: ["a"], weight: 1 }, { keys: ["b"] }, { keys: ["a"], weight: 2 }])
    assert.isTrue(Result.isFailure(made))
    if (Result.isSuccess(made)) return
    assert.strictEqual(made.failure._tag, "DuplicatePartition")
    assert.strictEqual(made.failure.message, "partition a is listed with weight 1 and with weight 2; list it once")
  })

  it("refuses a list with one bad partition and says which", () => {
    const made = Partition.normalise([{ keys: ["a"] }, { keys: ["b"], weight: NaN }])
    assert.match(Result.isFailure(made) ? made.failure.message : "", /weight NaN of partition \["b"\]/)
  })

  it("copies what it is given, with one key or with several", () => {
    const input = [{ keys: ["a"] }, { keys: ["b", "c"] }]
    const made = normal(input)
    for (const { keys } of input) keys.push("x")
    assert.sameDeepMembers(
      made.map(({ keys }) => keys),
      [["a"], ["b", "c"]]
    )
  })

  it("refuses weights that are finite one by one but not together", () => {
    const made = Partition.normalise([
      { keys: ["a"], weight: Number.MAX_VALUE },
      { keys: ["b"], weight: Number.MAX_VALUE },
      { keys: ["c"], weight: 1 }
    ])
    assert.match(
      Result.isFailure(made) ? made.failure.message : "",
      /^weight 1\.79\S+ of partition \["[ab]"\].*all weights together must be finite/
    )
  })

  it("takes the names that objects are born with for ordinary keys", () => {
    const keys = ["__proto__", "constructor", "toString", "hasOwnProperty"]
    assert.sameMembers(normal(keys.map((key) => ({ keys: [key] }))).map(Partition.id) as Array<string>, keys)
  })

  it("orders partitions whose hashes collide by id", () => {
    // Found by search: murmur3 gives both ids of a pair one number.
    const pairs = [
      ["p36864", "p54009"],
      ["p36809", "p54064"]
    ]
    for (const [one = "", other = ""] of pairs) {
      assert.strictEqual(Hash.murmur3(one), Hash.murmur3(other))
      const sorted = [
        { keys: [one], weight: 1 },
        { keys: [other], weight: 1 }
      ]
      assert.deepStrictEqual(normal(sorted), sorted)
      assert.deepStrictEqual(normal(sorted.toReversed()), sorted)
    }
  })
})
