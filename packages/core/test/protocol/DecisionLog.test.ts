import { assert, describe, it } from "vitest"
import type { Plan } from "../../src/model/Plan.ts"
import type { Decision, Made } from "../../src/protocol/Decision.ts"
import * as DecisionLog from "../../src/protocol/DecisionLog.ts"
import type { Event } from "../../src/protocol/Event.ts"
import * as DecisionSample from "./DecisionSample.ts"
import * as Sample from "./rig/Sample.ts"

const { evidence, verdict } = DecisionSample.joining(2, DecisionSample.numbered(4))

const madeAt = (version: number): Made => ({
  verdict: { ...verdict, version },
  evidence: { ...evidence, version },
  windowOpenedAt: 100,
  decidedAt: version,
  asked: ["w0.1", "w1.1"]
})

const idle: Plan = Sample.plan({
  epoch: 3,
  version: 1,
  phase: { _tag: "Idle" },
  owner: [0, 0, 1, 1],
  next: [0, 0, 1, 1]
})

const planOf = (version: number, change: Partial<Plan>): Plan => ({ ...idle, version, ...change })

const active = { phase: { _tag: "Rebalancing", reason: "planned_scale", startedAt: 100 } } as const
const revoking = (version: number) => planOf(version, { ...active, next: [1, 0, 0, 1] })
const granted = (version: number) => planOf(version, { ...active, owner: [1, 0, 0, 1], next: [1, 0, 0, 1] })
const done = (version: number) => planOf(version, { owner: [1, 0, 0, 1], next: [1, 0, 0, 1] })

const at = (wall: number): Event => ({ _tag: "TimerFired", at: wall, wall })

const acknowledged = (session: string, version: number, wall: number, state: "live" | "evicted" = "live"): Event => ({
  _tag: "WorkerObserved",
  serial: 1,
  workerId: Sample.id(session.slice(0, 2)),
  revision: 1,
  record: Sample.workerRecord(session, { state, applied: { epoch: 3, version } }),
  at: wall,
  wall
})

/** What is written of a story, in order. */
const pagesOf = (state: DecisionLog.State) =>
  DecisionLog.flush(state).pages.map(({ evidence: columns, number, steps, verdict: { version } }) => ({
    number,
    version,
    hasEvidence: columns !== null,
    ...steps
  }))

const known = (origin: number): DecisionLog.State => ({ ...DecisionLog.initial, origin })

const opened = (state: DecisionLog.State): DecisionLog.State =>
  DecisionLog.observe(DecisionLog.made(state, madeAt(1000)), at(1004), revoking(1000))

const steps = { ...DecisionSample.steps, windowOpenedAt: 100, decidedAt: 1000, publishedAt: 1004 }

describe("The log of a leader", () => {
  it("writes a decision with its evidence when its plan is in force, and not before", () => {
    const made = DecisionLog.made(known(41), madeAt(1000))
    assert.deepStrictEqual(pagesOf(DecisionLog.observe(made, at(1001), idle)), [])
    assert.deepStrictEqual(pagesOf(opened(known(41))), [{ number: 42, version: 1000, hasEvidence: true, ...steps }])
  })

  it("notes who is the last to give something up, when all is granted, and when the plan says Idle", () => {
    const begun = DecisionLog.flush(opened(known(41))).state
    let state = DecisionLog.observe(begun, acknowledged("w0.1", 1000, 1010), revoking(1000))
    state = DecisionLog.observe(state, acknowledged("w1.1", 999, 1015), revoking(1000))
    assert.deepStrictEqual(pagesOf(state), [], "an acknowledgement of an older plan is none")
    state = DecisionLog.observe(state, acknowledged("w1.1", 1000, 1020), revoking(1000))
    state = DecisionLog.observe(state, at(1030), granted(1030))
    state = DecisionLog.observe(state, at(1040), done(1040))
    const whole = {
      ...steps,
      acknowledgedAt: 1020,
      slowest: Sample.id("w1"),
      grantedAt: 1030,
      grantedBy: 1030,
      stableAt: 1040
    }
    assert.deepStrictEqual(pagesOf(state), [{ number: 42, version: 1000, hasEvidence: false, ...whole }])
  })

  it("takes the end of a session for its acknowledgement", () => {
    let state = DecisionLog.observe(opened(known(0)), acknowledged("w0.1", 1000, 1010), revoking(1000))
    state = DecisionLog.observe(state, acknowledged("w1.1", 1, 1050, "evicted"), revoking(1000))
    state = DecisionLog.observe(state, at(1060), done(1060))
    assert.deepInclude(pagesOf(state)[0], { acknowledgedAt: 1050, slowest: Sample.id("w1"), hasEvidence: true })
  })

  it("says which decision came before another was done, and forgets those that never came into force", () => {
    let state = DecisionLog.made(DecisionLog.flush(opened(known(0))).state, madeAt(1100))
    state = DecisionLog.made(state, madeAt(1200))
    state = DecisionLog.observe(state, at(1204), revoking(1200))
    const [first, second] = pagesOf(state)
    assert.deepInclude(first, { number: 1, version: 1000, supersededBy: 1200, stableAt: null })
    assert.deepInclude(second, { number: 2, version: 1200, hasEvidence: true, supersededBy: null })
    assert.lengthOf(pagesOf(DecisionLog.observe(DecisionLog.flush(state).state, at(1300), revoking(1100))), 0)
  })

  it("waits with its numbers until it knows those of the leaders before", () => {
    const begun = opened(DecisionLog.initial)
    assert.deepStrictEqual(pagesOf(begun), [])
    const later = DecisionLog.observe(begun, at(1060), done(1060))
    assert.deepStrictEqual(pagesOf(later), [])
    const [page, ...others] = pagesOf(DecisionLog.loaded(later, []))
    assert.deepInclude(page, { number: 1, hasEvidence: true, stableAt: 1060 })
    assert.deepStrictEqual(others, [], "what was not written yet is written once")
  })

  const left: Decision = {
    ...verdict,
    version: 900,
    number: 17,
    steps: { ...steps, publishedAt: 904 },
    evidence: "Whole"
  }

  it("brings to its end what a former leader has left open", () => {
    const taken = DecisionLog.observe(DecisionLog.initial, at(950), revoking(950))
    const loaded = DecisionLog.loaded(taken, [{ ...left, number: 3, version: 10 }, left])
    assert.deepStrictEqual(pagesOf(loaded), [])
    const ended = DecisionLog.observe(loaded, at(980), done(980))
    assert.deepInclude(pagesOf(ended)[0], { number: 17, version: 900, hasEvidence: false, stableAt: 980 })
    const next = DecisionLog.made(DecisionLog.flush(ended).state, madeAt(1000))
    assert.deepInclude(pagesOf(DecisionLog.observe(next, at(1004), revoking(1000)))[0], { number: 18 })
  })

  it("says of what a former leader has left open that another decision came before it was done", () => {
    const [old, own] = pagesOf(DecisionLog.loaded(opened(DecisionLog.initial), [left]))
    assert.deepInclude(old, { number: 17, version: 900, supersededBy: 1000, hasEvidence: false })
    assert.deepInclude(own, { number: 18, version: 1000, hasEvidence: true })
  })

  it("leaves alone what was done, and what belongs to a plan that was lost", () => {
    const taken = DecisionLog.observe(DecisionLog.initial, at(950), done(950))
    const over = { ...left, steps: { ...left.steps, stableAt: 910 } }
    assert.deepStrictEqual(pagesOf(DecisionLog.loaded(taken, [over])), [])
    assert.deepStrictEqual(pagesOf(DecisionLog.loaded(taken, [{ ...left, version: 5000 }])), [])
  })
})
