import * as fc from "fast-check"
import { assert, describe, it } from "vitest"
import * as Quota from "../../src/strategy/Quota.ts"

const check = { seed: 20261123, numRuns: 2000 }

interface Case {
  readonly kept: ReadonlyArray<number>
  readonly bounds: ReadonlyArray<readonly [atLeast: number, atMost: number]>
  readonly unowned: number
  readonly shares: ReadonlyArray<number>
}

const sum = (all: Iterable<number>) => Array.from(all).reduce((total, one) => total + one, 0)

/** Counts and any bounds that some plan keeps. */
const cases: fc.Arbitrary<Case> = fc
  .array(
    fc.record({
      kept: fc.nat({ max: 6 }),
      atLeast: fc.nat({ max: 4 }),
      width: fc.nat({ max: 3 }),
      share: fc.double({ min: 0.1, max: 6, noNaN: true })
    }),
    { minLength: 1, maxLength: 5 }
  )
  .chain((all) => {
    const kept = all.map((one) => one.kept)
    const least = Math.max(0, sum(all.map((one) => one.atLeast)) - sum(kept))
    const bounds = all.map((one): [number, number] => [one.atLeast, one.atLeast + one.width])
    return fc.integer({ min: least, max: least + 6 }).map((unowned) => {
      // The last worker takes what the others' upper bounds leave over.
      const missing = sum(kept) + unowned - sum(bounds.map(([, atMost]) => atMost))
      const room = bounds.map(([atLeast, atMost], j): [number, number] =>
        j === bounds.length - 1 ? [atLeast, atMost + Math.max(0, missing)] : [atLeast, atMost]
      )
      return { kept, bounds: room, unowned, shares: all.map((one) => one.share) }
    })
  })

const inputOf = ({ kept, bounds, unowned, shares }: Case, budget = Infinity): Quota.QuotaInput => ({
  kept: Int32Array.from(kept),
  unowned,
  atLeast: Int32Array.from(bounds, ([atLeast]) => atLeast),
  atMost: Int32Array.from(bounds, ([, atMost]) => atMost),
  share: Float64Array.from(shares),
  homing: null,
  budget
})

/** Tries all counts within bounds. What is above a count must leave. */
const leastOfAll = ({ kept, bounds, unowned }: Case): number => {
  const total = sum(kept) + unowned
  const tryFrom = (j: number, left: number): number => {
    const [atLeast, atMost] = bounds[j] ?? [0, 0]
    if (j === bounds.length) return left === 0 ? 0 : Infinity
    let best = Infinity
    for (let count = atLeast; count <= Math.min(atMost, left); count++) {
      best = Math.min(best, Math.max(0, (kept[j] ?? 0) - count) + tryFrom(j + 1, left - count))
    }
    return best
  }
  return tryFrom(0, total)
}

const shed = (one: Case, targets: Int32Array): number =>
  sum(one.kept.map((count, j) => Math.max(0, count - (targets[j] ?? 0))))

describe("Quota.decide", () => {
  it("keeps all bounds, whatever they are, with as few moves as the best of all answers", () => {
    fc.assert(
      fc.property(cases, (one) => {
        const { targets, voluntary, deferred } = Quota.decide(inputOf(one))
        assert.strictEqual(sum(targets), sum(one.kept) + one.unowned)
        one.bounds.forEach(([atLeast, atMost], j) => {
          assert.isAtLeast(targets[j] ?? -1, atLeast)
          assert.isAtMost(targets[j] ?? -1, atMost)
        })
        assert.strictEqual(voluntary, leastOfAll(one))
        assert.strictEqual(shed(one, targets), voluntary)
        assert.strictEqual(deferred, 0)
      }),
      check
    )
  })

  it("never moves more than its budget, and says what it puts off", () => {
    fc.assert(
      fc.property(cases, fc.nat({ max: 4 }), (one, budget) => {
        const { targets, voluntary, deferred } = Quota.decide(inputOf(one, budget))
        assert.strictEqual(voluntary, Math.min(budget, leastOfAll(one)))
        assert.strictEqual(shed(one, targets), voluntary)
        assert.strictEqual(voluntary + deferred, leastOfAll(one))
        assert.strictEqual(sum(targets), sum(one.kept) + one.unowned)
      }),
      check
    )
  })

  it("is done after as many rounds as the budget goes into the moves", () => {
    fc.assert(
      fc.property(cases, fc.integer({ min: 1, max: 3 }), (one, budget) => {
        let now = one
        for (let round = Math.ceil(leastOfAll(one) / budget); round > 0; round--) {
          now = { ...now, kept: Array.from(Quota.decide(inputOf(now, budget)).targets), unowned: 0 }
        }
        assert.strictEqual(leastOfAll(now), 0)
      }),
      check
    )
  })

  it("sends home as many as home has room for, at no cost in moves", () => {
    const homing = cases.chain((one) => {
      const column = fc.array(fc.nat({ max: 3 }), { minLength: one.kept.length, maxLength: one.kept.length })
      return fc.record({ one: fc.constant(one), coming: column, leaving: column })
    })
    fc.assert(
      fc.property(homing, ({ one, coming, leaving }) => {
        const homes = { coming: Int32Array.from(coming), leaving: Int32Array.from(leaving) }
        const { targets, voluntary } = Quota.decide({ ...inputOf(one), homing: homes })
        assert.strictEqual(voluntary, leastOfAll(one))
        assert.strictEqual(shed(one, targets), voluntary)
        // Where somebody without a home here got more than it had to, everybody has room for all who come home.
        const beyond = (count: number, j: number) => count > Math.max(one.kept[j] ?? 0, one.bounds[j]?.[0] ?? 0)
        if (voluntary > 0 || !targets.some((count, j) => beyond(count, j) && coming[j] === 0)) return
        targets.forEach((count, j) => {
          const welcome = Math.min(one.bounds[j]?.[1] ?? 0, (one.kept[j] ?? 0) + (coming[j] ?? 0))
          assert.isAtLeast(count, welcome)
        })
      }),
      check
    )
  })
})

describe("Quota.fill", () => {
  it("is as level as whole numbers can be, in proportion to shares", () => {
    fc.assert(
      fc.property(cases, ({ bounds, shares }) => {
        const low = Int32Array.from(bounds, ([atLeast]) => atLeast)
        const high = Int32Array.from(bounds, ([, atMost]) => atMost)
        const amount = Math.floor((sum(low) + sum(high)) / 2)
        const filled = Quota.fill(low, high, Float64Array.from(shares), amount, null)
        assert.strictEqual(sum(filled), amount)
        // Nobody could give a unit to somebody who would then stand no higher than the giver stood.
        filled.forEach((giver, from) =>
          filled.forEach((taker, to) => {
            if (giver <= (low[from] ?? 0) || taker >= (high[to] ?? 0)) return
            const before = giver / (shares[from] ?? 1)
            assert.isAtLeast((taker + 1) / (shares[to] ?? 1), before * (1 - 1e-9))
          })
        )
      }),
      check
    )
  })
})
