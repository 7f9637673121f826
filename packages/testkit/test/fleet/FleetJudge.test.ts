import * as FleetJudge from "@parti/testkit/FleetJudge"
import type { Stamped } from "@parti/testkit/FleetJournal"
import { assert, describe, it } from "vitest"
import { at, closing, killed, paused, published, run, started } from "./History.ts"

const judge = (...records: ReadonlyArray<Stamped | ReadonlyArray<Stamped>>) => FleetJudge.judge(records.flat())
const breaches = (...records: ReadonlyArray<Stamped | ReadonlyArray<Stamped>>) =>
  FleetJudge.breaches.all(judge(...records))

const effect = (time: number, token: number, isAccepted: boolean) =>
  at(time, "supervisor", { _tag: "EffectTaken", partition: "p", sequence: 1, token, isAccepted })

describe("The judge of owners", () => {
  it("finds nothing wrong with a handover", () => {
    const account = judge(run("a", "p", 1, [0, 100]), run("b", "p", 2, [130, 200]), closing(200))
    assert.deepStrictEqual(FleetJudge.breaches.all(account), [])
    assert.strictEqual(account.unowned.totalMs, 30)
    assert.deepInclude(account.unowned.worst, { partition: "p", cause: "Moved", from: 100, ms: 30 })
  })

  it("says who began to run what, under which token", () => {
    const heard = FleetJudge.make()
    heard.take([...run("a", "p", 1, [0, 100]), ...run("b", "p", 2, [130, null])])
    const common = { partition: "p" }
    assert.deepStrictEqual(heard.begun(), [
      { ...common, at: 0, process: "a", life: "a", token: 1 },
      { ...common, at: 130, process: "b", life: "b", token: 2 }
    ])
  })

  it("finds two owners at once, and for how long", () => {
    const account = judge(run("a", "p", 1, [0, 100]), run("b", "p", 2, [90, 200]), closing(200))
    const [overlap] = account.overlaps
    assert.deepStrictEqual(overlap, { partition: "p", older: "a", newer: "b", from: 90, ms: 10, excuse: null })
    assert.deepStrictEqual(FleetJudge.breaches.all(account), [
      "partition p was run by a and by b for 10.0 ms from 90.0"
    ])
  })

  it("counts a message that outlives its run as its owner's time", () => {
    const late = { partition: "p", token: 1, sequence: 1, attempt: 1 }
    const account = judge(
      run("a", "p", 1, [0, 100]).slice(0, 1),
      at(50, "a", { _tag: "MessageBegan", ...late }),
      run("a", "p", 1, [0, 100]).slice(1),
      at(140, "a", { _tag: "MessageEnded", ...late, outcome: "done" }),
      run("b", "p", 2, [110, 200]),
      closing(200)
    )
    assert.deepInclude(account.overlaps[0], { from: 110, ms: 30, excuse: null })
  })

  it("lets a killed process own until the kill, and nobody else before", () => {
    assert.deepStrictEqual(
      breaches(run("a", "p", 1, [0, null]), killed(100, "a"), run("b", "p", 2, [101, 200]), closing(200)),
      []
    )
    assert.lengthOf(
      breaches(run("a", "p", 1, [0, null]), killed(100, "a"), run("b", "p", 2, [99, 200]), closing(200)),
      1
    )
  })

  it("takes the last word of a killed process for a sign that it still ran", () => {
    const account = judge(
      run("a", "p", 1, [0, null]),
      killed(100, "a"),
      at(105, "a", { _tag: "RunStopping", partition: "p", token: 1 }),
      run("b", "p", 2, [103, 200])
    )
    assert.deepInclude(account.overlaps[0], { from: 103, ms: 2, excuse: null })
  })

  it("cuts a pause out of an owner's time, and tells what follows it from a breach", () => {
    const account = judge(
      run("a", "p", 1, [0, 905]),
      paused(100, 900, "a"),
      run("b", "p", 2, [500, 1000]),
      closing(1000)
    )
    assert.deepStrictEqual(account.overlaps, [
      { partition: "p", older: "a", newer: "b", from: 900, ms: 5, excuse: "Paused" }
    ])
    assert.deepStrictEqual(FleetJudge.breaches.all(account), [])
    assert.deepInclude(account.unowned.byCause["Paused"], { count: 1, totalMs: 400 })
  })

  it("finds the pause that excuses among several", () => {
    const pauses = [...paused(10, 20, "a"), ...paused(100, 900, "a")]
    const account = judge(run("a", "p", 1, [50, 905]), pauses, run("b", "p", 2, [500, 1000]))
    assert.deepStrictEqual(
      account.overlaps.map(({ excuse }) => excuse),
      ["Paused"]
    )
  })

  it.each([
    ["begins anew under its old token when it wakes", run("a", "p", 1, [0, 50]), run("a", "p", 1, [905, 910])],
    ["had let others begin before it was paused", run("a", "p", 1, [0, 905]), run("b", "p", 2, [90, 110])]
  ])("does not excuse by its pause one who %s", (_, first, second) => {
    const account = judge(first, second, paused(100, 900, "a"), run("b", "p", 3, [500, 1000]))
    assert.isNotEmpty(account.overlaps.filter(({ excuse }) => excuse === null))
  })

  it("does not excuse an overlap by the pause of the one with the higher token", () => {
    const account = judge(run("a", "p", 1, [0, 600]), run("b", "p", 2, [50, 700]), paused(100, 550, "b"))
    assert.lengthOf(
      account.overlaps.filter(({ excuse }) => excuse === null),
      2
    )
  })

  it("finds one process that runs a partition under two tokens at once", () => {
    assert.lengthOf(judge(run("a", "p", 1, [0, 100]), run("a", "p", 2, [90, 200])).overlaps, 1)
  })

  it("finds a token that does not rise from owner to owner", () => {
    const account = judge(run("a", "p", 5, [0, 10]), run("b", "p", 5, [20, 30]), run("c", "p", 4, [40, 50]))
    assert.deepStrictEqual(account.tokens, [
      { partition: "p", by: "b", token: 5, before: 5 },
      { partition: "p", by: "c", token: 4, before: 5 }
    ])
  })

  it("lets an owner begin again under its token", () => {
    assert.deepStrictEqual(judge(run("a", "p", 5, [0, 10]), run("a", "p", 5, [20, 30])).tokens, [])
  })

  it("finds a partition that is left without an owner, also one that never had any", () => {
    const records = [started(0, "a"), ...run("a", "p", 1, [10, 100]), closing(250)]
    const account = FleetJudge.judge(records, { partitions: ["p", "q"] })
    assert.deepStrictEqual(FleetJudge.breaches.liveness(account), [
      "partition p was left without an owner, for 150 ms by the end (Moved)",
      "partition q was left without an owner, for 250 ms by the end (Start)"
    ])
  })

  it("counts nothing that follows the closing as time without an owner", () => {
    const account = judge(run("a", "p", 1, [0, 100]), closing(50), started(300, "b"))
    assert.deepStrictEqual(FleetJudge.breaches.all(account), [])
    assert.strictEqual(account.unowned.totalMs, 0)
  })

  it("knows who runs what at the moment", () => {
    const judging = FleetJudge.make()
    judging.take([...run("a", "p", 1, [0, null]), ...run("b", "q", 1, [0, null])])
    assert.deepStrictEqual([judging.running(), judging.running("a"), judging.running("b")], [2, 1, 1])
    judging.take([killed(50, "a")])
    assert.deepStrictEqual([judging.running(), judging.running("a")], [1, 0])
  })

  it.each([
    ["Left", at(95, "a", { _tag: "Stopping" as const }), run("a", "p", 1, [0, 100])],
    ["Killed", killed(100, "a"), run("a", "p", 1, [0, null])],
    [
      "Died",
      at(100, "supervisor", { _tag: "ProcessExited" as const, life: "a", code: 1, signal: null }),
      run("a", "p", 1, [0, null])
    ],
    [
      "ServerKilled",
      at(90, "supervisor", { _tag: "FaultBegan" as const, fault: "ServerKilled" }),
      run("a", "p", 1, [0, 100])
    ]
  ])("names the cause of a gap: %s", (cause, event, first) => {
    const account = judge(first, event, run("b", "p", 2, [150, 200]), closing(200))
    assert.deepStrictEqual(Object.keys(account.unowned.byCause), [cause])
    assert.strictEqual(account.unowned.worst?.ms, 50)
  })

  it("refuses a run that was judged to be all right because nothing happened in it", () => {
    assert.deepStrictEqual(breaches(), ["nobody ran anything: this run says nothing"])
    assert.include(breaches(published(0, "p", 1)), "no message was handled")
  })

  it.each([
    ["ends a run that it never began", [at(0, "a", { _tag: "RunEnded" as const, partition: "p", token: 1 })]],
    ["begins a run twice", [...run("a", "p", 1, [0, null]), ...run("a", "p", 1, [10, null])]]
  ])("finds a journal that contradicts itself: it %s", (_, records) => {
    assert.lengthOf(judge(records).contradictions, 1)
  })
})

describe("The judge of messages", () => {
  it("finds nothing wrong when each is handled once, in order, over several owners", () => {
    const account = judge(
      published(0, "p", 5),
      run("a", "p", 1, [0, 100], [1, 2]),
      run("b", "p", 2, [110, 200], [3, 4, 5]),
      closing(200)
    )
    assert.deepInclude(account, { published: 5, handled: 5, missingCount: 0, duplicates: [], disorders: [] })
  })

  it("finds a lost message", () => {
    const account = judge(published(0, "p", 3), run("a", "p", 1, [0, 100], [1, 2]))
    assert.deepInclude(account, { handled: 2, missingCount: 1, missing: [{ partition: "p", sequence: 3 }] })
    assert.include(FleetJudge.breaches.all(account), "1 messages were lost, such as 3 of p")
  })

  it("finds a message that was begun and never ended", () => {
    const account = judge(published(0, "p", 1), run("a", "p", 1, [0, null], [1]).slice(0, 2), killed(90, "a"))
    assert.strictEqual(account.missingCount, 1)
  })

  it("finds messages out of order, also between two owners", () => {
    assert.deepStrictEqual(judge(run("a", "p", 1, [0, 100], [1, 3, 2])).disorders, [
      { partition: "p", sequence: 3, by: "a" }
    ])
    assert.lengthOf(judge(run("a", "p", 1, [0, 100], [2]), run("b", "p", 2, [110, 200], [1])).disorders, 1)
  })

  it("excuses what is handled again because of a kill, and counts it", () => {
    const account = judge(
      run("a", "p", 1, [0, null], [1, 2, 3]),
      killed(100, "a"),
      run("b", "p", 2, [150, 300], [2, 3, 4])
    )
    assert.deepStrictEqual(
      account.duplicates.map(({ excuse, sequence }) => [sequence, excuse]),
      [
        [2, "Killed"],
        [3, "Killed"]
      ]
    )
    assert.strictEqual(account.mostAgainPerCrash, 2)
    assert.deepStrictEqual(FleetJudge.breaches.safety(account), [])
  })

  it("excuses what is handled again because it was done late, and wants it again before what follows", () => {
    const handling = { partition: "p", token: 1, sequence: 1, attempt: 1 }
    const late = [
      published(0, "p", 2),
      run("a", "p", 1, [0, 100]).slice(0, 1),
      at(50, "a", { _tag: "MessageBegan", ...handling }),
      at(90, "a", { _tag: "MessageEnded", ...handling, outcome: "late" }),
      run("a", "p", 1, [0, 100]).slice(1)
    ]
    const account = judge(...late, run("a", "p", 2, [110, 200], [1, 2]))
    assert.deepStrictEqual(account.duplicates, [
      { partition: "p", sequence: 1, first: "a", again: "a", excuse: "Late" }
    ])
    assert.deepInclude(account, { handled: 2, missingCount: 0, disorders: [] })
    const skipped = judge(...late, run("a", "p", 2, [110, 200], [2]))
    assert.deepInclude(skipped, {
      handled: 1,
      missing: [{ partition: "p", sequence: 1 }],
      disorders: [{ partition: "p", sequence: 2, by: "a" }]
    })
  })

  it("finds what is handled again for no reason", () => {
    const account = judge(run("a", "p", 1, [0, 100], [1, 2]), run("b", "p", 2, [110, 200], [2, 3]))
    assert.deepStrictEqual(FleetJudge.breaches.safety(account), [
      "message 2 of partition p was handled by a and again by b, for no reason"
    ])
  })

  it("does not excuse by a kill what was handled again before it", () => {
    const account = judge(run("a", "p", 1, [0, 100], [1]), run("b", "p", 2, [110, 200], [1]), killed(300, "a"))
    assert.lengthOf(FleetJudge.breaches.safety(account), 1)
  })

  it("excuses what is handled again by one who wakes, and what a fault may have undone", () => {
    const woken = judge(
      run("a", "p", 1, [0, 950], [1]),
      paused(10, 900, "a"),
      run("b", "p", 2, [200, 800], [1]),
      run("c", "p", 3, [960, 999], [2])
    )
    assert.deepStrictEqual(
      woken.duplicates.map(({ excuse }) => excuse),
      ["Paused"]
    )
    const cut = judge(
      run("a", "p", 1, [0, 100], [1]),
      at(60, "supervisor", { _tag: "FaultBegan", fault: "LinkCut" }),
      run("b", "p", 2, [200, 300], [1])
    )
    assert.deepStrictEqual(
      cut.duplicates.map(({ excuse }) => excuse),
      ["LinkCut"]
    )
  })

  it("excuses what one who wakes begins under its old token, after others have begun it", () => {
    const stale = { partition: "p", token: 1, sequence: 1, attempt: 1 }
    const account = judge(
      run("a", "p", 1, [0, null]),
      paused(10, 900, "a"),
      run("b", "p", 2, [899, 999], [1]),
      at(950, "a", { _tag: "MessageBegan", ...stale }),
      at(951, "a", { _tag: "MessageEnded", ...stale, outcome: "refused" })
    )
    assert.deepStrictEqual(
      account.duplicates.map(({ again, excuse }) => [again, excuse]),
      [["a", "Paused"]]
    )
  })

  it("does not excuse by a pause what the one with the newer token handles again", () => {
    const older = run("a", "p", 1, [200, 800], [1])
    const account = judge(older, run("b", "p", 2, [850, 950], [1]), paused(10, 100, "b"))
    assert.deepStrictEqual(
      account.duplicates.map(({ excuse }) => excuse),
      [null]
    )
  })

  it("takes a further attempt after a failure for no duplicate", () => {
    const attempt = { partition: "p", token: 1, sequence: 1 }
    const account = judge([
      at(0, "a", { _tag: "MessageBegan", ...attempt, attempt: 1 }),
      at(1, "a", { _tag: "MessageEnded", ...attempt, attempt: 1, outcome: "failed" }),
      at(2, "a", { _tag: "MessageBegan", ...attempt, attempt: 2 }),
      at(3, "a", { _tag: "MessageEnded", ...attempt, attempt: 2, outcome: "done" })
    ])
    assert.deepInclude(account, { handled: 1, duplicates: [] })
  })
})

describe("The judge of effects", () => {
  it("tells stale effects that were refused from those that were accepted", () => {
    const account = judge(effect(0, 1, true), effect(1, 5, true), effect(2, 1, false), effect(3, 4, true))
    assert.deepStrictEqual(
      account.staleEffects.map(({ highest, isAccepted, token }) => [token, highest, isAccepted]),
      [
        [1, 5, false],
        [4, 5, true]
      ]
    )
    assert.deepStrictEqual(FleetJudge.breaches.safety(account), [
      "an effect of message 1 of partition p was accepted with token 4 after 5"
    ])
  })

  it("finds a sink that refuses the newest owner", () => {
    assert.deepStrictEqual(breaches(effect(0, 1, true), effect(1, 2, false), run("a", "p", 1, [0, null])), [
      "1 effects of the newest owner were refused"
    ])
  })
})
