import { assert, describe, it } from "vitest"
import * as Plan from "../../src/model/Plan.ts"
import * as Sample from "./rig/Sample.ts"
import { type Process, World } from "./rig/World.ts"

const few = 10
const many = 50
const partitionCount = 100

/** Who owns what, by place. */
const owners = ({ owner, workers }: Plan.Plan): ReadonlyArray<string> =>
  owner.map((seat) => workers[seat]?.session ?? assert.fail("each partition has an owner"))

/** A worker with as few heartbeats as its lease allows: at each of them the world checks everything. */
const join = (world: World, name: string): Process =>
  world.start(
    name,
    Sample.config({ group: "sample", boot: name, heartbeatIntervalMs: 4_000, degradedAfterMs: 6_000 }),
    Sample.numbered(partitionCount)
  )

/** How many partitions moved, how often one did, and how many targets there were, in half a minute. */
const counted = (world: World) => {
  const before = world.newest
  const since = world.history.length
  world.run(30_000)
  const plans = world.history.slice(since)
  const was = owners(before)
  return {
    moved: owners(world.newest).filter((session, place) => session !== was[place]).length,
    grants: plans.flatMap(({ token, version }) => token.filter((one) => one === version)).length,
    rebalances: plans.filter(
      ({ phase }, i) => phase._tag === "Rebalancing" && (plans[i - 1] ?? before).phase._tag !== "Rebalancing"
    ).length
  }
}

describe("A group that grows from ten to fifty and shrinks again", () => {
  it(
    "every half minute for ten minutes has one rebalance for each, and moves each partition once or not at all",
    { timeout: 120_000 },
    () => {
      const world = new World()
      for (let i = 0; i < few; i++) join(world, `stays-${i}`)
      world.run(60_000)
      for (let round = 0; round < 10; round++) {
        const guests = Array.from({ length: many - few }, (_, i) => join(world, `guest-${round}-${i}`))
        const grown = { moved: 80, grants: 80, rebalances: 1 }
        assert.deepStrictEqual(counted(world), grown, `round ${round}: two of a hundred are the share of each of fifty`)
        for (const guest of guests) world.stop(guest, "leave")
        assert.deepStrictEqual(counted(world), grown, `round ${round}: what the guests had, and nothing else`)
        // The world looks at everybody at each step, also at those who have gone.
        const left = world.processes.filter(({ status }) => status !== "Gone")
        assert.lengthOf(left, few)
        world.processes.splice(0, world.processes.length, ...left)
      }
    }
  )
})
