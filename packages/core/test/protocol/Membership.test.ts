import { assert, describe, it } from "vitest"
import type { WorkerRecord } from "../../src/model/Record.ts"
import * as Membership from "../../src/protocol/Membership.ts"
import { config, fullLeaseMs, id, workerRecord } from "./rig/Sample.ts"

const setting = config()
const w0 = id("w0")

const listed = Membership.synced(Membership.opened(Membership.empty, "live~1", 0), 0)

interface Seen {
  readonly at: number
  readonly revision: number
  readonly record: WorkerRecord | null
}

/** What is known after these were shown of `w0`, in a bucket that was empty at 0. */
const after = (...seen: ReadonlyArray<Seen>): Membership.State =>
  seen.reduce((state, { at, record, revision }) => Membership.observed(state, w0, revision, record, at), listed)

const live = workerRecord("s1")

const standing = (state: Membership.State, session: string, at: number, listeningSince = 0): Membership.Standing =>
  Membership.standing(setting, state, w0, session, listeningSince, at)

describe("A session", () => {
  it("is gone while its id has no record", () => {
    assert.strictEqual(standing(listed, "s1", 99_000), "Gone")
  })

  it("lives as long as its own record says so, however long it has been silent", () => {
    assert.strictEqual(standing(after({ at: 0, revision: 1, record: live }), "s1", 999_000), "Live")
  })

  it("has left at once when it was released", () => {
    const state = after(
      { at: 0, revision: 1, record: live },
      { at: 5, revision: 2, record: workerRecord("s1", { state: "released" }) }
    )
    assert.strictEqual(standing(state, "s1", 5), "Left")
  })

  it("has crashed at once when it was evicted", () => {
    const state = after(
      { at: 0, revision: 1, record: live },
      { at: 5, revision: 2, record: workerRecord("s1", { state: "evicted" }) }
    )
    assert.strictEqual(standing(state, "s1", 5), "Crashed")
  })

  it("is ending for a full lease of own observation when it was fenced", () => {
    const state = after(
      { at: 0, revision: 1, record: live },
      { at: 5, revision: 2, record: workerRecord("s1", { state: "fenced" }) }
    )
    assert.strictEqual(standing(state, "s1", 5 + fullLeaseMs - 1), "Ending")
    assert.strictEqual(standing(state, "s1", 5 + fullLeaseMs), "Crashed")
  })

  it("has crashed when whoever took its id saw its lease end", () => {
    const state = after(
      { at: 0, revision: 1, record: live },
      { at: 5, revision: 2, record: workerRecord("s2", { after: "s1" }) }
    )
    assert.deepStrictEqual([standing(state, "s1", 5), standing(state, "s2", 5)], ["Crashed", "Live"])
  })

  it("is ending for a full lease when another has its id without that proof", () => {
    const state = after(
      { at: 0, revision: 1, record: live },
      { at: 5, revision: 2, record: workerRecord("s2") },
      // Renewals of the other do not make it longer.
      { at: 4_000, revision: 3, record: workerRecord("s2", { attempt: 2 }) }
    )
    assert.strictEqual(standing(state, "s1", 5 + fullLeaseMs - 1), "Ending")
    assert.strictEqual(standing(state, "s1", 5 + fullLeaseMs), "Crashed")
  })

  it("keeps how it ended when others bear its id later", () => {
    const left = after(
      { at: 0, revision: 1, record: workerRecord("s1", { state: "released" }) },
      { at: 5, revision: 2, record: workerRecord("s2", { after: "s1" }) },
      { at: 9, revision: 3, record: workerRecord("s2", { after: "s1", state: "evicted" }) },
      { at: 9, revision: 4, record: workerRecord("s3", { after: "s2" }) }
    )
    assert.deepStrictEqual(
      ["s1", "s2", "s3"].map((session) => standing(left, session, 9)),
      ["Left", "Crashed", "Live"]
    )
  })

  it("is not among those that crashed when it left, whoever bears its id later", () => {
    const state = after(
      { at: 0, revision: 1, record: workerRecord("s1", { state: "released" }) },
      { at: 5, revision: 2, record: workerRecord("s2", { after: "s1" }) }
    )
    assert.deepInclude(Membership.find(state, w0), { left: ["s1"], crashed: [] })
  })

  it("is gone, and has not ended, when its key vanished", () => {
    const state = after({ at: 0, revision: 1, record: live }, { at: 5, revision: 2, record: null })
    assert.strictEqual(standing(state, "s1", 999_000), "Gone")
  })

  it("is waited for anew after the observer was cut off", () => {
    const state = after(
      { at: 0, revision: 1, record: live },
      { at: 5, revision: 2, record: workerRecord("s1", { state: "fenced" }) }
    )
    assert.strictEqual(standing(state, "s1", 20_000 + fullLeaseMs - 1, 20_000), "Ending")
    assert.strictEqual(standing(state, "s1", 20_000 + fullLeaseMs, 20_000), "Crashed")
  })
})

describe("A full lease", () => {
  it("is what the record says, where that is longer than the observer's own", () => {
    const lease = (record: WorkerRecord | null) => Membership.fullLeaseMs(setting, listed, record)
    assert.strictEqual(lease(workerRecord("s", { leaseMs: 60_000, marginMs: 1_000 })), 61_000)
    assert.strictEqual(lease(workerRecord("s", { leaseMs: 2_000, marginMs: 100 })), fullLeaseMs)
    assert.strictEqual(lease(null), fullLeaseMs)
  })

  it("is still what the record said after the key has vanished", () => {
    const long = workerRecord("s1", { leaseMs: 60_000, marginMs: 1_000 })
    const state = after({ at: 0, revision: 1, record: long }, { at: 5, revision: 2, record: null })
    const member = Membership.find(state, w0)
    assert(member !== undefined)
    assert.strictEqual(Membership.silentAt(setting, state, member, 0), 5 + 61_000)
  })

  it("is as long as any record ever claimed, where nobody knows, also in another life of the bucket", () => {
    const long = workerRecord("s1", { leaseMs: 60_000, marginMs: 1_000 })
    const reborn = Membership.opened(after({ at: 0, revision: 1, record: long }), "live~2", 5)
    assert.strictEqual(Membership.fullLeaseMs(setting, reborn, null), 61_000)
    const replaced = after({ at: 0, revision: 1, record: long }, { at: 5, revision: 2, record: workerRecord("s2") })
    assert.deepStrictEqual(
      [61_004, 61_005].map((at) => standing(replaced, "s1", at)),
      ["Ending", "Crashed"]
    )
  })

  it("counts from the newest revision, and not from a repetition", () => {
    const state = after(
      { at: 0, revision: 1, record: live },
      { at: 2_000, revision: 2, record: workerRecord("s1", { attempt: 2 }) },
      { at: 7_000, revision: 2, record: workerRecord("s1", { attempt: 2 }) },
      { at: 8_000, revision: 1, record: live }
    )
    const member = Membership.find(state, w0)
    assert(member !== undefined)
    assert.deepStrictEqual([member.seenAt, member.revision, member.sessionSince], [2_000, 2, 0])
    assert.strictEqual(Membership.silentAt(setting, state, member, 0), 2_000 + fullLeaseMs)
  })

  it("makes a member suspect long before it is over", () => {
    const member = Membership.find(after({ at: 1_000, revision: 1, record: live }), w0)
    assert(member !== undefined)
    assert.isFalse(Membership.isSuspect(setting, member, 0, 1_000 + 4_500))
    assert.isTrue(Membership.isSuspect(setting, member, 0, 1_000 + 4_501))
    assert.isFalse(Membership.isSuspect(setting, member, 5_000, 5_501))
  })
})

describe("A watch", () => {
  it("changes nothing by showing what is known", () => {
    const state = after({ at: 0, revision: 1, record: live })
    assert.strictEqual(Membership.observed(state, w0, 1, live, 9), state)
    const gone = Membership.observed(state, w0, 2, null, 9)
    assert.strictEqual(Membership.observed(gone, w0, 3, null, 12), gone)
  })

  it("takes for vanished what it does not list when it is opened again, from when that is known", () => {
    const before = Membership.observed(after({ at: 0, revision: 1, record: live }), id("w1"), 2, live, 0)
    const again = Membership.opened(before, "live~1", 100)
    assert.isFalse(again.isSynced)
    const shown = Membership.synced(Membership.observed(again, id("w1"), 2, live, 110), 120)
    const members = shown.members.map((one) => [one.id, one.record === null, one.seenAt])
    assert.deepStrictEqual(members, [
      ["w0", true, 120],
      ["w1", false, 0]
    ])
  })

  it("forgets everything in another life of the bucket", () => {
    const other = Membership.opened(after({ at: 0, revision: 9, record: live }), "live~2", 500)
    assert.deepStrictEqual(other, {
      incarnation: "live~2",
      incarnationAt: 500,
      openedAt: 500,
      isSynced: false,
      members: [],
      longestLeaseMs: 10_500
    })
    const low = Membership.observed(other, w0, 1, live, 600)
    assert.strictEqual(Membership.find(low, w0)?.revision, 1)
  })

  it("keeps only the own id when it is narrowed", () => {
    const both = Membership.observed(after({ at: 0, revision: 1, record: live }), id("w1"), 2, live, 0)
    assert.deepStrictEqual(
      Membership.narrowed(both, w0).members.map((one) => one.id),
      ["w0"]
    )
    assert.deepStrictEqual(Membership.narrowed(both, null).members, [])
    assert.isFalse(Membership.narrowed(both, w0).isSynced)
  })

  it("keeps members in the order of their ids, whatever order they are shown in", () => {
    const names = ["w3", "w1", "W2", "w10", "w2"]
    const state = names.reduce((before, name) => Membership.observed(before, id(name), 1, live, 0), listed)
    assert.deepStrictEqual(
      state.members.map((one) => one.id),
      ["W2", "w1", "w10", "w2", "w3"].map(id)
    )
    for (const name of names) assert.strictEqual(Membership.find(state, id(name))?.id, name)
    assert.isUndefined(Membership.find(state, id("w4")))
  })
})
