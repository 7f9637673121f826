import { describe, expect, it } from "vitest"
import type { AssignmentStrategy } from "../../src/Strategy.ts"
import { consistentHash, rendezvous, roundRobin, sticky, weightedConsistentHash } from "../../src/Strategy.ts"
import { goldenPlans } from "../../../testkit/src/StrategyLaws.ts"

const strategies: ReadonlyArray<readonly [file: string, strategy: AssignmentStrategy]> = [
  ["sticky", sticky()],
  ["sticky-with-standbys", sticky({ standby: true })],
  ["sticky-with-tolerance-and-budget", sticky({ tolerance: 0.2, maxMoveFraction: 0.1 })],
  ["consistent-hash", consistentHash()],
  ["consistent-hash-bounded", consistentHash({ boundedLoad: 0.1 })],
  ["weighted-consistent-hash", weightedConsistentHash()],
  ["rendezvous", rendezvous()],
  ["round-robin", roundRobin()]
]

describe("Plans for fixed inputs", () => {
  it.each(strategies)(
    "of %s are those of the release before; else its algoVersion must rise",
    async (file, strategy) => {
      await expect(goldenPlans(strategy)).toMatchFileSnapshot(`golden/${file}.txt`)
    }
  )
})
