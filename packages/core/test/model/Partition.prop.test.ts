import * as Result from "effect/Result"
import * as fc from "fast-check"
import { assert, describe, it } from "vitest"
import * as CanonicalOrder from "../../src/model/CanonicalOrder.ts"
import * as Hash from "../../src/model/Hash.ts"
import * as Partition from "../../src/model/Partition.ts"
import * as PartitionSet from "../../src/model/PartitionSet.ts"

const check = { seed: 20261123, numRuns: 500 }

const key = fc.oneof(
  fc.string({ unit: "binary", maxLength: 6 }),
  fc.string({ unit: fc.constantFrom("a", ".", "=", "u", "0", "\ud83d", "\ude00", " ", "é"), maxLength: 6 }),
  fc.constantFrom("", "__proto__", "constructor")
)
const keys = fc.array(key, { minLength: 1, maxLength: 4 })
const list = fc.uniqueArray(fc.record({ keys, weight: fc.double({ min: 0, max: 100, noNaN: true }) }), {
  maxLength: 30,
  selector: ({ keys }) => JSON.stringify(keys)
})

/** Undoes the escaping. That it can be undone is what makes ids unambiguous. */
const decode = (id: string): ReadonlyArray<string> =>
  id
    .split(".")
    .map((token) =>
      token === "="
        ? ""
        : token.replace(/=u(....)|=(..)/g, (_, unit, ascii) => String.fromCharCode(parseInt(unit ?? ascii, 16)))
    )

describe("Partition", () => {
  it("gives ids from which the keys can be read back", () => {
    fc.assert(
      fc.property(keys, (keys) => assert.deepStrictEqual(decode(Partition.id({ keys, weight: 1 })), keys)),
      check
    )
  })

  it("gives ids that are legal subject tokens and bucket keys", () => {
    fc.assert(
      fc.property(keys, (keys) =>
        assert.match(Partition.id({ keys, weight: 1 }), /^[A-Za-z0-9_=-]+(\.[A-Za-z0-9_=-]+)*$/)
      ),
      check
    )
  })

  it("lists the same partitions in one order, however they come", () => {
    const shuffled = list.chain((one) =>
      fc.tuple(fc.constant(one), fc.shuffledSubarray(one, { minLength: one.length }))
    )
    fc.assert(
      fc.property(shuffled, ([one, other]) => {
        const normal = Result.getOrThrow(Partition.normalise(one))
        assert.deepStrictEqual(Result.getOrThrow(Partition.normalise([...other, ...one])), normal)
        assert.deepStrictEqual(Result.getOrThrow(Partition.normalise(normal)), normal)
      }),
      check
    )
  })

  it("is tabulated as it is normalised, repetitions and all", () => {
    const repeated = list.chain((one) => fc.tuple(fc.constant(one), fc.subarray(one)))
    fc.assert(
      fc.property(repeated, ([one, again]) => {
        const input = [...one, ...again]
        const partitions = Result.getOrThrow(Partition.normalise(input))
        const table = Result.getOrThrow(Partition.tabulate(input))
        assert.deepStrictEqual({ ...table }, { ...Partition.index(partitions), partitions })
      }),
      check
    )
  })
})

describe("The canonical order", () => {
  it("is by hash, then by id; what is the same stays as it came", () => {
    // Few hashes and few ids, so that many are the same; the leading bits of all, or none.
    const hash = fc.oneof(fc.constantFrom(0, 1, 2, 0xffffffff), fc.nat({ max: 7 }), fc.nat({ max: 0xffffffff }))
    const rows = fc.array(fc.record({ hash, id: fc.constantFrom("a", "b", "c", "d") }), { maxLength: 200 })
    fc.assert(
      fc.property(rows, (one) => {
        const hashes = Uint32Array.from(one, ({ hash }) => hash)
        const order = CanonicalOrder.of({ ids: one.map(({ id }) => id), hashes })
        const sorted = one
          .map((row, place) => ({ ...row, place }))
          .sort((a, b) => a.hash - b.hash || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0))
        assert.deepStrictEqual(
          [...order.places],
          sorted.map(({ place }) => place)
        )
        assert.deepStrictEqual(
          [...order.hashes],
          sorted.map(({ hash }) => hash)
        )
      }),
      check
    )
  })
})

describe("PartitionSet", () => {
  it("knows of each partition its place, hash and weight, in canonical order", () => {
    fc.assert(
      fc.property(list, (one) => {
        const partitions = Result.getOrThrow(Partition.normalise(one))
        const set = PartitionSet.of(partitions)
        partitions.forEach((partition, i) => {
          const id = Partition.id(partition)
          assert.strictEqual(set.ids[i], id)
          assert.strictEqual(set.indexOf(id), i)
          assert.strictEqual(set.hashes[i], Hash.murmur3(id))
          assert.strictEqual(set.weights[i], partition.weight)
        })
        assert.deepStrictEqual(
          [...set.hashes],
          [...set.hashes].sort((a, b) => a - b)
        )
        const byWeight = partitions
          .map((_, i) => i)
          .sort((a, b) => (set.weights[b] ?? 0) - (set.weights[a] ?? 0) || a - b)
        assert.deepStrictEqual([...set.heaviestFirst], byWeight)
      }),
      check
    )
  })

  it("is the same whether its list was just normalised or comes from elsewhere", () => {
    fc.assert(
      fc.property(list, (one) => {
        const partitions = Result.getOrThrow(Partition.normalise(one))
        const copy = PartitionSet.of(structuredClone(partitions))
        const { indexOf: _, ...columns } = PartitionSet.of(partitions)
        const { indexOf: __, ...others } = copy
        assert.deepStrictEqual(others, columns)
      }),
      check
    )
  })

  it("merges two lists into what normalising them together gives", () => {
    fc.assert(
      fc.property(list, list, (one, other) => {
        const first = Result.getOrThrow(Partition.normalise(one))
        const second = Result.getOrThrow(Partition.normalise(other))
        const known = new Set(first.map(Partition.id))
        const together = [...first, ...second.filter((partition) => !known.has(Partition.id(partition)))]
        assert.deepStrictEqual(PartitionSet.merge(first, second), Result.getOrThrow(Partition.normalise(together)))
      }),
      check
    )
  })
})
