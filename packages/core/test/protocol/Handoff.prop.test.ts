import fc from "fast-check"
import { assert, describe, it } from "vitest"
import { nobody } from "../../src/model/Plan.ts"
import * as Handoff from "../../src/protocol/Handoff.ts"
import type { Row } from "../../src/protocol/Roster.ts"
import { frozen } from "./rig/Frozen.ts"
import { id } from "./rig/Sample.ts"

const seed = Number(process.env["FC_SEED"] ?? 20_250_314)
const check = { seed, numRuns: 500 }

/** Of the plan to be written. What came before has lower numbers. */
const version = 200
const earlier = fc.integer({ min: 1, max: version - 1 })

const standing = fc.constantFrom<Row["standing"]>("Live", "Live", "Live", "Left", "Crashed", "Ending", "Gone")

const rowsOf = (
  standings: ReadonlyArray<Row["standing"]>,
  acknowledged: ReadonlyArray<number>,
  heirs: ReadonlyArray<number>
) => {
  const living = standings.flatMap((one, index) => (one === "Live" ? index : []))
  return standings.map((one, index): Row => {
    const hasEnded = one === "Left" || one === "Crashed"
    const heir = living[(heirs[index] ?? 0) % (living.length + 1)] ?? nobody
    return {
      id: id(`w${index}`),
      session: `s${index}`,
      isMember: true,
      standing: one,
      isEligible: one === "Live",
      isDraining: false,
      hasEnded,
      acknowledged: one === "Live" ? (acknowledged[index] ?? 0) : 0,
      heir: one === "Live" ? index : hasEnded ? heir : nobody,
      capacity: 1,
      maxPartitions: null,
      zone: null
    }
  })
}

const rows: fc.Arbitrary<ReadonlyArray<Row>> = fc
  .integer({ min: 1, max: 5 })
  .chain((count) => {
    const length = { minLength: count, maxLength: count }
    return fc.tuple(
      fc.array(standing, length),
      fc.array(fc.oneof(fc.constant(0), earlier), length),
      fc.array(fc.nat(5), length)
    )
  })
  .map(([standings, acknowledged, heirs]) => rowsOf(standings, acknowledged, heirs))

interface Cell {
  readonly owner: number
  readonly next: number
  readonly token: number
  readonly openedAt: number
  readonly want: number
}

interface Case {
  readonly columns: Handoff.Columns
  readonly terms: Handoff.Terms
}

const columnsOf = (cells: ReadonlyArray<Cell>): Handoff.Columns => ({
  owner: cells.map((cell) => cell.owner),
  next: cells.map((cell) => cell.next),
  token: cells.map((cell) => cell.token),
  openedAt: cells.map((cell) => (cell.owner !== nobody && cell.owner !== cell.next ? cell.openedAt : 0))
})

/** A target wants what lives, or nobody. */
const anyCase: fc.Arbitrary<Case> = rows.chain((of) => {
  const seat = fc.integer({ min: nobody, max: of.length - 1 })
  const want = fc.constantFrom(nobody, ...of.flatMap((row, index) => (row.standing === "Live" ? index : [])))
  const cell = fc.record({ owner: seat, next: seat, token: earlier, openedAt: earlier, want })
  return fc
    .record({
      cells: fc.array(cell, { maxLength: 8 }),
      hasTarget: fc.boolean(),
      mayGrant: fc.boolean()
    })
    .map(({ cells, hasTarget, mayGrant }) => ({
      columns: columnsOf(cells),
      terms: { rows: of, version, wanted: hasTarget ? cells.map((one) => one.want) : null, mayGrant }
    }))
})

const law = (judge: (one: Case, after: Handoff.Advanced) => void) => () =>
  fc.assert(
    fc.property(anyCase, (one) => judge(frozen(one), Handoff.advance(frozen(one.columns), frozen(one.terms)))),
    check
  )

const eachCell = (columns: Handoff.Columns, judge: (p: number) => void) => columns.owner.forEach((_, p) => judge(p))

const inOrder = ({ next, openedAt, owner, token }: Handoff.Columns): Handoff.Columns => ({
  next,
  openedAt,
  owner,
  token
})

describe(`One step of all handoffs (FC_SEED=${seed})`, () => {
  it(
    "keeps every partition, and points only at rows there are (S7)",
    law(({ columns, terms }, after) => {
      for (const column of [after.owner, after.next, after.token, after.openedAt]) {
        assert.lengthOf(column, columns.owner.length)
      }
      for (const seat of [...after.owner, ...after.next]) {
        assert.isTrue(seat === nobody || terms.rows[seat] !== undefined)
      }
    })
  )

  it(
    "gives a new token with each new owner, and only then (S2)",
    law(({ columns }, after) => {
      eachCell(columns, (p) => {
        const isGranted = after.owner[p] !== columns.owner[p] && after.owner[p] !== nobody
        assert.strictEqual(after.token[p], isGranted ? version : columns.token[p])
      })
    })
  )

  it(
    "takes a partition from nobody who has not ended, or let go of this very revoke (S5)",
    law(({ columns, terms }, after) => {
      eachCell(columns, (p) => {
        const owner = columns.owner[p] ?? nobody
        if (owner === nobody || after.owner[p] === owner) return
        const row = terms.rows[owner]
        const openedAt = columns.openedAt[p] ?? 0
        const hasLetGo = openedAt > 0 && row?.standing === "Live" && row.acknowledged >= openedAt
        assert.isTrue(row?.hasEnded === true || hasLetGo, `owner ${owner} of ${p}`)
      })
    })
  )

  it(
    "grants nothing while nothing may be granted",
    law(({ columns, terms }, after) => {
      if (terms.mayGrant) return
      eachCell(columns, (p) => assert.isTrue(after.owner[p] === columns.owner[p] || after.owner[p] === nobody))
    })
  )

  it(
    "gives nothing to anybody but those who live",
    law(({ columns, terms }, after) => {
      eachCell(columns, (p) => {
        const owner = after.owner[p] ?? nobody
        if (owner === columns.owner[p] || owner === nobody) return
        assert.strictEqual(terms.rows[owner]?.standing, "Live")
      })
    })
  )

  it(
    "awaits exactly those whose revoke is out and not acknowledged, and is settled when the rest is where it is wanted or waits",
    law((one, after) => {
      const open = new Set<number>()
      eachCell(after, (p) => {
        const owner = after.owner[p] ?? nobody
        const openedAt = after.openedAt[p] ?? 0
        if (openedAt > 0 && (one.terms.rows[owner]?.acknowledged ?? 0) < openedAt) open.add(owner)
      })
      assert.deepStrictEqual(
        after.awaited,
        [...open].sort((a, b) => a - b)
      )
      const isSettled = after.owner.every((owner, p) => owner === after.next[p] || waits(one, p))
      assert.strictEqual(after.isSettled, isSettled)
    })
  )

  it(
    "has nothing more to do while nothing more is known",
    law(({ terms }, after) => {
      const again = Handoff.advance(after, { ...terms, version: version + 1, wanted: null })
      assert.deepStrictEqual(inOrder(again), inOrder(after))
    })
  )

  it(
    "is settled in one step more when everybody who is awaited lets go",
    law(({ columns, terms }, after) => {
      if (terms.wanted === null) return
      const isStuck = !terms.mayGrant || columns.owner.some((owner) => isUnknown(terms.rows[owner]))
      if (isStuck) return
      const rows = terms.rows.map((row) => (row.standing === "Live" ? { ...row, acknowledged: version } : row))
      const done = Handoff.advance(after, { ...terms, rows, version: version + 1, wanted: null })
      assert.isTrue(done.isSettled)
      assert.deepStrictEqual(done.owner, Array.from(terms.wanted))
    })
  )
})

/** Neither lives nor is known to have ended: it is waited for. */
const isUnknown = (row: Row | undefined): boolean => row !== undefined && row.standing !== "Live" && !row.hasEnded

/** Without a target: for somebody to come back, or to be proven ended. */
const waits = ({ columns, terms }: Case, p: number): boolean => {
  const receiver = terms.rows[columns.next[p] ?? nobody]
  if (terms.wanted !== null || receiver === undefined || receiver.standing === "Live") return false
  const isBack = terms.rows[columns.owner[p] ?? nobody]?.isEligible === true
  return !receiver.hasEnded || (receiver.heir === nobody && !isBack)
}
