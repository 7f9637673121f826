import { Strategy } from "@parti/core"
import { everyStrategy, strategyLaws } from "@parti/testkit/StrategyLaws"
import { Result } from "effect"
import fc from "fast-check"
import { assert, describe, it } from "vitest"
import { nearData } from "./nearData.ts"

// It minds no limits on counts, which is law 21.
const which = everyStrategy.filter((law) => law !== 21)

const zones = ["eu", "us", "asia"] as const

interface Scene {
  readonly workers: ReadonlyArray<string>
  readonly partitions: ReadonlyArray<string>
}

const scene: fc.Arbitrary<Scene> = fc.record({
  workers: fc.array(fc.constantFrom(...zones), { minLength: 1, maxLength: 12 }),
  partitions: fc.array(fc.constantFrom(...zones), { maxLength: 60 })
})

const numbered = (list: ReadonlyArray<string>) => list.map((zone, i) => ({ zone, name: `${i}` }))

const plan = ({ partitions, workers }: Scene) =>
  Result.getOrThrow(
    Strategy.assign(nearData, {
      workers: numbered(workers).map(({ name, zone }) => ({ id: `worker-${name}`, zone })),
      partitions: numbered(partitions).map(({ name, zone }) => ({ keys: [zone, name] }))
    })
  )

describe("The strategy nearData", () => {
  strategyLaws(nearData, { which, test: it })

  it("leaves no partition abroad whose zone has a worker", () => {
    fc.assert(
      fc.property(scene, (given) => {
        const zoneOf = new Map(given.workers.map((zone, i) => [`worker-${i}`, zone]))
        for (const [id, owner] of plan(given).owners) {
          const home = zones.find((zone) => id.startsWith(`${zone}.`))
          assert.isDefined(home, id)
          if (given.workers.some((zone) => zone === home)) assert.strictEqual(zoneOf.get(owner), home, id)
        }
      }),
      { seed: 1 }
    )
  })

  it("is even to within one inside of each zone, when all zones have workers", () => {
    fc.assert(
      fc.property(scene, ({ partitions, workers }) => {
        const given = { partitions, workers: [...zones, ...workers] }
        const counts = [...plan(given).partitions].map(([worker, ids]) => ({ worker, count: ids.length }))
        for (const zone of zones) {
          const here = counts
            .filter((_, i) => zoneIn(given.workers, counts[i]?.worker) === zone)
            .map(({ count }) => count)
          assert.isAtMost(Math.max(...here) - Math.min(...here), 1)
        }
      }),
      { seed: 1 }
    )
  })
})

const zoneIn = (workers: ReadonlyArray<string>, worker = ""): string | undefined =>
  workers[Number(worker.replace("worker-", ""))]
