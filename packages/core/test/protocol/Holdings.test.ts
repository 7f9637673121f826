import { assert, describe, it } from "vitest"
import type { Plan } from "../../src/model/Plan.ts"
import type { Command, StopReason } from "../../src/protocol/Command.ts"
import * as Holdings from "../../src/protocol/Holdings.ts"
import type { Step } from "../../src/protocol/Step.ts"
import { idsOf, list, plan, seats } from "./rig/Sample.ts"

const [a, b, c, d] = idsOf(list(90, 4))
assert(a !== undefined && b !== undefined && c !== undefined && d !== undefined)

/** What the plan says of `a`, `b`, `c` and `d`: seats 0 and 1 are `w0.1` and `w1.1`. */
const planned = (version: number, owner: ReadonlyArray<number>, change: Partial<Plan> = {}): Plan =>
  plan({ version, owner, next: owner, token: [90, 90, 90, 90], workers: seats("w0", "w1"), ...change })

const situation = (of: Plan | null, change: Partial<Holdings.Situation> = {}): Holdings.Situation => ({
  plan: of,
  session: "w0.1",
  halt: null,
  mayStart: true,
  ...change
})

const start = (partition: typeof a, token = 90): Command => ({ _tag: "StartPartition", partition, token, epoch: 7 })
const stop = (partition: typeof a, reason: StopReason = "Revoked"): Command => ({
  _tag: "StopPartition",
  partition,
  token: 90,
  reason
})

const before = planned(100, [0, 0, 1, 1])
const running = Holdings.proceed(Holdings.initial, situation(before)).state

const end = (state: Holdings.State, of: typeof a, now: Holdings.Situation): Step<Holdings.State> =>
  Holdings.ended(state, of, 90, now)

/** All that was told to stop has ended, then the plan is looked at again. */
const settled = (state: Holdings.State, now: Holdings.Situation): Holdings.State => {
  const over = state.ending.reduce((one, run) => Holdings.ended(one, run.partition, run.token, now).state, state)
  return Holdings.proceed(over, now).state
}

describe("What runs", () => {
  it("is what the plan gives to this session, under the plan's tokens and epoch", () => {
    const step = Holdings.proceed(Holdings.initial, situation(planned(100, [0, 0, 1, 1], { token: [91, 92, 93, 94] })))
    assert.deepStrictEqual(step.commands, [start(a, 91), start(b, 92)])
    assert.deepStrictEqual(step.state, {
      running: [
        { partition: a, token: 91, epoch: 7 },
        { partition: b, token: 92, epoch: 7 }
      ],
      ending: [],
      applied: { epoch: 7, version: 100 },
      owesAnswer: false
    })
  })

  it("is nothing without a plan, without a session, or for another session under the same id", () => {
    for (const now of [situation(null), situation(before, { session: null }), situation(before, { session: "w0.2" })]) {
      assert.deepStrictEqual(Holdings.proceed(Holdings.initial, now).commands, [])
    }
  })

  it("goes on while plans give it again", () => {
    const step = Holdings.proceed(running, situation(planned(101, [0, 0, 0, 1])))
    assert.deepStrictEqual(step.commands, [start(c)])
    assert.deepStrictEqual(step.state.applied, { epoch: 7, version: 101 })
  })

  it("goes on when the plan is lost, and follows none", () => {
    const step = Holdings.proceed(running, situation(null))
    assert.deepStrictEqual([step.commands, step.state], [[], running])
  })

  it("starts nothing without a lease, and goes on where it may", () => {
    const step = Holdings.proceed(running, situation(planned(101, [0, 0, 0, 1]), { mayStart: false }))
    assert.deepStrictEqual(step.commands, [])
    assert.lengthOf(step.state.running, 2)
  })

  it("does not change by being looked at again", () => {
    const again = Holdings.proceed(running, situation(before))
    assert.deepStrictEqual([again.state, again.ignored], [running, "NoChange"])
  })
})

describe("A partition that is taken", () => {
  const taking = planned(101, [0, 0, 1, 1], { next: [0, 1, 1, 1] })
  const step = Holdings.proceed(running, situation(taking))

  it("is told to stop, and the plan is not followed before it has ended", () => {
    assert.deepStrictEqual(step.commands, [stop(b)])
    assert.deepStrictEqual([step.state.applied.version, step.state.owesAnswer], [100, false])
  })

  it("is told so once", () => {
    assert.deepStrictEqual(
      Holdings.proceed(step.state, situation(planned(102, [0, 0, 1, 1], { next: taking.next }))).commands,
      []
    )
  })

  it("is let go when its handler has ended: the plan is followed, and its leader waits to hear so", () => {
    const over = settled(step.state, situation(taking))
    assert.deepStrictEqual(
      [...over.running, ...over.ending].map((run) => run.partition),
      [a]
    )
    assert.deepStrictEqual([over.applied.version, over.owesAnswer], [101, true])
  })

  it("is not followed before the last handler has ended", () => {
    const both = planned(101, [0, 0, 1, 1], { next: [1, 1, 1, 1] })
    const stopping = Holdings.proceed(running, situation(both))
    const half = Holdings.proceed(end(stopping.state, a, situation(both)).state, situation(both)).state
    assert.strictEqual(half.applied.version, 100)
    assert.strictEqual(settled(half, situation(both)).applied.version, 101)
  })

  it("is let go at once where nothing runs", () => {
    const idle = Holdings.proceed(Holdings.initial, situation(taking, { mayStart: false })).state
    assert.deepStrictEqual([idle.applied.version, idle.owesAnswer], [101, true])
  })

  it("is not started where its owner is not next", () => {
    assert.deepStrictEqual(Holdings.proceed(Holdings.initial, situation(taking)).commands, [start(a)])
    assert.deepStrictEqual(end(step.state, b, situation(taking)).commands, [])
  })

  it("is not started where this session is next and another still owns it", () => {
    const giving = planned(101, [0, 1, 1, 1], { next: [0, 0, 1, 1] })
    assert.deepStrictEqual(Holdings.proceed(Holdings.initial, situation(giving)).commands, [start(a)])
  })
})

describe("A handler that is ending", () => {
  const taking = planned(101, [0, 0, 1, 1], { next: [0, 1, 1, 1] })
  const ending = Holdings.proceed(running, situation(taking)).state

  it("blocks its partition: nothing starts before it has ended, then it starts again where it is given again", () => {
    const back = planned(102, [0, 0, 1, 1])
    const blocked = Holdings.proceed(ending, situation(back))
    assert.deepStrictEqual(blocked.commands, [])
    const again = end(blocked.state, b, situation(back))
    assert.deepStrictEqual(again.commands, [start(b)])
    assert.deepStrictEqual(again.state.running.at(-1), { partition: b, token: 90, epoch: 7 })
  })

  it("is not started again under a halt, or without a lease", () => {
    const back = planned(102, [0, 0, 1, 1])
    for (const now of [situation(back, { halt: "LeaseEnding" }), situation(back, { mayStart: false })]) {
      assert.deepStrictEqual(end(ending, b, now).commands, [])
    }
  })

  it("is told again only when the lease ends meanwhile", () => {
    assert.deepStrictEqual(Holdings.proceed(ending, situation(taking, { halt: "Stopping" })).commands, [
      stop(a, "Stopping")
    ])
    assert.sameDeepMembers(
      [...Holdings.proceed(ending, situation(taking, { halt: "LeaseEnding" })).commands],
      [stop(a, "LeaseEnding"), stop(b, "LeaseEnding")]
    )
  })

  it("stays for a token of its own: under another one the partition is ended first", () => {
    const anew = planned(102, [0, 0, 1, 1], { token: [95, 90, 90, 90] })
    const step = Holdings.proceed(running, situation(anew))
    assert.deepStrictEqual([step.commands, step.state.applied.version], [[stop(a)], 100])
    assert.deepStrictEqual(end(step.state, a, situation(anew)).commands, [start(a, 95)])
  })
})

describe("A handler's end", () => {
  it("is no news when it was not told to stop, or is another's", () => {
    for (const step of [
      Holdings.ended(running, a, 90, situation(before)),
      Holdings.ended(running, a, 12, situation(before)),
      Holdings.ended(running, d, 90, situation(before))
    ]) {
      assert.deepStrictEqual([step.state, step.ignored], [running, "LateAnswer"])
    }
  })
})

describe("A halt", () => {
  it.each(["LeaseEnding", "LeaseLost", "Stopping"] as const)("stops everything and starts nothing: %s", (halt) => {
    const step = Holdings.proceed(running, situation(planned(101, [0, 0, 0, 1]), { halt }))
    assert.deepStrictEqual(step.commands, [stop(a, halt), stop(b, halt)])
  })

  it("that is over lets start again what the plan gives", () => {
    const halted = Holdings.proceed(running, situation(before, { halt: "LeaseEnding" })).state
    const over = settled(halted, situation(before, { halt: "LeaseEnding" }))
    assert.deepStrictEqual(Holdings.proceed(over, situation(before)).commands, [start(a), start(b)])
  })

  it("does not keep a plan from being followed that takes nothing", () => {
    const step = Holdings.proceed(running, situation(planned(101, [0, 0, 1, 1]), { halt: "LeaseEnding" }))
    assert.strictEqual(step.state.applied.version, 101)
  })
})

describe("A plan that recovers from a loss", () => {
  it("is to be answered by everybody, when all that ran before it has ended", () => {
    const recovering = plan({ version: 101, list: list(101, 0), recovering: true, workers: [] })
    const step = Holdings.proceed(running, situation(recovering))
    assert.deepStrictEqual(step.commands, [stop(a), stop(b)])
    assert.isFalse(step.state.owesAnswer)
    const over = settled(step.state, situation(recovering))
    assert.deepStrictEqual([over.applied.version, over.owesAnswer], [101, true])
  })
})

describe("What is given", () => {
  it("is followed within its epoch: an older version of a newer epoch counts", () => {
    const step = Holdings.proceed(running, situation(planned(40, [0, 0, 1, 1], { epoch: 8 })))
    assert.deepStrictEqual(step.state.applied, { epoch: 8, version: 40 })
  })
})
