import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import type { Compression } from "../../src/model/Compression.ts"
import * as ListCodec from "../../src/model/ListCodec.ts"
import type { Plan } from "../../src/model/Plan.ts"
import * as PlanAssembler from "../../src/model/PlanAssembler.ts"
import * as PlanCodec from "../../src/model/PlanCodec.ts"
import { zlib } from "../../src/runtime/Compression.ts"
import { anyPlan, shuffled } from "./PlanSample.ts"

const check = { seed: 20261123, numRuns: 200 }

const plain: Compression = { deflate: (document) => document, inflate: () => null }

const readBack = (plan: Plan, compression: Compression): PlanAssembler.Answer | null => {
  const { head, parts } = PlanCodec.encode(plan, compression)
  const pieces = [...ListCodec.encode(plan.list, compression), ...parts]
  const holding = pieces.reduce(
    (assembler, { bytes, key }) =>
      PlanAssembler.observe(assembler, { key, revision: 1, value: bytes }, compression).assembler,
    PlanAssembler.empty
  )
  return PlanAssembler.observe(holding, { key: "plan", revision: 2, value: head }, compression).answer
}

const name: ListCodec.ListName = { version: 1, count: 2, chunks: 1, fingerprint: "0" }

const decoders: Readonly<Record<string, (bytes: Uint8Array) => Result.Result<unknown, unknown>>> = {
  plan: (bytes) => PlanCodec.decode(bytes, zlib),
  parts: (bytes) => PlanCodec.decodeParts(1, [bytes], zlib),
  list: (bytes) => ListCodec.decode(name, [bytes], zlib)
}

const damage = fc.record({ at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), to: fc.nat(255) })

describe("Plans", () => {
  it("are read as they were written", () => {
    fc.assert(
      fc.property(anyPlan, (plan) => {
        assert.deepStrictEqual(readBack(plan, zlib), { _tag: "Complete", revision: 2, plan })
      }),
      check
    )
  })

  it.each([
    ["10,000 partitions that share nothing, compressed", 10_000, zlib],
    ["40,000 partitions in parts", 40_000, plain]
  ] as const)("are read as they were written: %s", (_, count, compression) => {
    const plan = shuffled(count, 200)
    assert.deepStrictEqual(readBack(plan, compression), { _tag: "Complete", revision: 2, plan })
  })

  it.each(Object.entries(decoders))("are refused when they are any bytes: %s", (_, decode) => {
    const anyBytes = fc.uint8Array({ maxLength: 300 })
    const inDisguise = anyBytes.map((bytes) => zlib.deflate(bytes))
    const likeJson = anyBytes.map((bytes) => Uint8Array.of(0x7b, ...bytes))
    fc.assert(
      fc.property(fc.oneof(anyBytes, inDisguise, likeJson), (bytes) => assert.isTrue(Result.isFailure(decode(bytes)))),
      check
    )
  })

  it("are refused when they are cut off anywhere", () => {
    fc.assert(
      fc.property(anyPlan, damage, (plan, { at }) => {
        const { head } = PlanCodec.encode(plan, zlib)
        assert.isTrue(Result.isFailure(PlanCodec.decode(head.subarray(0, Math.floor(head.length * at)), zlib)))
      }),
      check
    )
  })

  it("are read or refused, never fatal, when bytes of them are changed", () => {
    const seen = { read: 0, refused: 0 }
    fc.assert(
      fc.property(anyPlan, fc.array(damage, { minLength: 1, maxLength: 4 }), (plan, damages) => {
        const damaged = PlanCodec.encode(plan, zlib).head.slice()
        for (const { at, to } of damages) damaged[Math.floor(damaged.length * at)] = to
        const decoded = PlanCodec.decode(damaged, zlib)
        seen[Result.isSuccess(decoded) ? "read" : "refused"] += 1
        if (Result.isFailure(decoded) || decoded.success._tag === "Manifest") return
        const { list, next, owner, standby = owner.map(() => -1), token, workers } = decoded.success.head
        assert.isTrue([owner, next, token, standby].every(({ length }) => length === list.count))
        assert.isTrue([...owner, ...next, ...standby].every((index) => index >= -1 && index < workers.length))
        assert.isTrue(standby.every((index, i) => index === -1 || index !== next[i]))
      }),
      check
    )
    assert.isAbove(seen.read, 0)
    assert.isAbove(seen.refused, 0)
  })
})
