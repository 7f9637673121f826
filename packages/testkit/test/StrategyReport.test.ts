import { consistentHash, roundRobin, sticky } from "@parti/core/Strategy"
import { assert, describe, it } from "vitest"
import * as StrategyReport from "../src/StrategyReport.ts"

describe("strategyReport", () => {
  it("has a row for each strategy, step and kind of weights, and always the same", () => {
    const options = { partitions: 300, steps: [[3, 4]] as const }
    const rows = StrategyReport.strategyReport([sticky(), roundRobin()], options)
    assert.strictEqual(rows.length, 2 * StrategyReport.weightLaws.length)
    assert.deepStrictEqual(StrategyReport.strategyReport([sticky(), roundRobin()], options), rows)
  })

  it("shows what was moved against what had to be", () => {
    const steps = [[3, 4]] as const
    const rows = StrategyReport.strategyReport([sticky(), roundRobin()], { partitions: 300, steps, weights: ["equal"] })
    assert.deepStrictEqual(rows, [
      {
        strategy: "sticky",
        weights: "equal",
        step: [3, 4],
        moved: 0.25,
        least: 0.25,
        exact: 0.25,
        maxOverFair: 1,
        minOverFair: 1
      },
      {
        strategy: "roundRobin",
        weights: "equal",
        step: [3, 4],
        moved: 0.75,
        least: 0.25,
        exact: 0.25,
        maxOverFair: 1,
        minOverFair: 1
      }
    ])
  })

  it("is a table that reads well as text", () => {
    const rows = StrategyReport.strategyReport([sticky(), consistentHash()], {
      partitions: 1000,
      steps: [
        [10, 9],
        [10, 11]
      ],
      weights: ["equal"]
    })
    assert.deepStrictEqual(StrategyReport.format(rows).split("\n"), [
      "| weights | workers | strategy       |   moved | least so | least exact | max/fair | min/fair |",
      "| ------- | ------- | -------------- | ------: | -------: | ----------: | -------: | -------: |",
      "| equal   | 10 → 9  | sticky         | 10.00 % |  10.00 % |     10.00 % |    1.008 |    0.999 |",
      "| equal   | 10 → 9  | consistentHash | 11.10 % |  11.10 % |     10.00 % |    1.215 |    0.774 |",
      "| equal   | 10 → 11 | sticky         |  9.00 % |   9.00 % |      9.09 % |    1.001 |    0.990 |",
      "| equal   | 10 → 11 | consistentHash |  8.20 % |   6.80 % |      9.09 % |    1.166 |    0.748 |"
    ])
  })
})
