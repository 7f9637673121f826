import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import * as Moves from "../../src/model/Moves.ts"
import { nobody, type Plan } from "../../src/model/Plan.ts"
import { numbered, plan, workerId } from "./PlanSample.ts"

const list = numbered(90, 12)

const team = (...members: ReadonlyArray<boolean>): Plan["workers"] =>
  members.map((member, i) => ({ id: workerId(`worker-${i}`), session: `s${i}`, member }))

const aims = (workers: Plan["workers"], next: ReadonlyArray<number>) =>
  plan({ list, workers, owner: next.map(() => nobody), next })

const three = aims(team(true, true, true), [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2])

const examples: ReadonlyArray<readonly [what: string, before: Plan, after: Plan, expected: Moves.Moves]> = [
  ["nothing, when nothing changed", three, three, { moved: 0, minimum: 0 }],
  [
    "a quarter, when a fourth worker joins three",
    three,
    aims(team(true, true, true, true), [0, 0, 0, 3, 1, 1, 1, 3, 2, 2, 2, 3]),
    { moved: 3, minimum: 3 }
  ],
  [
    "more than it had to, when partitions were dealt out anew",
    three,
    aims(team(true, true, true, true), [0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3]),
    { moved: 9, minimum: 3 }
  ],
  [
    "what a worker had that is gone",
    three,
    aims(team(true, true, false), [0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 1, 1]),
    { moved: 4, minimum: 4 }
  ],
  [
    "what two had to swap for nothing",
    three,
    aims(team(true, true, true), [1, 0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 2]),
    { moved: 2, minimum: 0 }
  ],
  [
    "nothing, when partitions get their first worker",
    aims(
      team(true, true, true),
      list.partitions.map(() => nobody)
    ),
    three,
    { moved: 0, minimum: 0 }
  ],
  [
    "nothing, when a worker came back under its old id",
    three,
    { ...three, workers: team(true, true, true).map((worker) => ({ ...worker, session: `${worker.session}-again` })) },
    { moved: 0, minimum: 0 }
  ]
]

const orders = (items: ReadonlyArray<number>): ReadonlyArray<ReadonlyArray<number>> =>
  items.length === 0 ? [[]] : items.flatMap((item, i) => orders(items.toSpliced(i, 1)).map((rest) => [item, ...rest]))

/** Tries every way. */
const dumbMinimum = (before: ReadonlyArray<number>, after: ReadonlyArray<number>, members: ReadonlyArray<boolean>) => {
  const isOwned = (_: number, i: number) => before[i] !== nobody && after[i] !== nobody
  const has = members.map((_, worker) => after.filter((index) => index === worker).length)
  const had = members.map((isMember, worker) =>
    isMember || (has[worker] ?? 0) > 0 ? before.filter(isOwned).filter((index) => index === worker).length : 0
  )
  const keptWith = (numbers: ReadonlyArray<number>) => had.reduce((sum, n, i) => sum + Math.min(n, numbers[i] ?? 0), 0)
  return before.filter(isOwned).length - Math.max(...orders(has).map(keptWith))
}

describe("A rebalance moves", () => {
  it.each(examples)("%s", (_, before, after, expected) => {
    assert.deepStrictEqual(Moves.between(before, after), expected)
  })

  it("only what both plans list", () => {
    const other = { ...three, list: numbered(95, 24), next: numbered(95, 24).partitions.map(() => 0) }
    const { moved } = Moves.between(three, other)
    assert.strictEqual(moved, 8)
  })

  it("never less than the minimum, which is the best of all ways to hand out the numbers that were reached", () => {
    const column = fc.array(fc.integer({ min: -1, max: 3 }), { minLength: 12, maxLength: 12 })
    const changes = fc.array(fc.tuple(fc.nat(11), fc.integer({ min: -1, max: 3 })), { maxLength: 6 })
    const flags = fc.array(fc.boolean(), { minLength: 4, maxLength: 4 })
    fc.assert(
      fc.property(column, changes, flags, (before, moves, members) => {
        const after = before.map((index, i) => moves.find(([place]) => place === i)?.[1] ?? index)
        const workers = team(...members)
        const { minimum, moved } = Moves.between(aims(workers, before), aims(workers, after))
        assert.strictEqual(minimum, dumbMinimum(before, after, members))
        assert.isAtMost(minimum, moved)
      }),
      { seed: 20261123, numRuns: 1000 }
    )
  })
})
