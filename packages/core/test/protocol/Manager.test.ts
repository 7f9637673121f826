import { assert, describe, it } from "vitest"
import * as Manager from "../../src/protocol/Manager.ts"

const states = [
  "Init",
  "ClaimingId",
  "Election",
  "WaitingAssignment",
  "Stable",
  "Scaling",
  "Rebalancing",
  "Emergency",
  "Shutdown"
] as const

// The table of the nine states, a row for where from and a column for where to, in the order above.
const table = [
  ". x . . . . . . x",
  ". . x . . . . . x",
  ". x . x . . . . x",
  ". x . . x . . . x",
  ". x . . . x x x x",
  ". x . . x . x x x",
  ". x . . x . . x x",
  ". x . . x . x . x",
  ". . . . . . . . ."
]

const edges = table.flatMap((row, i) =>
  row.split(" ").map((cell, j) => ({ from: at(i), to: at(j), legal: cell === "x" }))
)

function at(index: number): Manager.WorkerState {
  const state = states[index]
  assert(state !== undefined)
  return state
}

const resting: Manager.Situation = { started: true, stopping: false, holdsId: true, leaderKnown: true, phase: "Idle" }

/** For each legal step a situation that makes a worker take it at once. */
const situations: Readonly<Record<Manager.WorkerState, Manager.Situation>> = {
  Init: { ...resting, started: false, holdsId: false, leaderKnown: false, phase: null },
  ClaimingId: { ...resting, holdsId: false, phase: null },
  Election: { ...resting, leaderKnown: false, phase: null },
  WaitingAssignment: { ...resting, phase: null },
  Stable: resting,
  Scaling: { ...resting, phase: "Scaling" },
  Rebalancing: { ...resting, phase: "Rebalancing" },
  Emergency: { ...resting, phase: "Emergency" },
  Shutdown: { ...resting, stopping: true }
}

/** Only the loss of the id leads back, and nothing leads out of the end. */
const isWayOn = (from: Manager.WorkerState, to: Manager.WorkerState): boolean => {
  if (from === "Shutdown" || to === "Init") return false
  const isEarlier = to === "Election" || to === "WaitingAssignment"
  return !isEarlier || states.indexOf(from) < states.indexOf(to)
}

describe("The nine states", () => {
  it.each(edges)("from $from to $to: $legal", ({ from, legal, to }) => {
    assert.strictEqual(Manager.isValidTransition(from, to), legal)
  })

  it.each(edges.filter(({ legal }) => legal))("go from $from straight to $to when told so", ({ from, to }) => {
    assert.deepStrictEqual(Manager.follow(from, situations[to]), [to])
  })

  it("cover the whole table: 81 pairs, of which 28 are legal", () => {
    assert.lengthOf(edges, 81)
    assert.lengthOf(
      edges.filter(({ legal }) => legal),
      28
    )
  })

  it.each(edges.filter(({ legal }) => !legal))("go from $from to $to only by legal steps, or stay", ({ from, to }) => {
    const path = Manager.follow(from, situations[to])
    for (const [i, state] of path.entries()) assert.isTrue(Manager.isValidTransition(path[i - 1] ?? from, state))
    assert.strictEqual(path.at(-1) ?? from, isWayOn(from, to) ? to : from)
  })

  it("pass through all that lies between, where a watch shows only the last of several phases", () => {
    assert.deepStrictEqual(Manager.follow("Init", situations.Scaling), [
      "ClaimingId",
      "Election",
      "WaitingAssignment",
      "Stable",
      "Scaling"
    ])
    assert.deepStrictEqual(Manager.follow("Rebalancing", situations.Scaling), ["Stable", "Scaling"])
    assert.deepStrictEqual(Manager.follow("Emergency", situations.Scaling), ["Stable", "Scaling"])
  })

  it("do not change while nothing changes", () => {
    for (const state of states) assert.deepStrictEqual(Manager.follow(state, situations[state]), [], state)
  })

  it("end for good", () => {
    for (const state of states) assert.deepStrictEqual(Manager.follow("Shutdown", situations[state]), [], state)
  })

  it("show the phase that was seen last while no leader is known", () => {
    assert.deepStrictEqual(Manager.follow("Stable", { ...resting, leaderKnown: false, phase: "Scaling" }), ["Scaling"])
  })
})
