import { assert, describe, it } from "vitest"
import { Breach } from "../../src/checker/Breach.ts"
import * as Choice from "../../src/checker/Choice.ts"
import * as Landing from "../../src/checker/Landing.ts"
import * as Model from "../../src/checker/Model.ts"
import * as Normal from "../../src/checker/Normal.ts"
import * as Scenarios from "../../src/checker/Scenarios.ts"
import * as Search from "../../src/checker/Search.ts"
import type { Scenario } from "../../src/checker/Scenario.ts"
import type { World } from "../../src/checker/World.ts"
import * as Random from "../../src/simulation/Random.ts"

// Goal: the world that stands for others has their future, so that a search which knows it has seen them all. Method: a
// random walk, taken twice with the same choices: once in the world as it is, once in what stands for it at every step.
// Both must be offered the same choices, break the same rules, and end where the same world stands for both.

/** Where a number must stay small enough to be told from others, a walk begins anew. */
const walkLength = 8

const walks = (scenario: Scenario, seed: number): number => {
  const model = Model.make(scenario)
  const normal = Normal.make(model)
  const random = Random.make(seed, scenario.name)
  const same = (one: World, other: World): boolean => normal.row(one).join() === normal.row(other).join()
  let steps = 0
  let start = Search.root(model, normal)
  for (let walk = 0; walk < 12; walk++) {
    let [raw, stood] = [start, start]
    for (let step = 0; step < walkLength; step++) {
      const choices = Choice.choices(model, stood)
      const counterparts = Choice.choices(model, withoutDead(model, raw))
      assert.deepStrictEqual(
        counterparts.map(({ _tag }) => _tag),
        choices.map(({ _tag }) => _tag)
      )
      if (choices.length === 0) break
      const index = random.between(0, choices.length - 1)
      const after = [take(model, withoutDead(model, raw), index), take(model, stood, index)]
      const [one, other] = after
      if (typeof one === "string" || typeof other === "string" || one === undefined || other === undefined) {
        assert.strictEqual(one, other)
        break
      }
      assert.isTrue(same(normal.of(one), normal.of(other)), `walk ${walk}, step ${step}, choice ${index}`)
      raw = one
      stood = normal.of(other)
      steps += 1
    }
    // The next walk goes on from here half of the time: what is rare is far from the beginning.
    start = random.chance(0.5) ? stood : Search.root(model, normal)
  }
  return steps
}

const take = (model: Model.Model, world: World, index: number): World | string => {
  const choice = Choice.choices(model, world)[index]
  assert.isDefined(choice)
  if (choice === undefined) return "nothing"
  try {
    return Choice.take(model, world, choice) ?? "joined"
  } catch (error) {
    if (error instanceof Breach) return error.rule
    throw error
  }
}

/** Writes that can never land are no choice to anybody. */
const withoutDead = (model: Model.Model, world: World): World => ({
  ...world,
  requests: world.requests.filter((one) => !one.isAnswered || Landing.mayLand(model, world, one))
})

describe("The world that stands for others", () => {
  it.each(Scenarios.all)("has the same future as they: $name", { timeout: 300_000 }, (scenario) => {
    const steps = Array.from({ length: 3 }, (_, seed) => walks(scenario, seed + 1)).reduce((sum, one) => sum + one, 0)
    assert.isAbove(steps, 100)
  })
})
