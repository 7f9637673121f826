import { assert, describe, it } from "vitest"
import { nobody } from "../../src/model/Plan.ts"
import type { WorkerRecord } from "../../src/model/Record.ts"
import * as Membership from "../../src/protocol/Membership.ts"
import * as Roster from "../../src/protocol/Roster.ts"
import { config, id, plan, workerRecord } from "./rig/Sample.ts"

const shown = (records: Readonly<Record<string, WorkerRecord>>): Membership.State =>
  Membership.synced(
    Object.entries(records).reduce(
      (state, [name, record], i) => Membership.observed(state, id(name), i + 1, record, 0),
      Membership.opened(Membership.empty, "live~1", 0)
    ),
    0
  )

const rowsOf = (records: Readonly<Record<string, WorkerRecord>>, drains: ReadonlyArray<Roster.Drain> = []) =>
  Roster.make(config(), { plan: plan(), epoch: 7, members: shown(records), drains, listeningSince: 0, at: 100 })

const live = (name: string, change: Partial<WorkerRecord> = {}) => workerRecord(`${name}.1`, change)

describe("The roster", () => {
  it("has the plan's sessions in its order, then those that live and are not named", () => {
    const rows = rowsOf({ w1: live("w1"), w0: live("w0"), w9: live("w9"), w5: live("w5") })
    assert.deepStrictEqual(
      rows.map(({ heir, isEligible, isMember, session }) => [session, isMember, isEligible, heir]),
      [
        ["w0.1", true, true, 0],
        ["w1.1", true, true, 1],
        ["w5.1", false, true, 2],
        ["w9.1", false, true, 3]
      ]
    )
  })

  it("leaves out strangers that have ended", () => {
    const rows = rowsOf({ w0: live("w0"), w1: live("w1"), w5: live("w5", { state: "released" }) })
    assert.lengthOf(rows, 2)
  })

  it("names as heir of a session that ended whoever bears its id now", () => {
    const rows = rowsOf({ w0: live("w0"), w1: workerRecord("w1.2", { after: "w1.1" }) })
    assert.deepStrictEqual(
      rows.map(({ hasEnded, heir, session, standing }) => [session, standing, hasEnded, heir]),
      [
        ["w0.1", "Live", false, 0],
        ["w1.1", "Crashed", true, 2],
        ["w1.2", "Live", false, 2]
      ]
    )
    const [, gone] = rowsOf({ w0: live("w0"), w1: live("w1", { state: "evicted" }) })
    assert.deepStrictEqual([gone?.hasEnded, gone?.heir], [true, nobody])
  })

  it("counts an acknowledgement only from the session itself, while it lives, and of this term", () => {
    const applied = { epoch: 7, version: 100 }
    const acknowledged = (record: WorkerRecord) => rowsOf({ w0: record }).map((row) => row.acknowledged)[0]
    assert.strictEqual(acknowledged(live("w0", { applied })), 100)
    assert.strictEqual(acknowledged(live("w0", { applied: { epoch: 6, version: 100 } })), 0)
    assert.strictEqual(acknowledged(live("w0", { applied: { epoch: 8, version: 100 } })), 0)
    assert.strictEqual(acknowledged(live("w0", { applied, state: "fenced" })), 0)
    assert.strictEqual(acknowledged(workerRecord("w0.2", { applied })), 0)
  })

  it("drains whoever says so itself, and whoever an order names, by its session", () => {
    const order = (session: string, draining = true): Roster.Drain => ({
      _tag: "Drain",
      workerId: id("w1"),
      session,
      draining
    })
    const eligible = (change: Partial<WorkerRecord>, ...drains: ReadonlyArray<Roster.Drain>) =>
      rowsOf({ w1: live("w1", change) }, drains).find((row) => row.id === "w1")?.isEligible
    assert.isTrue(eligible({}))
    assert.isFalse(eligible({ draining: true }))
    assert.isFalse(eligible({}, order("w1.1")))
    assert.isTrue(eligible({}, order("w1.1", false)))
    // An order outlives the session it was meant for: it says nothing of the next one under the id.
    assert.isTrue(eligible({}, order("w1.0")))
  })
})
