import { Strategy } from "@parti/core"
import { strategyLaws } from "@parti/testkit/StrategyLaws"

const dealt = (name: string, first: () => number) =>
  Strategy.fromFunction(name, ({ partitions, workers }) =>
    Map.groupBy(
      partitions.map(({ id }) => id),
      (id) => workers[(partitions.findIndex((one) => one.id === id) + first()) % workers.length] ?? ""
    )
  )

let turn = 0
const restless = dealt("restless", () => (turn += 1))
const steady = dealt("steady", () => 0)

for (const strategy of [restless, steady]) {
  try {
    strategyLaws(strategy, { numRuns: 20 })
    console.log(`${strategy.name}: keeps the laws`)
  } catch (error) {
    console.log(String(error).split("\n")[0])
  }
}
