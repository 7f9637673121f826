import fc from "fast-check"
import { assert, describe, it } from "vitest"
import { detectRebalanceType } from "../../src/protocol/RebalanceType.ts"
import { id } from "./rig/Sample.ts"

const seed = Number(process.env["FC_SEED"] ?? 20_250_312)

const names = ["a", "b", "c", "d", "e", "f"].map(id)
const some = fc.subarray(names)
const change = fc.record({
  before: some,
  now: some,
  crashed: some,
  suspected: some,
  work: fc.constantFrom("same", "other"),
  restartRatio: fc.double({ min: 0.01, max: 1, noNaN: true })
})

type Change = typeof change extends fc.Arbitrary<infer A> ? A : never

const typeOf = ({ before, crashed, now, restartRatio, suspected, work }: Change) =>
  detectRebalanceType({ workers: before, work: "same" }, { workers: now, work, crashed, suspected }, { restartRatio })

const shuffled = (order: ReadonlyArray<number>) => (ids: Change["now"]) =>
  ids
    .map((one, i) => ({ one, rank: order[i] ?? 0 }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ one }) => one)

describe(`The type of a rebalance (FC_SEED=${seed})`, () => {
  it("does not depend on the order in which workers are named", () => {
    fc.assert(
      fc.property(change, fc.array(fc.integer(), { minLength: 6, maxLength: 6 }), (one, order) => {
        const mix = shuffled(order)
        const mixed = {
          ...one,
          before: mix(one.before),
          now: mix(one.now),
          crashed: mix(one.crashed),
          suspected: mix(one.suspected)
        }
        assert.strictEqual(typeOf(mixed), typeOf(one))
      }),
      { seed, numRuns: 300 }
    )
  })

  it("is none exactly when the same workers do the same work and none of them crashed", () => {
    fc.assert(
      fc.property(change, (one) => {
        const known = one.crashed.filter((id) => one.before.includes(id))
        const isSame =
          one.now.length === one.before.length && one.now.every((id) => one.before.includes(id)) && one.work === "same"
        const isNobody = one.before.length === 0 && one.now.length === 0
        const isNone = isNobody || (one.before.length > 0 && isSame && known.length === 0)
        assert.strictEqual(typeOf(one) === null, isNone)
      }),
      { seed, numRuns: 300 }
    )
  })

  it("is not made milder by one more crash", () => {
    const severity = (type: ReturnType<typeof typeOf>) => ["planned_scale", "emergency", "restart"].indexOf(type ?? "")
    fc.assert(
      fc.property(change, fc.constantFrom(...names), (one, victim) => {
        fc.pre(one.before.length > 0)
        const more = { ...one, crashed: [...new Set([...one.crashed, victim])] }
        assert.isAtLeast(severity(typeOf(more)), severity(typeOf(one)))
      }),
      { seed, numRuns: 300 }
    )
  })

  it("is not changed by a crashed worker's place being taken by a joiner", () => {
    fc.assert(
      fc.property(change, (one) => {
        const crashed = one.crashed.filter((id) => one.before.includes(id))
        fc.pre(crashed.length > 0)
        const staying = one.now.filter((id) => !crashed.includes(id))
        const replaced = [...staying, ...crashed.map((_, i) => id(`new${i}`))]
        assert.strictEqual(typeOf({ ...one, now: replaced }), typeOf({ ...one, now: staying }))
      }),
      { seed, numRuns: 300 }
    )
  })
})
