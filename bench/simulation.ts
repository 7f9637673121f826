/** How many hours of a group a minute of one core simulates. */
import * as Campaign from "../packages/testkit/src/simulation/Campaign.ts"
import * as Scenario from "../packages/testkit/src/simulation/Scenario.ts"
import * as Simulation from "../packages/testkit/src/simulation/Simulation.ts"

const minutes = 10
const workers = 5

/** One kind of weather. */
interface Row {
  readonly weather: string
  readonly seeds: number
  readonly "worker hours": number
  readonly "steps/s": number
  readonly "hours of 5 workers/min": number
}

const hasFive = (seed: number): boolean => Scenario.draw(seed, minutes * 60_000, []).slots === workers

const measure = (weather: string, only: ReadonlySet<number> | null, seeds: ReadonlyArray<number>): Row => {
  const summary = Campaign.empty()
  const before = process.cpuUsage()
  for (const seed of seeds) {
    const task = { seed, faultyMs: minutes * 60_000, only, without: new Set<never>(), focus: [] }
    Campaign.include(summary, Simulation.run(task, Campaign.honest))
  }
  const used = process.cpuUsage(before)
  // Time of the processor, so that a busy machine does not look slow.
  const seconds = (used.user + used.system) / 1_000_000
  const hours = summary.workerMs / 3_600_000
  return {
    weather,
    seeds: summary.seeds,
    "worker hours": hours,
    "steps/s": summary.steps / seconds,
    "hours of 5 workers/min": (hours / workers / seconds) * 60
  }
}

/**
 * Storms as they are drawn, and the same groups without a fault. The first pass over the storms is told by itself: the engine still
 * compiles in it. A campaign of hours, such as the nightly one, is as fast as what follows.
 */
export const run = (): ReadonlyArray<Row> => {
  const seeds = Array.from({ length: 400 }, (_, index) => index + 1).filter(hasFive)
  return [
    measure("storm, while the engine compiles", null, seeds),
    measure("storm", null, seeds),
    measure("calm", new Set(), seeds)
  ]
}
