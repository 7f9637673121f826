import { assert, describe, it } from "vitest"
import type { WorkerRecord } from "../../src/model/Record.ts"
import type { Config } from "../../src/protocol/Config.ts"
import * as Membership from "../../src/protocol/Membership.ts"
import * as Vacancy from "../../src/protocol/Vacancy.ts"
import { config, fullLeaseMs, id, plan, workerRecord } from "./rig/Sample.ts"

const pool = (count: number, change: Partial<Config> = {}): Config => ({
  ...config({ group: "sample", workerIdPool: { prefix: "w", count } }),
  ...change
})

const shown = (records: Readonly<Record<string, WorkerRecord | null>>, at = 0): Membership.State =>
  Membership.synced(
    Object.entries(records).reduce(
      (state, [name, record], index) => Membership.observed(state, id(name), index + 1, record, at),
      Membership.opened(Membership.empty, "live~1", 0)
    ),
    0
  )

const sight = (members: Membership.State, at = 0, of: Vacancy.Sight["plan"] = null): Vacancy.Sight => ({
  at,
  members,
  plan: of
})

const live = workerRecord("s1")

describe("An id to claim", () => {
  it("is none before the bucket was listed whole", () => {
    assert.isNull(Vacancy.draw(pool(3), sight(Membership.opened(Membership.empty, "live~1", 0)), [], 0))
  })

  it("is free over nothing when nobody is known to have borne it", () => {
    const drawn = Vacancy.draw(pool(1), sight(shown({})), [], 0)
    assert.deepStrictEqual(drawn, { workerId: id("w-0"), expected: 0, after: null, preference: 2 })
  })

  it.each(["released", "evicted"] as const)("is free at once when it was %s, over that record", (state) => {
    const members = shown({ "w-0": workerRecord("s1", { state }) })
    assert.deepStrictEqual(Vacancy.draw(pool(1), sight(members), [], 0), {
      workerId: id("w-0"),
      expected: 1,
      after: "s1",
      preference: 2
    })
  })

  it.each(["live", "fenced"] as const)("is free only after a full lease of silence when it is %s", (state) => {
    const members = shown({ "w-0": workerRecord("s1", { state }) }, 100)
    assert.isNull(Vacancy.draw(pool(1), sight(members, 100 + fullLeaseMs - 1), [], 0))
    assert.strictEqual(Vacancy.draw(pool(1), sight(members, 100 + fullLeaseMs), [], 0)?.after, "s1")
  })

  it("waits out the lease that the record names, where that is longer", () => {
    const members = shown({ "w-0": workerRecord("s1", { leaseMs: 60_000 }) })
    assert.isNull(Vacancy.draw(pool(1), sight(members, 60_499), [], 0))
    assert.isNotNull(Vacancy.draw(pool(1), sight(members, 60_500), [], 0))
  })

  it("waits a full lease when its key vanished, and claims it after the session that the plan names", () => {
    const members = shown({ "w-0": null }, 100)
    const named = plan({ workers: [{ id: id("w-0"), session: "s1", member: true }], owner: [0, 0, 0, 0] })
    assert.isNull(Vacancy.draw(pool(1), sight(members, 100 + fullLeaseMs - 1, named), [], 0))
    assert.deepStrictEqual(Vacancy.draw(pool(1), sight(members, 100 + fullLeaseMs, named), [], 0), {
      workerId: id("w-0"),
      expected: 0,
      after: "s1",
      preference: 1
    })
  })

  it("waits a full lease when the plan names it and no record was ever seen", () => {
    const named = plan({ workers: [{ id: id("w-0"), session: "s1", member: true }], owner: [0, 0, 0, 0] })
    assert.isNull(Vacancy.draw(pool(1), sight(shown({}), fullLeaseMs - 1, named), [], 0))
    assert.strictEqual(Vacancy.draw(pool(1), sight(shown({}), fullLeaseMs, named), [], 0)?.after, "s1")
  })

  it("counts silence from when the watch was opened again", () => {
    const members = Membership.synced(
      Membership.observed(Membership.opened(shown({ "w-0": live }), "live~1", 8_000), id("w-0"), 1, live, 8_000),
      8_000
    )
    assert.isNull(Vacancy.draw(pool(1), sight(members, 8_000 + fullLeaseMs - 1), [], 0))
    assert.isNotNull(Vacancy.draw(pool(1), sight(members, 8_000 + fullLeaseMs), [], 0))
  })

  it("is the one this process bore last, else one with partitions, else any", () => {
    const ended = (instance: string) => workerRecord("s1", { state: "released", instance })
    const members = shown({ "w-0": ended("other"), "w-1": ended("mine"), "w-2": ended("") })
    const owning = plan({ workers: [{ id: id("w-2"), session: "s1", member: true }], owner: [0, 0, 0, 0] })
    const mine = pool(4, { instance: "mine" })
    assert.strictEqual(Vacancy.draw(mine, sight(members, 0, owning), [], 0)?.workerId, "w-1")
    assert.strictEqual(Vacancy.draw(pool(4), sight(members, 0, owning), [], 0)?.workerId, "w-2")
  })

  it("is not drawn again at a revision that was refused", () => {
    const members = shown({ "w-0": workerRecord("s1", { state: "released" }) })
    assert.isNull(Vacancy.draw(pool(1), sight(members), [{ workerId: id("w-0"), revision: 1 }], 0))
    assert.isNotNull(Vacancy.draw(pool(1), sight(members), [{ workerId: id("w-0"), revision: 0 }], 0))
  })

  it("is the explicit one or none", () => {
    const explicit = config({ group: "sample", workerId: "seven" })
    assert.strictEqual(Vacancy.draw(explicit, sight(shown({})), [], 0)?.workerId, "seven")
    assert.isNull(Vacancy.draw(explicit, sight(shown({ seven: live })), [], 0))
  })

  it("is drawn by chance, so that many who start together rarely want the same", () => {
    const wanted = Array.from(
      { length: 30 },
      (_, seed) => Vacancy.draw(pool(100, { seed }), sight(shown({})), [], 0)?.workerId
    )
    assert.isAbove(new Set(wanted).size, 20)
    assert.deepStrictEqual(
      wanted,
      wanted.map((_, seed) => Vacancy.draw(pool(100, { seed }), sight(shown({})), [], 0)?.workerId)
    )
  })
})

describe("Holders", () => {
  it("are those who live, with how long nothing was heard of each", () => {
    const members = shown({ "w-0": live, "w-1": workerRecord("s2", { state: "released" }), "w-2": null, x: live }, 100)
    assert.deepStrictEqual(Vacancy.holders(pool(4), sight(members, 1_100)), [{ id: id("w-0"), silentMs: 1_000 }])
  })
})
