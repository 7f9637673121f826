import { assert, describe, it } from "vitest"
import { nobody } from "../../src/model/Plan.ts"
import type { Standing } from "../../src/protocol/Membership.ts"
import * as Handoff from "../../src/protocol/Handoff.ts"
import type { Row } from "../../src/protocol/Roster.ts"
import { id, idsOf, list, partitions } from "./rig/Sample.ts"

const row = (index: number, change: Partial<Row> = {}): Row => ({
  id: id(`w${index}`),
  session: `w${index}.1`,
  isMember: true,
  standing: "Live",
  isEligible: true,
  isDraining: false,
  hasEnded: false,
  acknowledged: 0,
  heir: index,
  capacity: 1,
  maxPartitions: null,
  zone: null,
  ...change
})

const ended = (index: number, standing: Standing = "Crashed", heir = nobody): Row =>
  row(index, { standing, isEligible: false, hasEnded: true, heir })

/** One partition: owner, next, token, the version whose revoke is out. */
type Cell = readonly [owner: number, next: number, token: number, openedAt: number]

const columnsOf = ([owner, next, token, openedAt]: Cell): Handoff.Columns => ({
  owner: [owner],
  next: [next],
  token: [token],
  openedAt: [openedAt]
})

const advance = (cell: Cell, rows: ReadonlyArray<Row>, want: number | null, mayGrant = true): Handoff.Advanced =>
  Handoff.advance(columnsOf(cell), { rows, version: 200, wanted: want === null ? null : [want], mayGrant })

const step = (cell: Cell, rows: ReadonlyArray<Row>, want: number | null, mayGrant = true): Cell => {
  const after = advance(cell, rows, want, mayGrant)
  return [after.owner[0] ?? 99, after.next[0] ?? 99, after.token[0] ?? 99, after.openedAt[0] ?? 99]
}

const living = [row(0), row(1), row(2)]
const crashed = [ended(0), row(1), row(2)]
const silent = (acknowledged: number) => [row(0, { acknowledged }), row(1), row(2)]

// The table of Handoff, cell by cell. Worker 0 owns under token 90; a revoke that is out was opened by version 150.
const cells: ReadonlyArray<{
  readonly title: string
  readonly cell: Cell
  readonly rows: ReadonlyArray<Row>
  readonly owner: Cell
  readonly another: Cell
  readonly nobody: Cell
}> = [
  {
    title: "owned by nobody",
    cell: [nobody, nobody, 90, 0],
    rows: living,
    owner: [0, 0, 200, 0],
    another: [1, 1, 200, 0],
    nobody: [nobody, nobody, 90, 0]
  },
  {
    title: "whose owner has ended",
    cell: [0, 0, 90, 0],
    rows: crashed,
    owner: [0, 0, 200, 0],
    another: [1, 1, 200, 0],
    nobody: [nobody, nobody, 90, 0]
  },
  {
    title: "whose owner has ended with a revoke out",
    cell: [0, 2, 90, 150],
    rows: crashed,
    owner: [0, 0, 200, 0],
    another: [1, 1, 200, 0],
    nobody: [nobody, nobody, 90, 0]
  },
  {
    title: "whose owner lives, nothing open",
    cell: [0, 0, 90, 0],
    rows: living,
    owner: [0, 0, 90, 0],
    another: [0, 1, 90, 200],
    nobody: [0, nobody, 90, 200]
  },
  {
    title: "whose owner lives, open, not acknowledged",
    cell: [0, 2, 90, 150],
    rows: silent(149),
    owner: [0, 0, 90, 0],
    another: [0, 1, 90, 150],
    nobody: [0, nobody, 90, 150]
  },
  {
    title: "whose owner lives, open, acknowledged",
    cell: [0, 2, 90, 150],
    rows: silent(150),
    owner: [0, 0, 90, 0],
    another: [1, 1, 200, 0],
    nobody: [nobody, nobody, 90, 0]
  }
]

describe("A partition", () => {
  it.each(cells)("$title, wanted by its owner", ({ cell, owner, rows }) => {
    assert.deepStrictEqual(step(cell, rows, 0), owner)
  })

  it.each(cells)("$title, wanted by another", ({ another, cell, rows }) => {
    assert.deepStrictEqual(step(cell, rows, 1), another)
  })

  it.each(cells)("$title, wanted by nobody", ({ cell, nobody: none, rows }) => {
    assert.deepStrictEqual(step(cell, rows, nobody), none)
  })

  it("is not granted on an acknowledgement that came before the revoke", () => {
    assert.deepStrictEqual(step([0, 0, 90, 0], silent(199), 1), [0, 1, 90, 200])
  })

  it("needs a new acknowledgement when it is revoked again after a cancelled revoke", () => {
    const cancelled = step([0, 1, 90, 150], silent(150), 0)
    assert.deepStrictEqual(cancelled, [0, 0, 90, 0])
    assert.deepStrictEqual(step(cancelled, silent(150), 1), [0, 1, 90, 200])
  })

  it.each<Standing>(["Ending", "Gone"])("is not granted while its owner is %s", (standing) => {
    const rows = [row(0, { standing, isEligible: false }), row(1), row(2)]
    assert.deepStrictEqual(step([0, 0, 90, 0], rows, 1), [0, 1, 90, 200])
  })
})

describe("Without a new target", () => {
  it("what is out goes on to where it was going", () => {
    assert.deepStrictEqual(step([0, 1, 90, 150], silent(150), null), [1, 1, 200, 0])
    assert.deepStrictEqual(step([0, 1, 90, 150], silent(149), null), [0, 1, 90, 150])
    assert.deepStrictEqual(step([0, nobody, 90, 150], silent(150), null), [nobody, nobody, 90, 0])
  })

  it("the partitions of a session that ended wait for its return", () => {
    assert.deepStrictEqual(step([0, 0, 90, 0], [ended(0, "Left"), row(1)], null), [0, 0, 90, 0])
  })

  it("the partitions of a session that ended go to whoever bears its id now, with a new token", () => {
    assert.deepStrictEqual(step([0, 0, 90, 0], [ended(0, "Left", 2), row(1), row(2)], null), [2, 2, 200, 0])
  })

  it("a partition on its way to one who has ended goes back to its owner, and another target is wanted", () => {
    const after = advance([0, 1, 90, 150], [row(0, { acknowledged: 150 }), ended(1)], null)
    assert.deepStrictEqual([after.owner, after.next, after.token, after.openedAt], [[0], [0], [90], [0]])
    assert.deepStrictEqual([after.isGivenBack, after.isSettled, after.awaited], [true, true, []])
  })

  it("a partition on its way to one who has ended waits where its owner may not have it back, and holds up nothing", () => {
    const rows = [row(0, { acknowledged: 150, isEligible: false, isDraining: true }), ended(1)]
    const after = advance([0, 1, 90, 150], rows, null)
    assert.deepStrictEqual([after.owner, after.next, after.openedAt], [[0], [1], [150]])
    assert.deepStrictEqual([after.isGivenBack, after.isSettled], [false, true])
  })

  it("a partition on its way to one who has ended goes to his heir", () => {
    const rows = [row(0, { acknowledged: 150 }), ended(1, "Crashed", 2), row(2)]
    assert.deepStrictEqual(step([0, 1, 90, 150], rows, null), [2, 2, 200, 0])
  })

  it.each<Standing>(["Ending", "Gone"])("a partition on its way to one who is %s waits", (standing) => {
    const rows = [row(0, { acknowledged: 150 }), row(1, { standing, isEligible: false })]
    assert.deepStrictEqual(step([0, 1, 90, 150], rows, null), [0, 1, 90, 150])
  })
})

describe("While nothing may be granted", () => {
  it("nothing is granted, not even over an owner that ended or let go", () => {
    assert.deepStrictEqual(step([nobody, nobody, 90, 0], living, 1, false), [nobody, 1, 90, 0])
    assert.deepStrictEqual(step([0, 0, 90, 0], crashed, 1, false), [0, 1, 90, 0])
    assert.deepStrictEqual(step([0, 1, 90, 150], silent(150), 1, false), [0, 1, 90, 150])
  })

  it("what is to be nobody's may become so", () => {
    assert.deepStrictEqual(step([0, nobody, 90, 150], silent(150), nobody, false), [nobody, nobody, 90, 0])
  })

  it("it is granted as soon as it may be", () => {
    for (const waiting of [
      step([nobody, nobody, 90, 0], living, 1, false),
      step([0, 1, 90, 150], silent(150), 1, false)
    ]) {
      assert.deepStrictEqual(step(waiting, silent(150), null), [1, 1, 200, 0])
    }
  })
})

describe("Who is awaited", () => {
  it("is whoever has a revoke out, once, in order", () => {
    const columns: Handoff.Columns = {
      owner: [2, 0, 2, 1],
      next: [0, 0, 1, 1],
      token: [90, 90, 90, 90],
      openedAt: [150, 0, 150, 0]
    }
    const after = Handoff.advance(columns, { rows: living, version: 200, wanted: [0, 1, 1, 1], mayGrant: true })
    assert.deepStrictEqual(after.awaited, [0, 2])
    assert.isFalse(after.isSettled)
  })

  it("is not whoever has let go, though nothing may be granted yet", () => {
    assert.deepStrictEqual(advance([0, 1, 90, 150], silent(150), 1, false).awaited, [])
  })

  it("is nobody when all is where it is wanted", () => {
    const after = advance([0, 0, 90, 0], living, 0)
    assert.deepStrictEqual([after.awaited, after.isSettled], [[], true])
  })
})

describe("A new list of partitions", () => {
  const from = list(90, 4)
  const columns: Handoff.Columns = {
    owner: [0, 1, 0, 1],
    next: [0, 1, 1, 1],
    token: [1, 2, 3, 4],
    openedAt: [0, 0, 7, 0]
  }

  it("keeps what is in both, wherever that stands now, and what is new has no owner", () => {
    const ids = idsOf(from)
    const to = { version: 100, partitions: partitions([ids[2] ?? "", "new", ids[0] ?? ""]) }
    const after = Handoff.relist(columns, from, to)
    const cellOf = (name: string): Cell => {
      const place = idsOf(to).findIndex((one) => one === name)
      return [after.owner[place] ?? 99, after.next[place] ?? 99, after.token[place] ?? 99, after.openedAt[place] ?? 99]
    }
    assert.deepStrictEqual(cellOf(ids[2] ?? ""), [0, 1, 3, 7])
    assert.deepStrictEqual(cellOf(ids[0] ?? ""), [0, 0, 1, 0])
    assert.deepStrictEqual(cellOf("new"), [nobody, nobody, 0, 0])
    assert.lengthOf(after.owner, 3)
  })

  it("is the same for the same partitions", () => {
    assert.deepStrictEqual(Handoff.relist(columns, from, list(100, 4)), columns)
  })
})

describe("A new leader", () => {
  it("counts every revoke it finds open as opened by its own first plan", () => {
    assert.deepStrictEqual(Handoff.reopened([0, 0, nobody, 1], [0, 1, 1, nobody], 300), [0, 300, 0, 300])
  })
})

describe("A share", () => {
  const ids = idsOf(list(90, 4))
  const columns = { owner: [0, 0, 1, nobody], next: [0, 1, 0, 0], token: [5, 6, 7, 8] }

  it("is what a session owns and is to keep; the rest it may only finish", () => {
    const [first] = ids
    assert(first !== undefined)
    assert.deepStrictEqual(Handoff.shareOf(columns, ids, 0), { mine: new Map([[first, 5]]), isTakenFrom: true })
    assert.deepStrictEqual(Handoff.shareOf(columns, ids, 1), { mine: new Map(), isTakenFrom: true })
    assert.deepStrictEqual(Handoff.shareOf(columns, ids, 2), { mine: new Map(), isTakenFrom: false })
  })

  it("of a session that the plan does not name is nothing", () => {
    assert.deepStrictEqual(Handoff.shareOf(columns, ids, nobody), { mine: new Map(), isTakenFrom: false })
  })
})
