import { assert, describe, it } from "vitest"
import * as Summary from "../../../src/cli/demo/Summary.ts"

const good: Summary.Summary = {
  title: "Parti: 5 workers, 60 partitions, seed 1",
  lengthMs: 20_040,
  partitions: 60,
  rebalances: [
    { reason: "cold_start", moved: 60, minimum: 60 },
    { reason: "planned_scale", moved: 13, minimum: 12 },
    { reason: "planned_scale", moved: 15, minimum: 15 }
  ],
  account: { running: 60, overlaps: 0, staleTokens: 0, idlePartitionSeconds: 30.84, breaches: [] },
  failures: []
}

describe("The demo's summary", () => {
  it("says what was moved, how long partitions had no owner, and that nothing broke", () => {
    assert.deepStrictEqual(Summary.faults(good), [])
    assert.deepStrictEqual(Summary.lines(good), [
      "Parti: 5 workers, 60 partitions, seed 1: 20.0 s",
      "  rebalances                 3: cold_start, 2 planned_scale",
      "  partitions moved           88, and 87 had to",
      "  partition-seconds unowned  30.8",
      "  two owners at once         0",
      "  tokens that did not rise   0",
      "  unowned at the end         0",
      "Every invariant held."
    ])
  })

  it.each([
    [
      "two owners at once",
      { account: { ...good.account, overlaps: 1, breaches: ["7 was begun by b while a ran it"] } },
      "7 was begun by b while a ran it"
    ],
    [
      "a partition without an owner at the end",
      { account: { ...good.account, running: 58 } },
      "2 of 60 partitions were left without an owner"
    ],
    ["a worker that failed", { failures: ["host-a starts: no answer"] }, "host-a starts: no answer"]
  ])("calls %s broken", (_, change, fault) => {
    const bad = { ...good, ...change }
    assert.deepStrictEqual(Summary.faults(bad), [fault])
    assert.strictEqual(Summary.lines(bad).at(-1), `BROKEN: ${fault}`)
  })
})
