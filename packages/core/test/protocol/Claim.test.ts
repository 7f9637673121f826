import { assert, describe, it } from "vitest"
import type { WorkerRecord } from "../../src/model/Record.ts"
import * as Claim from "../../src/protocol/Claim.ts"
import type { Command } from "../../src/protocol/Command.ts"
import * as Membership from "../../src/protocol/Membership.ts"
import { accepted, config, fullLeaseMs, id, rejected, unknown, workerRecord } from "./rig/Sample.ts"

const setting = config({ group: "sample", workerIdPool: { prefix: "w", count: 3 }, boot: "me", instance: "here" })
const empty = Membership.synced(Membership.opened(Membership.empty, "live~1", 0), 0)
const none = { epoch: 0, version: 0 }

const situation = (at: number, change: Partial<Claim.Situation> = {}): Claim.Situation => ({
  at,
  members: empty,
  plan: null,
  content: { applied: none, draining: false },
  isUrgent: false,
  hasEnded: true,
  mayClaim: true,
  ...change
})

type WriteWorker = Extract<Command, { readonly _tag: "WriteWorker" }>

/** What is due is done, and it is one write. */
const writes = (
  state: Claim.State,
  now: Claim.Situation
): { readonly state: Claim.State; readonly order: WriteWorker } => {
  const step = Claim.proceed(setting, state, now)
  const [order] = step.commands
  assert(order?._tag === "WriteWorker" && step.commands.length === 1)
  return { state: step.state, order }
}

const claiming = writes(Claim.initial, situation(0))
const held = Claim.answered(setting, claiming.state, accepted(claiming.order.write, 1, 40)).state
const ours = (change: Partial<WorkerRecord> = {}) => workerRecord("me.1", change)
const bearer = claiming.order.workerId

const observed = (state: Claim.State, revision: number, record: WorkerRecord | null, at: number) =>
  Claim.observed(setting, state, revision, record, at)

describe("An unclaimed worker", () => {
  it("claims a free id under a session of its own, over what was seen there", () => {
    assert.strictEqual(claiming.state._tag, "Claiming")
    assert.deepStrictEqual(claiming.order, {
      _tag: "WriteWorker",
      workerId: bearer,
      write: { serial: 1, purpose: "Claim", issuedAt: 0, expected: 0 },
      record: ours({ attempt: 1, instance: "here" })
    })
  })

  it("claims nothing while it may not", () => {
    assert.strictEqual(Claim.proceed(setting, Claim.initial, situation(0, { mayClaim: false })).ignored, "NothingDue")
  })

  it("says after whom it takes an id", () => {
    const members = ["w-0", "w-1", "w-2"].reduce(
      (state, name, i) => Membership.observed(state, id(name), i + 1, workerRecord(`s${i}`, { state: "evicted" }), 0),
      empty
    )
    const { order } = writes(Claim.initial, situation(0, { members }))
    const index = Number(order.workerId.slice(2))
    assert.deepStrictEqual([order.record.after, order.write.expected], [`s${index}`, index + 1])
  })

  it("says who holds the ids when none is free, once, and looks again soon", () => {
    const members = ["w-0", "w-1", "w-2"].reduce(
      (state, name, i) => Membership.observed(state, id(name), i + 1, workerRecord(`s${i}`), 0),
      empty
    )
    const first = Claim.proceed(setting, Claim.initial, situation(500, { members }))
    assert.deepStrictEqual(first.commands, [
      {
        _tag: "Report",
        report: {
          _tag: "NoWorkerIdAvailable",
          holders: ["w-0", "w-1", "w-2"].map((name) => ({ id: id(name), silentMs: 500 }))
        }
      }
    ])
    assert.strictEqual(Claim.wakeAt(first.state), 1_500)
    assert.strictEqual(Claim.proceed(setting, first.state, situation(1_499, { members })).ignored, "NothingDue")
    const second = Claim.proceed(setting, first.state, situation(1_500, { members }))
    assert.deepStrictEqual(second.commands, [])
    const third = Claim.proceed(setting, second.state, situation(fullLeaseMs, { members }))
    assert.strictEqual(third.commands[0]?._tag, "WriteWorker")
  })

  it("says that its own id is taken when it may bear no other", () => {
    const explicit = config({ group: "sample", workerId: "w-0" })
    const members = Membership.observed(empty, id("w-0"), 1, workerRecord("s1"), 100)
    const step = Claim.proceed(explicit, Claim.initial, situation(600, { members }))
    assert.deepStrictEqual(step.commands, [
      { _tag: "Report", report: { _tag: "WorkerIdTaken", workerId: id("w-0"), silentMs: 500 } }
    ])
  })
})

describe("A claim", () => {
  it("is held when it was accepted, from when it was sent", () => {
    assert(held._tag === "Held")
    assert.deepStrictEqual([held.workerId, held.session, held.lease.heldUntil], [bearer, "me.1", 9_500])
  })

  it("is held when the watch shows it, though its answer never came", () => {
    const step = observed(claiming.state, 1, ours(), 40)
    assert(step.state._tag === "Held")
    assert.strictEqual(step.state.lease.heldUntil, 9_500)
  })

  it("is tried elsewhere, under another session, when it was refused", () => {
    const { state } = Claim.answered(setting, claiming.state, rejected(claiming.order.write, 40))
    assert.strictEqual(state._tag, "Unclaimed")
    const { order } = writes(state, situation(40))
    assert.notStrictEqual(order.workerId, bearer)
    assert.deepStrictEqual([order.record.session, order.write.serial], ["me.2", 2])
  })

  it("is given up when the watch shows that another was first", () => {
    const step = observed(claiming.state, 3, workerRecord("other.1"), 40)
    assert.strictEqual(step.state._tag, "Unclaimed")
  })

  it("is not given up for what was there before it", () => {
    const over = writes(
      Claim.initial,
      situation(0, {
        members: ["w-0", "w-1", "w-2"].reduce(
          (state, name) => Membership.observed(state, id(name), 5, workerRecord("s", { state: "evicted" }), 0),
          empty
        )
      })
    )
    const step = observed(over.state, 5, workerRecord("s", { state: "evicted" }), 40)
    assert.deepStrictEqual([step.state, step.ignored], [over.state, "StaleObservation"])
  })

  it("waits a while for the watch when nobody knows what became of it, then is given up", () => {
    const { state } = Claim.answered(setting, claiming.state, unknown(claiming.order.write, 1_500))
    assert.strictEqual(Claim.wakeAt(state), 3_000)
    assert.strictEqual(Claim.proceed(setting, state, situation(2_999)).ignored, "NothingDue")
    assert.strictEqual(Claim.proceed(setting, state, situation(3_000)).state._tag, "Unclaimed")
    assert.strictEqual(observed(state, 1, ours(), 2_999).state._tag, "Held")
  })

  it("was for nothing when it is ended as soon as it is seen", () => {
    assert.strictEqual(observed(claiming.state, 2, ours({ state: "evicted" }), 40).state._tag, "Unclaimed")
  })

  it("is not answered by what answers another write", () => {
    const step = Claim.answered(setting, claiming.state, accepted({ ...claiming.order.write, serial: 9 }, 4, 40))
    assert.deepStrictEqual([step.state, step.ignored], [claiming.state, "AnswerToNobody"])
  })
})

describe("A holder", () => {
  it("renews each heartbeat, over its own last revision, with a number of its own", () => {
    assert.strictEqual(Claim.wakeAt(held), 2_000)
    assert.strictEqual(Claim.proceed(setting, held, situation(1_999)).ignored, "NothingDue")
    const { order } = writes(held, situation(2_000))
    assert.deepStrictEqual(order.write, { serial: 2, purpose: "Renew", issuedAt: 2_000, expected: 1 })
    assert.deepStrictEqual(order.record, ours({ attempt: 2, instance: "here" }))
  })

  it("has one write under way at a time", () => {
    const { state } = writes(held, situation(2_000))
    assert.strictEqual(Claim.proceed(setting, state, situation(9_000)).ignored, "NothingDue")
    assert.strictEqual(Claim.wakeAt(state), Number.POSITIVE_INFINITY)
  })

  it("says at once what its leader waits for, and the rest with the next heartbeat", () => {
    const content = { applied: { epoch: 7, version: 100 }, draining: false }
    assert.strictEqual(Claim.proceed(setting, held, situation(100, { content })).ignored, "NothingDue")
    const { order, state } = writes(held, situation(100, { content, isUrgent: true }))
    assert.deepStrictEqual(order.record.applied, content.applied)
    const answered = Claim.answered(setting, state, accepted(order.write, 2, 140)).state
    assert.strictEqual(
      Claim.proceed(setting, answered, situation(150, { content, isUrgent: true })).ignored,
      "NothingDue"
    )
  })

  it("says at once that it is draining", () => {
    const { order } = writes(held, situation(100, { content: { applied: none, draining: true } }))
    assert.isTrue(order.record.draining)
  })

  it("holds on when a renewal was refused, and tries again", () => {
    const { order, state } = writes(held, situation(2_000))
    const refused = Claim.answered(setting, state, rejected(order.write, 2_040)).state
    assert.strictEqual(refused._tag, "Held")
    assert.strictEqual(Claim.wakeAt(refused), 2_240)
  })

  it("learns from the watch that a renewal has landed whose answer was lost", () => {
    const { order, state } = writes(held, situation(2_000))
    const open = Claim.answered(setting, state, unknown(order.write, 3_500)).state
    const seen = observed(open, 2, ours({ attempt: 2 }), 3_600).state
    assert(seen._tag === "Held")
    assert.deepStrictEqual([seen.lease.heldUntil, seen.lease.revision], [11_500, 2])
  })

  it.each([
    { by: "Replaced", record: workerRecord("other.1") } as const,
    { by: "Evicted", record: ours({ state: "evicted" }) } as const,
    { by: "Fenced", record: ours({ state: "fenced" }) } as const
  ])("is out for good when its record says so: $by", ({ by, record }) => {
    const step = observed(held, 2, record, 100)
    assert.strictEqual(step.state._tag, "Lost")
    assert.deepStrictEqual(step.commands, [
      { _tag: "Report", report: { _tag: "SessionLost", workerId: bearer, session: "me.1", by } }
    ])
  })

  it("writes its key anew when that has vanished, while its lease holds", () => {
    const gone = observed(held, 2, null, 100).state
    assert.strictEqual(Claim.wakeAt(gone), 100)
    assert.strictEqual(writes(gone, situation(100)).order.write.expected, 0)
  })

  it("writes its key anew when the bucket lives anew, while its lease holds", () => {
    const { state } = Claim.reincarnated(held, 100)
    assert.strictEqual(writes(state, situation(100)).order.write.expected, 0)
    assert.strictEqual(Claim.reincarnated(Claim.initial, 100).state, Claim.initial)
  })

  it("is out for good when its key has vanished and its lease is over: it may have been ended meanwhile", () => {
    for (const step of [observed(held, 2, null, 9_500), Claim.reincarnated(held, 9_500)]) {
      assert.strictEqual(step.state._tag, "Lost")
      assert.deepStrictEqual(step.commands, [
        { _tag: "Report", report: { _tag: "SessionLost", workerId: bearer, session: "me.1", by: "Vanished" } }
      ])
    }
  })
})

describe("A worker that lost its session", () => {
  const lost = observed(held, 2, workerRecord("other.1"), 100).state

  it("claims nothing before its last handler has ended", () => {
    assert.strictEqual(Claim.proceed(setting, lost, situation(5_000, { hasEnded: false })).ignored, "NothingDue")
  })

  it("claims again under a new session", () => {
    const free = Claim.proceed(setting, lost, situation(5_000)).state
    const { order } = writes(free, situation(5_000))
    assert.deepStrictEqual([order.record.session, order.write.serial], ["me.2", 2])
  })

  it("has nothing to release", () => {
    assert.deepStrictEqual(Claim.release(lost, 200), { _tag: "Released", claims: 1, writes: 1, isConfirmed: true })
  })
})

describe("A release", () => {
  const releasing = Claim.release(held, 500)
  const { order, state } = writes(releasing, situation(500))

  it("is a last write over the own revision", () => {
    assert.deepStrictEqual(order.write, { serial: 2, purpose: "Release", issuedAt: 500, expected: 1 })
    assert.deepStrictEqual([order.record.state, order.record.session], ["released", "me.1"])
  })

  it("is done when it was accepted", () => {
    const step = Claim.answered(setting, state, accepted(order.write, 2, 540))
    assert.deepStrictEqual(step.state, { _tag: "Released", claims: 1, writes: 2, isConfirmed: true })
  })

  it("is done when the watch shows it", () => {
    const open = Claim.answered(setting, state, unknown(order.write, 2_000)).state
    const seen = observed(open, 2, ours({ state: "released", attempt: 2 }), 2_100).state
    assert.deepStrictEqual(seen, { _tag: "Released", claims: 1, writes: 2, isConfirmed: true })
  })

  it.each([
    { title: "another has the id", record: workerRecord("other.1") },
    { title: "it was evicted", record: ours({ state: "evicted" }) },
    { title: "the key has vanished", record: null }
  ])("is for nothing, and not confirmed, when $title", ({ record }) => {
    assert.deepStrictEqual(observed(state, 3, record, 600).state, {
      _tag: "Released",
      claims: 1,
      writes: 2,
      isConfirmed: false
    })
  })

  it("is tried again when it was refused, over what the watch has shown since", () => {
    const refused = Claim.answered(setting, state, rejected(order.write, 540)).state
    const seen = observed(refused, 7, ours({ attempt: 1 }), 600).state
    assert.strictEqual(writes(seen, situation(740)).order.write.expected, 7)
  })

  it("waits for the answer to a renewal that is under way", () => {
    const renewing = writes(held, situation(2_000))
    const waiting = Claim.release(renewing.state, 2_010)
    assert.strictEqual(Claim.proceed(setting, waiting, situation(2_010)).ignored, "NothingDue")
    const answered = Claim.answered(setting, waiting, accepted(renewing.order.write, 2, 2_040)).state
    assert.strictEqual(answered._tag, "Releasing")
    assert.strictEqual(writes(answered, situation(2_040)).order.write.expected, 2)
  })

  it("is no use to a worker without an id", () => {
    assert.strictEqual(Claim.release(Claim.initial, 0)._tag, "Released")
    assert.strictEqual(Claim.release(claiming.state, 0), claiming.state)
    assert.strictEqual(Claim.release(state, 0), state)
  })

  it("is the end", () => {
    const released = Claim.answered(setting, state, accepted(order.write, 2, 540)).state
    assert.strictEqual(Claim.proceed(setting, released, situation(99_000)).ignored, "NothingDue")
    assert.strictEqual(observed(released, 9, ours(), 99_000).ignored, "StaleObservation")
    assert.strictEqual(Claim.answered(setting, released, accepted(order.write, 2, 99_000)).ignored, "AnswerToNobody")
    assert.strictEqual(Claim.release(released, 0), released)
    assert.strictEqual(Claim.wakeAt(released), Number.POSITIVE_INFINITY)
  })
})
