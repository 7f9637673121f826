import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import type { Compression } from "../../src/model/Compression.ts"
import * as ListCodec from "../../src/model/ListCodec.ts"
import type { Plan } from "../../src/model/Plan.ts"
import * as PlanAssembler from "../../src/model/PlanAssembler.ts"
import * as PlanCodec from "../../src/model/PlanCodec.ts"
import { numbered, plan, shuffled } from "./PlanSample.ts"

/** Leaves everything as it is, so that large plans and lists fall into pieces. */
const plain: Compression = { deflate: (document) => document, inflate: () => null }

const entry = (key: string, revision: number, value: Uint8Array | null): PlanAssembler.Entry => ({
  key,
  revision,
  value
})

const headOf = (one: Plan, revision: number) => entry("plan", revision, PlanCodec.encode(one, plain).head)

const partsOf = (one: Plan) => PlanCodec.encode(one, plain).parts.map(({ bytes, key }) => entry(key, 1, bytes))

const chunksOf = (one: Plan) => ListCodec.encode(one.list, plain).map(({ bytes, key }) => entry(key, 1, bytes))

/** What was answered to each entry, and what is kept in the end. */
const run = (entries: ReadonlyArray<PlanAssembler.Entry>, start = PlanAssembler.empty) => {
  const answers: Array<PlanAssembler.Answer | null> = []
  let assembler = start
  for (const one of entries) {
    const step = PlanAssembler.observe(assembler, one, plain)
    answers.push(step.answer)
    assembler = step.assembler
  }
  return { answers, assembler }
}

const complete = (revision: number, made: Plan): PlanAssembler.Answer => ({ _tag: "Complete", revision, plan: made })

const keptBytes = ({ pieces }: PlanAssembler.PlanAssembler): ReadonlyArray<string> =>
  [...pieces].flatMap(([key, { bytes }]) => (bytes === null ? [] : [key]))

const small = plan()

/** Two chunks, two parts. */
const large = shuffled(40_000, 100)

const laterVersion = large.version + 1

describe("The assembler", () => {
  it("makes a plan of its list and its head", () => {
    const { answers } = run([...chunksOf(small), headOf(small, 5)])
    assert.deepStrictEqual(answers, [null, complete(5, small)])
  })

  it("says that there is no plan when the key is gone", () => {
    const { answers } = run([...chunksOf(small), headOf(small, 5), entry("plan", 6, null)])
    assert.deepStrictEqual(answers.at(-1), { _tag: "Absent", revision: 6 })
  })

  it("waits for a piece that has not been shown, and goes on as soon as it is", () => {
    const { answers } = run([headOf(small, 5), ...chunksOf(small)])
    assert.deepStrictEqual(answers, [{ _tag: "Waiting", revision: 5, key: "partitions.90.0" }, complete(5, small)])
  })

  it("makes one plan of many pieces in any order", () => {
    const pieces = [...chunksOf(large), ...partsOf(large)]
    assert.isAtLeast(chunksOf(large).length, 2)
    assert.isAtLeast(partsOf(large).length, 2)
    fc.assert(
      fc.property(fc.shuffledSubarray(pieces, { minLength: pieces.length }), fc.nat(pieces.length), (order, at) => {
        const { answers, assembler } = run(order.toSpliced(at, 0, headOf(large, 9)))
        assert.strictEqual(assembler.answer._tag, "Complete")
        assert.deepStrictEqual(assembler.answer, complete(9, large))
        assert.isTrue(answers.filter((answer) => answer?._tag === "Complete").length === 1)
      }),
      { seed: 20261123, numRuns: 5 }
    )
  })

  it("keeps the very same list as long as plans name the same", () => {
    const next = { ...small, version: 101, recovering: true }
    const { assembler: first } = run([...chunksOf(small), headOf(small, 5)])
    const { assembler: second } = run([headOf(next, 6)], first)
    if (first.answer._tag !== "Complete" || second.answer._tag !== "Complete") assert.fail("a plan is missing")
    assert.deepStrictEqual(second.answer.plan, next)
    assert.strictEqual(second.answer.plan.list, first.answer.plan.list)
  })

  it("keeps the very same list when everything is shown anew", () => {
    const { assembler: first } = run([...chunksOf(small), headOf(small, 5)])
    const opened = PlanAssembler.reopen(first)
    assert.deepStrictEqual(opened.answer, PlanAssembler.empty.answer)
    const { assembler: second } = run([...chunksOf(small), headOf(small, 5)], opened)
    if (first.answer._tag !== "Complete" || second.answer._tag !== "Complete") assert.fail("a plan is missing")
    assert.strictEqual(second.answer.plan.list, first.answer.plan.list)
  })

  it("takes another list for another one, even under the same version", () => {
    const { assembler: first } = run([...chunksOf(small), headOf(small, 5)])
    const other = plan({ list: numbered(90, 5) })
    const { assembler: second } = run([...chunksOf(other), headOf(other, 1)], PlanAssembler.reopen(first))
    assert.deepStrictEqual(second.answer, complete(1, other))
  })

  it("gives the answer again when the plan's entry is shown again", () => {
    const entries = [...chunksOf(large), ...partsOf(large), headOf(large, 9)]
    const { answers } = run([...entries, headOf(large, 9)])
    assert.strictEqual(answers.at(-1), answers.at(-2))
  })

  it("says that a plan cannot be read, under the plan's revision, and recovers with the next", () => {
    const { answers } = run([
      ...chunksOf(small),
      entry("plan", 5, new TextEncoder().encode(`{"v":2}`)),
      headOf(small, 6)
    ])
    assert.deepStrictEqual(answers.slice(1), [
      {
        _tag: "Undecodable",
        revision: 5,
        reason: "it was written by a newer version of Parti: its format is 2, this release reads up to 1"
      },
      complete(6, small)
    ])
  })

  it("names the piece that cannot be read, and recovers when it is replaced", () => {
    const [chunk] = chunksOf(small)
    const broken = entry("partitions.90.0", 1, new TextEncoder().encode("{"))
    const { answers } = run([broken, headOf(small, 5), entry("partitions.89.0", 1, null), ...(chunk ? [chunk] : [])])
    assert.deepStrictEqual(answers, [
      null,
      { _tag: "Undecodable", revision: 5, reason: "partitions.90.0: it is not JSON" },
      null,
      complete(5, small)
    ])
  })

  it("does not take a foreign list for the one that the plan names", () => {
    const foreign = plan({ list: numbered(90, 4), owner: [0, 0, 1, 1] })
    const named = plan({ list: { ...numbered(90, 4), partitions: numbered(90, 5).partitions.slice(0, 4) } })
    const { answers } = run([...chunksOf(foreign), headOf(named, 5)])
    assert.deepStrictEqual(answers.at(-1), {
      _tag: "Undecodable",
      revision: 5,
      reason: "its chunks list other partitions than those that the plan names"
    })
  })

  it("has nothing to say about other keys", () => {
    const start = run([...chunksOf(small), headOf(small, 5)]).assembler
    for (const key of ["control.pause", "nonsense", "plan.x"]) {
      const { answer, assembler } = PlanAssembler.observe(start, entry(key, 6, new Uint8Array(1)), plain)
      assert.isNull(answer)
      assert.strictEqual(assembler, start)
    }
  })
})

describe("What the assembler keeps", () => {
  it("is no bytes of what has been read, nor of what is older, but those of what is to come", () => {
    const old = entry("partitions.10.0", 1, new Uint8Array(1))
    const coming = [
      entry("partitions.300.0", 1, new Uint8Array(1)),
      entry(`plan.${laterVersion}.0`, 1, new Uint8Array(1))
    ]
    const { assembler } = run([old, ...chunksOf(large), ...partsOf(large), ...coming, headOf(large, 9)])
    assert.deepStrictEqual(keptBytes(assembler), ["partitions.300.0", `plan.${laterVersion}.0`])
    const late = PlanAssembler.observe(assembler, entry("plan.150.0", 1, new Uint8Array(1)), plain).assembler
    assert.deepStrictEqual(keptBytes(late), ["partitions.300.0", `plan.${laterVersion}.0`])
  })

  it("tells the keys that nobody reads any more", () => {
    const old = [entry("partitions.10.0", 1, new Uint8Array(1)), entry("plan.50.0", 1, new Uint8Array(1))]
    const { assembler } = run([...old, ...chunksOf(small), headOf(small, 5)])
    assert.deepStrictEqual(PlanAssembler.staleKeys(assembler, 10), ["plan.50.0"])
    assert.deepStrictEqual(PlanAssembler.staleKeys(assembler, 90), ["partitions.10.0", "plan.50.0"])
    const removed = run([entry("plan.50.0", 6, null), entry("partitions.10.0", 7, null)], assembler).assembler
    assert.deepStrictEqual(PlanAssembler.staleKeys(removed, 90), [])
  })

  it("calls nothing of a plan stale before a plan is in force", () => {
    const { assembler } = run([entry("plan.50.0", 1, new Uint8Array(1))])
    assert.deepStrictEqual(PlanAssembler.staleKeys(assembler, 90), [])
  })

  it("tells the chunks that the plan in force names and the bucket lacks", () => {
    const { assembler } = run([...chunksOf(small), headOf(small, 5)])
    assert.deepStrictEqual(PlanAssembler.missingKeys(assembler), [])
    const lost = run([entry("partitions.90.0", 6, null)], assembler)
    assert.deepStrictEqual(lost.answers, [null])
    assert.deepStrictEqual(PlanAssembler.missingKeys(lost.assembler), ["partitions.90.0"])
    const back = run(chunksOf(small), lost.assembler).assembler
    assert.deepStrictEqual(PlanAssembler.missingKeys(back), [])
  })
})
