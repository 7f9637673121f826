import fc from "fast-check"
import { assert, describe, it } from "vitest"
import * as Revision from "../../src/model/Revision.ts"
import type { WatchEvent } from "../../src/runtime/CoordinationStore.ts"
import { MemoryBucket } from "../../src/runtime/MemoryBucket.ts"

const seed = Number(process.env["FC_SEED"] ?? 20_240_607)
const maxAgeMs = 100

type Step =
  | { readonly _tag: "Put" | "Remove" | "Vanish"; readonly key: string }
  | { readonly _tag: "Write"; readonly key: string; readonly lag: number }
  | { readonly _tag: "Wait"; readonly ms: number }
  | { readonly _tag: "Reset" }
  | { readonly _tag: "Read" }

const key = fc.constantFrom("a", "b", "b.c", "b.c.d", "bc")

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ _tag: fc.constant("Put" as const), key }) },
  { weight: 4, arbitrary: fc.record({ _tag: fc.constant("Write" as const), key, lag: fc.nat(2) }) },
  { weight: 2, arbitrary: fc.record({ _tag: fc.constantFrom("Remove" as const, "Vanish" as const), key }) },
  { weight: 2, arbitrary: fc.record({ _tag: fc.constant("Wait" as const), ms: fc.nat(60) }) },
  { weight: 3, arbitrary: fc.constant({ _tag: "Read" as const }) },
  { weight: 1, arbitrary: fc.constant({ _tag: "Reset" as const }) }
)

/** The slow, obvious bucket: a list of all that was ever written. */
class Reference {
  now = 0
  revision = 0
  slots: ReadonlyArray<{ readonly key: string; readonly revision: number; readonly at: number }> = []
  /** What went without notice since the last listing. */
  silent = new Set<string>()

  expire(): void {
    for (const slot of this.slots) if (slot.at + maxAgeMs <= this.now) this.silent.add(slot.key)
    this.slots = this.slots.filter((slot) => slot.at + maxAgeMs > this.now)
  }
  at(wanted: string): number {
    this.expire()
    return this.slots.find((slot) => slot.key === wanted)?.revision ?? Revision.absent
  }
  put(wanted: string): number {
    this.remove(wanted, this.at(wanted) === Revision.absent ? "keep" : "replace")
    this.revision += 1
    this.slots = [...this.slots, { key: wanted, revision: this.revision, at: this.now }]
    this.silent.delete(wanted)
    return this.revision
  }
  remove(wanted: string, how: "keep" | "replace" | "notice" | "silent"): void {
    if (this.at(wanted) === Revision.absent) return
    this.slots = this.slots.filter((slot) => slot.key !== wanted)
    if (how === "notice") this.revision += 1
    if (how === "silent") this.silent.add(wanted)
  }
  reset(): void {
    this.slots = []
    this.silent = new Set()
  }
}

const value = new Uint8Array([1])

/** What a reader makes of what it is shown. */
const follow = (belief: Map<string, number>, events: ReadonlyArray<WatchEvent>) => {
  for (const event of events) {
    if (event._tag !== "Entry") continue
    if (event.value === null) belief.delete(event.key)
    else belief.set(event.key, event.revision)
  }
}

const carryOut = (bucket: MemoryBucket, reference: Reference, next: Exclude<Step, { readonly _tag: "Read" }>): void => {
  switch (next._tag) {
    case "Put":
      return assert.strictEqual(bucket.put(next.key, value), reference.put(next.key))
    case "Write": {
      const current = reference.at(next.key)
      const expected = Math.max(Revision.absent, current - next.lag)
      const answer = bucket.write(next.key, value, expected)
      return assert.strictEqual(answer, expected === current ? reference.put(next.key) : null)
    }
    case "Remove":
      bucket.remove(next.key)
      return reference.remove(next.key, "notice")
    case "Vanish":
      bucket.vanish(next.key)
      return reference.remove(next.key, "silent")
    case "Wait":
      reference.now += next.ms
      return
    case "Reset":
      bucket.reset()
      return reference.reset()
  }
}

const isMatched = (wanted: string) => wanted === "a" || wanted.startsWith("b.")

describe("A bucket in memory", () => {
  it("does what the obvious one does, and shows it to whoever reads at whatever pace", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const reference = new Reference()
        let lives = 0
        const bucket = new MemoryBucket({
          maxAgeMs,
          now: () => reference.now,
          nextIncarnation: () => `${(lives += 1)}`
        })
        const reader = bucket.open(["a", "b.>", "b.c.>", "b.c"])
        const belief = new Map<string, number>()
        for (const next of steps) {
          if (next._tag === "Read") follow(belief, reader.take())
          else carryOut(bucket, reference, next)
        }
        follow(belief, reader.take())
        reference.expire()
        const known = [...belief].filter(([each]) => !reference.silent.has(each))
        const truth = reference.slots
          .filter((slot) => isMatched(slot.key))
          .map((slot) => [slot.key, slot.revision] as const)
        assert.deepStrictEqual(new Map(known), new Map(truth))
        const late = bucket
          .open(["a", "b", "b.>", "bc"])
          .take()
          .flatMap((event) => (event._tag === "Entry" ? [event.revision] : []))
        assert.deepStrictEqual(
          late,
          reference.slots.map((slot) => slot.revision)
        )
        assert.strictEqual(bucket.revision, reference.revision)
      }),
      { seed, numRuns: 500 }
    )
  })
})
