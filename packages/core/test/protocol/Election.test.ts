import { assert, describe, it } from "vitest"
import type { LeaderRecord } from "../../src/model/Record.ts"
import type { Command } from "../../src/protocol/Command.ts"
import * as Election from "../../src/protocol/Election.ts"
import { accepted, config, fullLeaseMs, id, leaderRecord, rejected, unknown } from "./rig/Sample.ts"

const setting = config()
const self = { workerId: id("w0"), session: "w0.1" }

const situation = (at: number, change: Partial<Election.Situation> = {}): Election.Situation => ({
  at,
  wall: at,
  self,
  planEpoch: 0,
  listeningSince: 0,
  isReady: true,
  ...change
})

type WriteLeader = Extract<Command, { readonly _tag: "WriteLeader" }>

const writes = (
  state: Election.State,
  now: Election.Situation
): { readonly state: Election.State; readonly order: WriteLeader } => {
  const step = Election.proceed(setting, state, now)
  const [order] = step.commands
  assert(order?._tag === "WriteLeader" && step.commands.length === 1)
  return { state: step.state, order }
}

const observed = (state: Election.State, revision: number, record: LeaderRecord | null, at: number) =>
  Election.observed(setting, state, revision, record, at).state

const vacant = Election.observed(setting, Election.initial, 0, null, 0).state
const candidate = writes(vacant, situation(5))
const leader = Election.answered(setting, candidate.state, accepted(candidate.order.write, 1, 40)).state
const own = (change: Partial<LeaderRecord> = {}) => leaderRecord("w0", 5, change)
const other = leaderRecord("w1", 3)

describe("A follower", () => {
  it("does nothing before the watch has shown the leader's record, or that there is none", () => {
    assert.strictEqual(Election.proceed(setting, Election.initial, situation(99_000)).ignored, "NothingDue")
    assert.strictEqual(Election.wakeAt(setting, Election.initial, situation(0)), Number.POSITIVE_INFINITY)
  })

  it("does nothing without a lease of its own", () => {
    assert.strictEqual(Election.proceed(setting, vacant, situation(99_000, { self: null })).ignored, "NothingDue")
  })

  it("runs at once for a vacant office, over nothing", () => {
    assert.strictEqual(candidate.state._tag, "Candidate")
    assert.deepStrictEqual(candidate.order, {
      _tag: "WriteLeader",
      write: { serial: 1, purpose: "Lead", issuedAt: 5, expected: 0 },
      record: own()
    })
  })

  it("runs at once for an office that was given up, over that record, with a higher epoch", () => {
    const state = observed(vacant, 7, { ...other, epoch: 90, state: "released" }, 20)
    const { order } = writes(state, situation(20, { planEpoch: 88 }))
    assert.deepStrictEqual([order.write.expected, order.record.epoch], [7, 91])
  })

  it.each([
    { title: "the wall clock", wall: 1_000, planEpoch: 3, epoch: 1_000 },
    { title: "the plan's epoch", wall: 10, planEpoch: 70, epoch: 71 },
    { title: "the record's epoch", wall: 10, planEpoch: 0, epoch: 51 }
  ])("chooses an epoch above $title", ({ epoch, planEpoch, wall }) => {
    const state = observed(vacant, 7, { ...other, epoch: 50, state: "released" }, 0)
    assert.strictEqual(writes(state, situation(5, { wall, planEpoch })).order.record.epoch, epoch)
  })

  it("takes a silent leader's office over after a full lease, and not before", () => {
    const state = observed(vacant, 7, other, 100)
    assert.strictEqual(Election.wakeAt(setting, state, situation(200)), 100 + fullLeaseMs)
    assert.strictEqual(Election.proceed(setting, state, situation(100 + fullLeaseMs - 1)).ignored, "NothingDue")
    assert.strictEqual(writes(state, situation(100 + fullLeaseMs)).order.write.expected, 7)
  })

  it("waits anew after each sign of life, and not after a repetition", () => {
    const state = observed(observed(vacant, 7, other, 100), 8, { ...other, attempt: 2 }, 2_100)
    const again = Election.observed(setting, state, 8, { ...other, attempt: 2 }, 5_000)
    assert.deepStrictEqual([again.state, again.ignored], [state, "StaleObservation"])
    assert.strictEqual(Election.wakeAt(setting, state, situation(2_200)), 2_100 + fullLeaseMs)
  })

  it("counts no silence while it was cut off itself", () => {
    const state = observed(vacant, 7, other, 100)
    const now = situation(20_000, { listeningSince: 15_000 })
    assert.strictEqual(Election.wakeAt(setting, state, now), 15_000 + fullLeaseMs)
  })

  it("waits out the lease that the record names, where that is longer", () => {
    const state = observed(vacant, 7, { ...other, leaseMs: 60_000 }, 100)
    assert.strictEqual(Election.wakeAt(setting, state, situation(200)), 100 + 60_500)
  })

  it.each([
    { title: "first when it is ready to lead", isReady: true, from: 0 },
    { title: "after those that are ready, when it is not", isReady: false, from: 100 }
  ])("spreads with the others over the jitter, $title", ({ from, isReady }) => {
    const waits = Array.from({ length: 20 }, (_, seed) => {
      const spread = { ...config({ group: "sample", electionJitterMs: 100 }), seed }
      return Election.wakeAt(spread, vacant, situation(0, { isReady }))
    })
    assert.isTrue(waits.every((at) => at >= from && at < from + 100))
    assert.isAbove(new Set(waits).size, 10)
  })

  it("is answered by nothing", () => {
    const step = Election.answered(setting, vacant, accepted(candidate.order.write, 1, 40))
    assert.deepStrictEqual([step.state, step.ignored], [vacant, "AnswerToNobody"])
  })

  it("looks again in another life of the bucket", () => {
    const state = Election.reincarnated(observed(vacant, 7, other, 100), 200)
    assert.strictEqual(state.seen, null)
    assert.deepStrictEqual(observed(state, 0, null, 250).seen, { revision: 0, record: null, seenAt: 250 })
  })
})

describe("A candidate", () => {
  it("leads when it was accepted, from when it wrote", () => {
    assert(leader._tag === "Leader")
    assert.deepStrictEqual([leader.epoch, leader.lease.heldUntil], [5, 9_505])
    assert.isNotNull(Election.serving(leader, 9_504))
    assert.isNull(Election.serving(leader, 9_505))
  })

  it("leads when the watch shows it, though its answer never came", () => {
    assert.strictEqual(observed(candidate.state, 1, own(), 40)._tag, "Leader")
  })

  it("follows when it was refused, and has a little patience", () => {
    const { state } = Election.answered(setting, candidate.state, rejected(candidate.order.write, 40))
    assert.strictEqual(state._tag, "Follower")
    assert.strictEqual(Election.wakeAt(setting, state, situation(40)), 240)
  })

  it("follows when the watch shows that another was first", () => {
    const state = observed(candidate.state, 2, other, 40)
    assert.strictEqual(state._tag, "Follower")
    assert.strictEqual(Election.wakeAt(setting, state, situation(50)), 40 + fullLeaseMs)
  })

  it("goes on when the watch shows what was there before it", () => {
    const before = observed(vacant, 7, other, 0)
    const over = writes(before, situation(fullLeaseMs))
    const state = observed({ ...over.state, seen: null }, 7, other, fullLeaseMs + 10)
    assert.strictEqual(state._tag, "Candidate")
  })

  it("waits a while for the watch when nobody knows what became of it, then follows", () => {
    const { state } = Election.answered(setting, candidate.state, unknown(candidate.order.write, 1_505))
    assert.strictEqual(Election.wakeAt(setting, state, situation(1_505)), 3_005)
    assert.strictEqual(Election.proceed(setting, state, situation(3_004)).ignored, "NothingDue")
    assert.strictEqual(Election.proceed(setting, state, situation(3_005)).state._tag, "Follower")
    assert.strictEqual(observed(state, 1, own(), 3_000)._tag, "Leader")
  })

  it.each([
    ["is lost", null],
    ["is another's", { workerId: id("w0"), session: "w0.2" }]
  ])("waits for its answer when its own lease %s, and gives back what it was granted", (_, self) => {
    const late = situation(60, { self })
    assert.strictEqual(Election.proceed(setting, candidate.state, late).ignored, "NothingDue")
    const granted = Election.answered(setting, candidate.state, accepted(candidate.order.write, 1, 60)).state
    const resigning = Election.proceed(setting, granted, late).state
    assert.strictEqual(resigning._tag, "Resigning")
    const { commands } = Election.proceed(setting, resigning, late)
    assert.deepInclude(commands[0], { _tag: "WriteLeader" })
    assert.isTrue(commands.every((command) => command._tag === "WriteLeader" && command.record.state === "released"))
    const unsure = Election.answered(setting, candidate.state, unknown(candidate.order.write, 1_505)).state
    assert.strictEqual(Election.proceed(setting, unsure, situation(1_505, { self })).state._tag, "Follower")
  })
})

describe("A leader", () => {
  it("renews each heartbeat under the same epoch", () => {
    assert.strictEqual(Election.wakeAt(setting, leader, situation(50)), 2_005)
    assert.strictEqual(Election.proceed(setting, leader, situation(2_004)).ignored, "NothingDue")
    const { order } = writes(leader, situation(2_005))
    assert.deepStrictEqual(order, {
      _tag: "WriteLeader",
      write: { serial: 2, purpose: "RenewLeader", issuedAt: 2_005, expected: 1 },
      record: own({ attempt: 2 })
    })
  })

  it("goes on renewing when the watch shows a renewal before its answer comes", () => {
    const { order, state } = writes(leader, situation(2_005))
    const shown = observed(state, 2, own({ attempt: 2 }), 2_030)
    const answered = Election.answered(setting, shown, accepted(order.write, 2, 2_040)).state
    assert.strictEqual(Election.wakeAt(setting, answered, situation(2_040)), 4_005)
  })

  it.each([
    { title: "refused", answer: rejected, at: 2_240 },
    { title: "of unknown fate", answer: unknown, at: 2_040 }
  ])("tries on when a renewal is $title", ({ answer, at }) => {
    const { order, state } = writes(leader, situation(2_005))
    const after = Election.answered(setting, state, answer(order.write, 2_040)).state
    assert.strictEqual(after._tag, "Leader")
    assert.strictEqual(Election.wakeAt(setting, after, situation(2_039)), at)
  })

  it("follows when the record shows another", () => {
    assert.strictEqual(observed(leader, 2, other, 100)._tag, "Follower")
    assert.strictEqual(observed(leader, 2, own({ epoch: 6 }), 100)._tag, "Follower")
    assert.strictEqual(observed(leader, 2, own({ session: "w0.2" }), 100)._tag, "Follower")
  })

  it("writes its record anew when that has vanished", () => {
    const gone = observed(observed(leader, 1, own(), 50), 2, null, 100)
    assert.strictEqual(gone._tag, "Leader")
    assert.strictEqual(writes(gone, situation(100)).order.write.expected, 0)
  })

  it("learns that its record has vanished also when it was never shown", () => {
    // Accepted and gone again before the watch came round to it: nothing but this tells it.
    assert.strictEqual(writes(observed(leader, 2, null, 100), situation(100)).order.write.expected, 0)
  })

  it("writes its record anew when the bucket lives anew", () => {
    const state = Election.reincarnated(leader, 100)
    assert.deepStrictEqual([state._tag, state.seen], ["Leader", null])
    assert.strictEqual(writes(state, situation(100)).order.write.expected, 0)
  })

  it("resigns when its own lease is lost", () => {
    const step = Election.proceed(setting, leader, situation(60, { self: null }))
    assert.strictEqual(step.state._tag, "Resigning")
    assert.isNull(Election.serving(step.state, 60))
  })
})

describe("Whoever resigns", () => {
  const resigning = Election.resign(leader, 100)
  const { order, state } = writes(resigning, situation(100, { self: null }))

  it("says so in the record, under the same epoch", () => {
    assert.deepStrictEqual(order.record, own({ attempt: 2, state: "released" }))
    assert.deepStrictEqual(order.write, { serial: 2, purpose: "ReleaseLeader", issuedAt: 100, expected: 1 })
  })

  it.each([
    { title: "it is accepted", answer: accepted(order.write, 2, 140) },
    { title: "it is refused", answer: rejected(order.write, 140) }
  ])("follows when $title, and lets others go first for a heartbeat", ({ answer }) => {
    const after = Election.answered(setting, state, answer).state
    assert(after._tag === "Follower")
    assert.strictEqual(after.patientUntil, 2_140)
  })

  it("tries on when nobody knows what became of it", () => {
    const after = Election.answered(setting, state, unknown(order.write, 1_600)).state
    assert.strictEqual(after._tag, "Resigning")
    assert.strictEqual(writes(after, situation(1_600, { self: null })).order.record.state, "released")
  })

  it("tries on when the store did not take it", () => {
    const after = Election.answered(setting, state, rejected(order.write, 140, "NotApplied")).state
    assert.strictEqual(after._tag, "Resigning")
  })

  it("follows when the watch shows it", () => {
    assert.strictEqual(observed(state, 2, own({ attempt: 2, state: "released" }), 140)._tag, "Follower")
  })

  it("follows when the record shows another", () => {
    assert.strictEqual(observed(state, 2, other, 140)._tag, "Follower")
  })

  it("waits for the answer to a renewal that is under way", () => {
    const renewing = writes(leader, situation(2_005))
    const waiting = Election.resign(renewing.state, 2_010)
    assert.strictEqual(Election.proceed(setting, waiting, situation(2_010)).ignored, "NothingDue")
    const answered = Election.answered(setting, waiting, accepted(renewing.order.write, 2, 2_040)).state
    assert.strictEqual(writes(answered, situation(2_040)).order.write.expected, 2)
  })

  it("had an office", () => {
    assert.strictEqual(Election.resign(vacant, 0), vacant)
    assert.strictEqual(Election.resign(candidate.state, 0), candidate.state)
  })
})
