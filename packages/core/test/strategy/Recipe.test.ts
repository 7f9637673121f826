import { Result } from "effect"
import { assert, describe, it } from "vitest"
import * as Strategy from "../../src/Strategy.ts"

const strategies: ReadonlyArray<Strategy.AssignmentStrategy> = [
  Strategy.sticky(),
  Strategy.sticky({ tolerance: { up: 0.2, down: 0.1 }, maxMoves: 7, overflow: "exceed", standby: true }),
  Strategy.consistentHash({ virtualNodes: 20, seed: 3, boundedLoad: 0.25 }),
  Strategy.consistentHash({ boundedLoad: null }),
  Strategy.weightedConsistentHash({ overload: 0.5 }),
  Strategy.rendezvous({ seed: 9 }),
  Strategy.roundRobin(),
  Strategy.limitMoves(Strategy.consistentHash({ seed: 4 }), { maxMoveFraction: 0.1 }),
  Strategy.limitMoves(Strategy.limitMoves(Strategy.roundRobin(), { maxMoves: 3 }), { maxMoves: 2 })
]

const input: Strategy.AssignInput = {
  workers: ["a", "b", "c", "d"].map((id, i) => ({ id, capacity: i + 1, zone: i < 2 ? "east" : "west" })),
  partitions: Array.from({ length: 50 }, (_, i) => ({ keys: [`p${i}`], weight: 1 + (i % 7) })),
  previous: Array.from({ length: 40 }, (_, i) => [`p${i}`, i % 2 === 0 ? "a" : "b"] as const)
}

const planOf = (strategy: Strategy.AssignmentStrategy) => {
  const plan = Result.getOrThrow(Strategy.assign(strategy, input))
  return { owners: plan.owners, standbys: plan.standbys, statistics: plan.statistics }
}

const throughJson = (recipe: Strategy.StrategyRecipe): Strategy.StrategyRecipe => JSON.parse(JSON.stringify(recipe))

const refusalOf = (recipe: Strategy.StrategyRecipe) => Result.getOrThrow(Result.flip(Strategy.fromRecipe(recipe)))

describe("A recipe", () => {
  it.each(strategies.map((one) => [one.name, one] as const))(
    "makes the same %s again, also from JSON",
    (_, strategy) => {
      const recipe = strategy.recipe ?? assert.fail("it has a recipe")
      const again = Result.getOrThrow(Strategy.fromRecipe(throughJson(recipe)))
      assert.deepInclude(again, { name: strategy.name, algoVersion: strategy.algoVersion, recipe })
      assert.deepStrictEqual(planOf(again), planOf(strategy))
    }
  )

  it("is not there for what is made from a function", () => {
    const nearest = Strategy.sticky({ affinity: () => null })
    assert.isUndefined(nearest.recipe)
    assert.isUndefined(Strategy.limitMoves(nearest, { maxMoves: 1 }).recipe, "nor for what wraps it")
    assert.isUndefined(Strategy.coLocate(Strategy.sticky(), ({ keys: [key = ""] }) => key).recipe)
    assert.isUndefined(Strategy.fromColumns("mine", () => []).recipe)
  })

  it("is not there where an option is a number that JSON does not know", () => {
    assert.isUndefined(Strategy.sticky({ maxMoves: Infinity }).recipe)
  })

  const wrong: ReadonlyArray<readonly [what: string, recipe: Strategy.StrategyRecipe, why: RegExp]> = [
    ["of a strategy that this release does not know", { name: "tarot", options: {} }, /knows no strategy tarot/],
    ["named as what all objects have", { name: "constructor", options: {} }, /knows no strategy constructor/],
    [
      "with an option of another release",
      { name: "sticky", options: { moonPhase: 3 } },
      /sticky cannot be made.*moonPhase/
    ],
    ["with a value of another type", { name: "sticky", options: { tolerance: "much" } }, /sticky cannot be made/],
    [
      "with a value that makes no sense",
      { name: "sticky", options: { tolerance: -1 } },
      /must be finite and not negative/
    ],
    ["that wraps nothing", { name: "limitMoves", options: {} }, /which is missing/],
    [
      "that wraps where it cannot",
      { name: "roundRobin", options: {}, of: { name: "sticky", options: {} } },
      /wraps no other/
    ]
  ]

  it.each(wrong)("is refused %s", (_, recipe, why) => {
    assert.match(refusalOf(recipe), why)
  })

  it("is refused that wraps without end", () => {
    let recipe: Strategy.StrategyRecipe = { name: "sticky", options: {} }
    for (let depth = 0; depth < 10; depth++) recipe = { name: "limitMoves", options: { maxMoves: 1 }, of: recipe }
    assert.match(refusalOf(recipe), /wrap each other/)
  })
})
