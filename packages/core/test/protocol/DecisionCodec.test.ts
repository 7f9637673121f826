import { Result } from "effect"
import { assert, describe, it } from "vitest"
import * as Codec from "../../src/model/Codec.ts"
import * as Hash from "../../src/model/Hash.ts"
import * as Limit from "../../src/model/Limit.ts"
import * as DecisionCodec from "../../src/protocol/DecisionCodec.ts"
import * as EvidenceCodec from "../../src/protocol/EvidenceCodec.ts"
import { zlib } from "../../src/runtime/Compression.ts"
import { limitMoves } from "../../src/strategy/LimitMoves.ts"
import { sticky } from "../../src/strategy/Sticky.ts"
import * as Sample from "./DecisionSample.ts"

const small = Sample.joining(3, Sample.numbered(12), limitMoves(sticky({ standby: true }), { maxMoves: 5 }))

const fieldsOf = (bytes: Uint8Array): Record<string, unknown> => JSON.parse(new TextDecoder().decode(bytes))

const bytesOf = (fields: Record<string, unknown>) => Codec.textBytes(JSON.stringify(fields))

const evidenceBytes = (evidence = small.evidence) =>
  EvidenceCodec.encode(evidence, zlib).bytes ?? assert.fail("it fits")

describe("A decision", () => {
  it("is read as it was written", () => {
    const { decision } = Sample.logged(small)
    const done = {
      ...decision,
      steps: { ...decision.steps, windowOpenedAt: 0, acknowledgedAt: 1010, slowest: decision.leader, stableAt: 1020 }
    }
    for (const one of [decision, done]) {
      assert.deepStrictEqual(Result.getOrThrow(DecisionCodec.decode(DecisionCodec.encode(one))), one)
    }
  })

  it("is read without the fields that a later release adds", () => {
    const { decision } = Sample.logged(small)
    const fields = fieldsOf(DecisionCodec.encode(decision))
    assert.deepStrictEqual(Result.getOrThrow(DecisionCodec.decode(bytesOf({ ...fields, mood: "good" }))), decision)
  })

  const wrong: ReadonlyArray<readonly [what: string, fields: Record<string, unknown>, why: RegExp]> = [
    ["of a newer format", { v: 9 }, /newer version of Parti/],
    ["with a trigger that nobody knows", { trigger: "whim" }, /trigger/],
    ["with a negative number", { number: -1 }, /number/],
    ["with a leader whose name is none", { leader: "no name" }, /leader/]
  ]

  it.each(wrong)("%s is refused", (_, change, why) => {
    const fields = fieldsOf(DecisionCodec.encode(Sample.logged(small).decision))
    const refused = Result.getOrThrow(Result.flip(DecisionCodec.decode(bytesOf({ ...fields, ...change }))))
    assert.match(refused.reason, why)
  })

  it("that lists every worker of a large group is small all the same", () => {
    const { decision } = Sample.logged(Sample.joining(200, Sample.numbered(10_000)))
    assert.isBelow(DecisionCodec.encode(decision).length, 2048)
  })
})

describe("Evidence", () => {
  it("is read as it was written, with standbys and without", () => {
    for (const { evidence } of [small, Sample.joining(3, Sample.numbered(12)), Sample.joining(4, [])]) {
      const decoded = EvidenceCodec.decode(evidenceBytes(evidence), zlib)
      assert.deepStrictEqual(Result.getOrThrow(decoded), evidence)
    }
  })

  it("of 10,000 partitions and 200 workers fits, also after so much churn that nothing is regular any more", () => {
    const partitions = Array.from({ length: 10_000 }, (_, i) => ({ keys: [`tenant-${i % 700}`, `shard-${i}`] }))
    const { evidence } = Sample.joining(200, partitions)
    const drawn = (seed: number) => evidence.from.map((_, i) => Hash.mix(i * 8 + seed) % 199)
    const from = drawn(1)
    const churned = {
      ...evidence,
      from,
      hints: drawn(2).map((worker, i) => (i % 3 === 0 ? worker : -1)),
      target: from.map((worker, i) => (i % 200 === 0 ? 199 : worker)),
      standby: drawn(3),
      previousStandby: drawn(4)
    }
    for (const one of [evidence, churned]) {
      const { bytes, kept } = EvidenceCodec.encode(one, zlib)
      assert.strictEqual(kept, "Whole")
      assert.isAtMost(bytes?.length ?? Infinity, Limit.maxEvidenceBytes)
    }
  })

  it("that is too large leaves out the list of partitions, then everything", () => {
    const partitions = Array.from({ length: 20_000 }, (_, i) => ({ keys: [`${(i * 0.7316) % 1}-${(i * 0.2913) % 1}`] }))
    const { evidence } = Sample.joining(20, partitions)
    const bare = EvidenceCodec.encode(evidence, zlib)
    assert.strictEqual(bare.kept, "WithoutList")
    assert.isAtMost(bare.bytes?.length ?? Infinity, Limit.maxEvidenceBytes)
    const decoded = Result.getOrThrow(EvidenceCodec.decode(bare.bytes ?? assert.fail("it fits"), zlib))
    assert.deepStrictEqual(decoded, { ...evidence, partitions: null })
    const restless = { ...evidence, hints: evidence.hints.map((_, i) => Math.imul(i + 1, 0x9e3779b1) >>> 7) }
    const many = { ...restless, from: restless.hints, target: restless.hints.toReversed() }
    assert.deepStrictEqual(EvidenceCodec.encode(many, zlib), { kept: "TooLarge", bytes: null })
  })

  const wrong: ReadonlyArray<readonly [what: string, fields: Record<string, unknown>, why: RegExp]> = [
    ["with another list than it names", { fingerprint: "0000000000000000" }, /not the one that it names/],
    ["with a column that is too short", { from: "1" }, /1 numbers, not 12/],
    ["with an owner who does not exist", { from: "12*3" }, /not between/],
    ["with a target who does not exist", { target: "12*3" }, /there is no worker/],
    ["with a standby who does not exist", { standby: "12*3" }, /there is no worker/],
    [
      "with workers out of order",
      {
        workers: [
          ["b", 1, null, null],
          ["a", 1, null, null],
          ["c", 1, null, null]
        ]
      },
      /not in order/
    ]
  ]

  it.each(wrong)("%s is refused", (_, change, why) => {
    const bytes = bytesOf({ ...fieldsOf(evidenceBytes()), ...change })
    assert.match(Result.getOrThrow(Result.flip(EvidenceCodec.decode(bytes, zlib))).reason, why)
  })
})
