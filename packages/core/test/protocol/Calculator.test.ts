import { assert, describe, it } from "vitest"
import type { Phase, RebalanceType } from "../../src/model/Plan.ts"
import * as Calculator from "../../src/protocol/Calculator.ts"
import type { Config } from "../../src/protocol/Config.ts"
import { config, id } from "./rig/Sample.ts"

// Windows: cold start 30 s, planned 10 s, restart 30 s, drain 1 s; cooldown 10 s. The wall clock is a million ahead.
const setting = config()
const with_ = (change: Partial<Config>): Config => ({ ...setting, ...change })

const finding = (
  at: number,
  type: RebalanceType | null,
  change: Partial<Calculator.Finding> = {}
): Calculator.Finding => ({
  at,
  wall: 1_000_000 + at,
  type,
  topology: "abc",
  workerCount: 3,
  down: [],
  isListed: true,
  isDraining: false,
  isPaused: false,
  isRequested: false,
  ...change
})

const idle: Calculator.State = { _tag: "Idle", calmUntil: 0 }
const opened = (type: RebalanceType, change: Partial<Calculator.Finding> = {}, at = 0): Calculator.State =>
  Calculator.found(setting, idle, finding(at, type, change))

const rebalancing = Calculator.found(setting, opened("planned_scale"), finding(10_000, "planned_scale"))
const emergency = Calculator.found(setting, idle, finding(0, "emergency"))

type Column = RebalanceType | "no change" | "paused" | "requested" | "asked for, with a change"

const given = (column: Column): Partial<Calculator.Finding> & { readonly type: RebalanceType | null } => {
  switch (column) {
    case "no change":
      return { type: null }
    case "paused":
      return { type: "planned_scale", isPaused: true }
    case "requested":
      return { type: null, isRequested: true }
    case "asked for, with a change":
      return { type: "planned_scale", isRequested: true }
    default:
      return { type: column }
  }
}

const starts: Readonly<Record<string, Calculator.State>> = {
  Idle: idle,
  Scaling: opened("planned_scale"),
  "Scaling (cold start)": opened("cold_start"),
  "Scaling (restart)": opened("restart", { down: [id("w8"), id("w9")] }),
  "Rebalancing, wanted": rebalancing,
  "Rebalancing, under way": Calculator.targeted(rebalancing),
  "Emergency, wanted": emergency,
  "Emergency, under way": Calculator.targeted(emergency)
}

const columns: ReadonlyArray<Column> = [
  "no change",
  "planned_scale",
  "paused",
  "cold_start",
  "restart",
  "emergency",
  "requested",
  "asked for, with a change"
]

// One row for each state, one column for each finding as above. I S R E: the next state; `=`: the very same one.
const cells: Readonly<Record<string, string>> = {
  Idle: "= S = S S E R R",
  Scaling: "I = I = S E I =",
  "Scaling (cold start)": "I = = = S E I =",
  "Scaling (restart)": "I = = = S = I =",
  "Rebalancing, wanted": "= = = = E E = =",
  "Rebalancing, under way": "= = = = E E = =",
  "Emergency, wanted": "= = = = = = = =",
  "Emergency, under way": "= = = = E E = ="
}

const rows = Object.entries(cells).flatMap(([from, row]) =>
  row.split(" ").map((cell, i) => ({ from, column: columns[i] ?? ("no change" as const), cell }))
)

describe("The table of the calculator", () => {
  it.each(rows)("$from, found $column: $cell", ({ cell, column, from }) => {
    const state = starts[from]
    assert(state !== undefined)
    const { type, ...change } = given(column)
    const after = Calculator.found(setting, state, finding(5_000, type, change))
    if (cell === "=") assert.strictEqual(after, state)
    else assert.strictEqual(after._tag.charAt(0), cell)
    const isLegal = after._tag === state._tag || Calculator.transitions[state._tag].includes(after._tag)
    assert.isTrue(isLegal, `${state._tag} to ${after._tag}`)
  })

  it("takes every legal way on in some example", () => {
    const taken = new Set<string>()
    for (const { column, from } of rows) {
      const state = starts[from] ?? idle
      const { type, ...change } = given(column)
      taken.add(`${state._tag} ${Calculator.found(setting, state, finding(5_000, type, change))._tag}`)
    }
    taken.add(`Scaling ${rebalancing._tag}`)
    for (const state of [rebalancing, emergency]) {
      taken.add(`${state._tag} ${Calculator.handedOver(setting, Calculator.targeted(state), 0)._tag}`)
    }
    const legal = Object.entries(Calculator.transitions).flatMap(([from, to]) => to.map((one) => `${from} ${one}`))
    assert.deepStrictEqual(
      legal.filter((way) => !taken.has(way)),
      []
    )
  })
})

describe("A window", () => {
  it.each([
    { type: "cold_start", ms: 30_000 },
    { type: "planned_scale", ms: 10_000 },
    { type: "restart", ms: 30_000 }
  ] as const)("of a $type lasts $ms, to the tick", ({ ms, type }) => {
    const state = opened(type, {}, 700)
    assert.strictEqual(Calculator.wakeAt(state), 700 + ms)
    assert.deepStrictEqual(Calculator.phase(state), {
      _tag: "Scaling",
      reason: type,
      windowMs: ms,
      startedAt: 1_000_700
    })
    assert.strictEqual(Calculator.found(setting, state, finding(700 + ms - 1, type))._tag, "Scaling")
    assert.deepStrictEqual(Calculator.found(setting, state, finding(700 + ms, type)), {
      _tag: "Rebalancing",
      reason: type,
      startedWall: 1_000_700 + ms,
      isTargeted: false,
      retryAt: 0,
      refusals: 0
    })
  })

  it("is neither started anew nor made longer by those who come within it", () => {
    const state = Calculator.found(
      setting,
      opened("planned_scale"),
      finding(8_000, "planned_scale", { topology: "abcd" })
    )
    assert.strictEqual(Calculator.wakeAt(state), 10_000)
  })

  it("of a cold start stays open until there is something to hand out", () => {
    const eager = with_({ coldStart: "eager" })
    const waiting = Calculator.found(eager, idle, finding(0, "cold_start", { isListed: false }))
    assert.strictEqual(waiting._tag, "Scaling")
    assert.strictEqual(Calculator.wakeAt(waiting), Number.POSITIVE_INFINITY)
    const still = Calculator.found(eager, waiting, finding(60_000, "cold_start", { isListed: false }))
    assert.strictEqual(still, waiting)
    assert.strictEqual(Calculator.found(eager, still, finding(61_000, "cold_start"))._tag, "Rebalancing")
    const early = Calculator.found(setting, opened("cold_start", { isListed: false }), finding(5_000, "cold_start"))
    assert.strictEqual(Calculator.wakeAt(early), 30_000)
  })

  it("of a planned change waits for the end of the cooldown", () => {
    const calm = Calculator.handedOver(setting, Calculator.targeted(rebalancing), 10_000)
    assert.deepStrictEqual(calm, { _tag: "Idle", calmUntil: 20_000 })
    const longer = Calculator.handedOver(
      with_({ minRebalanceIntervalMs: 60_000 }),
      Calculator.targeted(rebalancing),
      10_000
    )
    assert.strictEqual(Calculator.wakeAt(Calculator.found(setting, calm, finding(15_000, "planned_scale"))), 25_000)
    assert.strictEqual(Calculator.wakeAt(Calculator.found(setting, longer, finding(15_000, "planned_scale"))), 70_000)
  })

  it("does not make a crash wait for the cooldown", () => {
    const calm: Calculator.State = { _tag: "Idle", calmUntil: 90_000 }
    assert.strictEqual(Calculator.found(setting, calm, finding(1, "emergency"))._tag, "Emergency")
    assert.strictEqual(Calculator.wakeAt(Calculator.found(setting, calm, finding(0, "restart"))), 30_000)
  })

  it("that lost its cause leaves the cooldown as it was", () => {
    const slow = with_({ minRebalanceIntervalMs: 60_000 })
    const calm = Calculator.handedOver(slow, Calculator.targeted(rebalancing), 10_000)
    const gone = Calculator.found(
      slow,
      Calculator.found(slow, calm, finding(15_000, "planned_scale")),
      finding(16_000, null)
    )
    const again = Calculator.found(slow, gone, finding(17_000, "planned_scale"))
    assert.strictEqual(Calculator.wakeAt(again), 70_000)
  })

  it("becomes the short one as soon as somebody is draining", () => {
    const drained = Calculator.found(
      setting,
      opened("planned_scale"),
      finding(2_000, "planned_scale", { isDraining: true })
    )
    assert.strictEqual(Calculator.wakeAt(drained), 3_000)
    const next = Calculator.found(setting, drained, finding(2_500, "planned_scale", { isDraining: true }))
    assert.strictEqual(Calculator.wakeAt(next), 3_000)
    assert.strictEqual(Calculator.wakeAt(opened("planned_scale", { isDraining: true })), 1_000)
    assert.deepStrictEqual(Calculator.phase(drained), {
      _tag: "Scaling",
      reason: "planned_scale",
      windowMs: 3_000,
      startedAt: 1_000_000
    })
  })

  it("is not opened while rebalances are paused, and an open one is closed", () => {
    assert.strictEqual(Calculator.found(setting, idle, finding(0, "planned_scale", { isPaused: true })), idle)
    const closed = Calculator.found(
      setting,
      opened("planned_scale"),
      finding(9_999, "planned_scale", { isPaused: true })
    )
    assert.strictEqual(closed._tag, "Idle")
    assert.strictEqual(Calculator.found(setting, idle, finding(0, "emergency", { isPaused: true }))._tag, "Emergency")
  })
})

describe("A window that a quiet topology closes", () => {
  const quiet = with_({ settleAfterMs: 3_000 })
  const state = Calculator.found(quiet, idle, finding(0, "cold_start"))

  it("closes when nothing has changed for so long", () => {
    assert.strictEqual(Calculator.wakeAt(state), 3_000)
    assert.strictEqual(Calculator.found(quiet, state, finding(3_000, "cold_start"))._tag, "Rebalancing")
  })

  it("waits anew after each change, and never beyond its end", () => {
    const changed = Calculator.found(quiet, state, finding(2_000, "cold_start", { topology: "abcd" }))
    assert.strictEqual(Calculator.wakeAt(changed), 5_000)
    const late = Calculator.found(quiet, changed, finding(29_000, "cold_start", { topology: "abcde" }))
    assert.strictEqual(Calculator.wakeAt(late), 30_000)
    const often = Array.from({ length: 15 }, (_, i) => 2_000 * (i + 1)).reduce(
      (before, at) => Calculator.found(quiet, before, finding(at, "cold_start", { topology: `${at}` })),
      state
    )
    assert.strictEqual(often._tag, "Rebalancing")
    assert.strictEqual(often._tag === "Rebalancing" ? often.startedWall : 0, 1_030_000)
  })
})

describe("A cold start", () => {
  it("ends when all the expected workers are there", () => {
    const three = with_({ expectedWorkers: 3 })
    const two = Calculator.found(three, idle, finding(0, "cold_start", { workerCount: 2 }))
    assert.strictEqual(Calculator.wakeAt(two), 30_000)
    assert.strictEqual(Calculator.found(three, two, finding(100, "cold_start", { workerCount: 3 }))._tag, "Rebalancing")
  })

  it("waits for nobody when it is eager", () => {
    assert.strictEqual(
      Calculator.found(with_({ coldStart: "eager" }), idle, finding(0, "cold_start"))._tag,
      "Rebalancing"
    )
  })

  it("takes no heed of either for other windows", () => {
    const hasty = with_({ expectedWorkers: 1, coldStart: "eager" })
    assert.strictEqual(Calculator.wakeAt(Calculator.found(hasty, idle, finding(0, "planned_scale"))), 10_000)
    assert.strictEqual(Calculator.wakeAt(Calculator.found(hasty, idle, finding(0, "restart"))), 30_000)
  })
})

describe("A restart window", () => {
  const down = ["w4", "w5", "w6"].map(id)
  const state = opened("restart", { down })

  it("goes on while some of those who were down have come back", () => {
    const after = Calculator.found(setting, state, finding(5_000, "emergency", { down: down.slice(1) }))
    assert.strictEqual(Calculator.wakeAt(after), 30_000)
  })

  it("is over when all have come back", () => {
    assert.strictEqual(Calculator.found(setting, state, finding(5_000, null))._tag, "Idle")
  })

  it("is an emergency at once when one more crashes", () => {
    const after = Calculator.found(setting, state, finding(5_000, "emergency", { down: [id("w1"), id("w4")] }))
    assert.strictEqual(after._tag, "Emergency")
  })

  it("goes on when so many more crash that it is a restart again, with them", () => {
    const more = [...down, id("w7")]
    const after = Calculator.found(setting, state, finding(5_000, "restart", { down: more, topology: "x" }))
    assert.strictEqual(Calculator.wakeAt(after), 30_000)
    const fewer = Calculator.found(setting, after, finding(6_000, "emergency", { down: [id("w7")] }))
    assert.strictEqual(fewer._tag, "Scaling")
  })

  it("opens in full when it interrupts another window", () => {
    const after = Calculator.found(setting, opened("planned_scale"), finding(9_000, "restart", { down }))
    assert.strictEqual(Calculator.wakeAt(after), 39_000)
  })

  it("gives to others at its end what those had who did not come back", () => {
    const after = Calculator.found(setting, state, finding(30_000, "emergency", { down: down.slice(2) }))
    assert.deepStrictEqual([after._tag, "reason" in after && after.reason], ["Rebalancing", "restart"])
  })
})

describe("A new leader", () => {
  const phase: Phase = { _tag: "Scaling", reason: "planned_scale", windowMs: 10_000, startedAt: 1_000_000 }

  it("keeps the end of the window it finds", () => {
    const state = Calculator.resume(phase, 500, 1_004_000)
    assert.strictEqual(Calculator.wakeAt(state), 6_500)
    assert.deepStrictEqual(Calculator.phase(state), phase)
    const after = Calculator.found(setting, state, { ...finding(500, "planned_scale"), wall: 1_004_000 })
    assert.deepStrictEqual([Calculator.wakeAt(after), Calculator.phase(after)], [6_500, phase])
  })

  it("never waits longer than the window is long, whatever its clock says", () => {
    assert.strictEqual(Calculator.wakeAt(Calculator.resume(phase, 500, 0)), 10_500)
  })

  it("closes at once a window that is over", () => {
    const state = Calculator.resume(phase, 500, 1_060_000)
    assert.strictEqual(Calculator.wakeAt(state), 500)
    assert.strictEqual(Calculator.found(setting, state, finding(500, "planned_scale"))._tag, "Rebalancing")
  })

  it.each(["Rebalancing", "Emergency"] as const)("computes anew what was under way: %s", (tag) => {
    const found: Phase = { _tag: tag, reason: "planned_scale", startedAt: 1_000_000 }
    const state = Calculator.resume(found, 500, 1_004_000)
    assert.isTrue(Calculator.wantsTarget(state, 500))
    assert.deepStrictEqual(Calculator.phase(state), found)
  })

  it("has no cooldown", () => {
    assert.deepStrictEqual(Calculator.resume({ _tag: "Idle" }, 500, 1_004_000), idle)
  })

  it("goes on with a restart window in which some have come back already", () => {
    const restart: Phase = { _tag: "Scaling", reason: "restart", windowMs: 30_000, startedAt: 1_000_000 }
    const state = Calculator.resume(restart, 500, 1_004_000)
    const after = Calculator.found(setting, state, {
      ...finding(500, "emergency", { down: [id("w9")] }),
      wall: 1_004_000
    })
    assert.strictEqual(Calculator.wakeAt(after), 26_500)
  })
})

describe("A target", () => {
  it("is wanted until there is one, and then handed over", () => {
    assert.isTrue(Calculator.wantsTarget(rebalancing, 10_000))
    const underWay = Calculator.targeted(rebalancing)
    assert.isFalse(Calculator.wantsTarget(underWay, 10_000))
    assert.strictEqual(Calculator.wakeAt(underWay), Number.POSITIVE_INFINITY)
    assert.strictEqual(Calculator.handedOver(setting, rebalancing, 10_000), rebalancing)
    assert.strictEqual(Calculator.handedOver(setting, underWay, 10_000)._tag, "Idle")
  })

  it("that the strategy refused is asked for again, later each time", () => {
    const waits = Array.from({ length: 9 }, (_, i) => i).reduce<ReadonlyArray<Calculator.State>>(
      (states) => [...states, Calculator.refused(states.at(-1) ?? idle, 0)],
      [rebalancing]
    )
    assert.deepStrictEqual(
      waits.slice(1).map((state) => Calculator.wakeAt(state)),
      [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]
    )
    const once = waits[1] ?? idle
    assert.isFalse(Calculator.wantsTarget(once, 499))
    assert.isTrue(Calculator.wantsTarget(once, 500))
  })

  it("that was refused is patient again once there was one", () => {
    const recovered = Calculator.targeted(Calculator.refused(Calculator.refused(rebalancing, 0), 0))
    assert.strictEqual("refusals" in recovered && recovered.refusals, 0)
  })

  it("is nobody's business outside a rebalance", () => {
    for (const state of [idle, opened("planned_scale")]) {
      assert.strictEqual(Calculator.targeted(state), state)
      assert.strictEqual(Calculator.refused(state, 0), state)
      assert.strictEqual(Calculator.handedOver(setting, state, 0), state)
      assert.isFalse(Calculator.wantsTarget(state, 99_000))
    }
  })

  it("interrupted by a crash is computed anew, without its refusals", () => {
    const refused = Calculator.refused(rebalancing, 10_000)
    const after = Calculator.found(setting, refused, finding(10_100, "emergency"))
    assert.isTrue(Calculator.wantsTarget(after, 10_100))
  })
})

describe("The phase", () => {
  it("of a group at rest is idle", () => {
    assert.deepStrictEqual(Calculator.phase(idle), { _tag: "Idle" })
    assert.strictEqual(Calculator.wakeAt(idle), Number.POSITIVE_INFINITY)
  })

  it("says why and since when", () => {
    assert.deepStrictEqual(Calculator.phase(emergency), {
      _tag: "Emergency",
      reason: "emergency",
      startedAt: 1_000_000
    })
    const asked = Calculator.found(setting, idle, { ...finding(7, null, { isRequested: true }), wall: 1_000.75 })
    assert.deepStrictEqual(Calculator.phase(asked), { _tag: "Rebalancing", reason: "requested", startedAt: 1_000 })
  })
})
