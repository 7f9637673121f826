import { sticky } from "@parti/core/Strategy"
import { assert, describe, it } from "vitest"
import { laws, strategyLaws } from "../src/StrategyLaws.ts"
import { faults } from "./StrategyFaults.ts"

const messageOf = (run: () => void): string => {
  try {
    run()
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown)
  }
  return ""
}

describe("The law book", () => {
  it("has thirty laws", () => {
    assert.deepStrictEqual(
      laws.map(({ number }) => number),
      Array.from({ length: 30 }, (_, i) => i + 1)
    )
  })

  it.each(faults.map(([strategy, law, options]) => ({ strategy, law, options, name: strategy.name })))(
    "finds by law $law the strategy that $name",
    ({ strategy, law, options }) => {
      const message = messageOf(() => strategyLaws(strategy, { ...options, which: [law] }))
      assert.include(message, `${strategy.name} breaks law ${law}: `)
    }
  )

  it("says how to see a failure again, and the replay fails the same way at once", () => {
    const [strategy = sticky(), law = 0] = faults.find(([one]) => one.name === "hoards") ?? []
    const message = messageOf(() => strategyLaws(strategy, { which: [law] }))
    const [, seed = "", path = ""] = /seed: (-?\d+), path: "([\d:]*)"/.exec(message) ?? []
    assert.match(path, /\d/)
    const replayed = messageOf(() => strategyLaws(strategy, { which: [law], seed: Number(seed), path, numRuns: 1 }))
    assert.strictEqual(replayed.split("\n").at(-1), message.split("\n").at(-1))
  })

  it("tries all laws it was asked for before it reports", () => {
    const [strategy = sticky()] = faults.find(([one]) => one.name === "hoards") ?? []
    const message = messageOf(() => strategyLaws(strategy, { which: [6, 20] }))
    assert.include(message, "breaks law 6")
    assert.include(message, "breaks law 20")
  })

  it("finds plans that differ from those written down", () => {
    const message = messageOf(() => strategyLaws(sticky(), { which: [30], golden: "sticky, version 0\n" }))
    assert.include(message, "breaks law 30")
  })
})
