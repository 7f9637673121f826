import { assert, describe, it } from "vitest"
import * as Campaign from "../../src/simulation/Campaign.ts"
import * as DriftingClock from "../../src/simulation/DriftingClock.ts"
import * as EventQueue from "../../src/simulation/EventQueue.ts"
import * as Fault from "../../src/simulation/Fault.ts"
import * as Group from "../../src/simulation/Group.ts"
import * as Random from "../../src/simulation/Random.ts"
import * as Scenario from "../../src/simulation/Scenario.ts"
import * as Shell from "../../src/simulation/Shell.ts"
import * as Store from "../../src/simulation/Store.ts"
import * as Watch from "../../src/simulation/Watch.ts"
import type { Value } from "../../src/simulation/Value.ts"
import { later } from "../../src/simulation/World.ts"

describe("The queue of events", () => {
  it("gives back what was put in by time, and by order within one instant", () => {
    const random = Random.make(5, "queue")
    const queue = EventQueue.make()
    const put = Array.from({ length: 500 }, (_, order) => ({ at: random.between(0, 40), order }))
    for (const { at } of put) queue.put(at, () => undefined)
    const taken = Array.from({ length: put.length }, () => queue.take())
    assert.deepStrictEqual(
      taken.map((one) => one?.order),
      [...put].sort((a, b) => a.at - b.at || a.order - b.order).map((one) => one.order)
    )
    assert.isUndefined(queue.take())
  })
})

describe("A stream of random numbers", () => {
  const draw = (seed: number, name: string) => {
    const random = Random.make(seed, name)
    return Array.from({ length: 20 }, () => random.between(0, 1_000_000))
  }

  it("is the same for the same seed and name, and another for any other", () => {
    assert.deepStrictEqual(draw(3, "a"), draw(3, "a"))
    assert.notDeepEqual(draw(3, "a"), draw(4, "a"))
    assert.notDeepEqual(draw(3, "a"), draw(3, "b"))
  })

  it("spreads over its range, ends included", () => {
    const random = Random.make(1, "spread")
    const drawn = Array.from({ length: 200 }, () => random.between(1, 6))
    assert.sameMembers([...new Set(drawn)], [1, 2, 3, 4, 5, 6])
  })
})

describe("A drifting clock", () => {
  it("tells the first instant at which it shows a time", () => {
    for (const rate of [0.976, 1, 1.0239]) {
      const clock = DriftingClock.make(12_345, rate, 0)
      for (const own of [12_346, 20_000, 20_001, 4_000_007]) {
        const at = clock.whenOwn(own)
        assert.isAtLeast(clock.own(at), own)
        assert.isBelow(clock.own(at - 1), own)
      }
    }
  })
})

describe("The faults of a seed", () => {
  it("come in the order of their time, before the calm, and are the same again", () => {
    const { faultyMs, rates, slots } = Scenario.draw(8, 300_000, ["Crash"])
    const faults = Fault.schedule(8, rates, faultyMs, slots)
    assert.isAbove(faults.length, 3)
    assert.deepStrictEqual(Fault.schedule(8, rates, faultyMs, slots), faults)
    faults.forEach((fault, index) => {
      assert.strictEqual(fault.index, index)
      assert.isAtLeast(fault.at, faults[index - 1]?.at ?? 0)
      assert.isBelow(fault.at, faultyMs)
    })
  })
})

/** A world in which values are overtaken on their way whenever they can be, and one process that watches the plan bucket. */
const watched = (changes: Partial<Scenario.Scenario>) => {
  const scenario = { ...Scenario.draw(1, 60_000, []), latencyMs: 20, ...changes }
  const group = Group.make(scenario, Campaign.honest)
  const { store, world } = group
  const [slot] = world.slots
  if (slot === undefined) throw new Error("there is a machine")
  Shell.boot(group, slot)
  const { process } = slot
  if (process === null) throw new Error("it runs a process")
  const shown: Array<Watch.Shown> = []
  const watch = Watch.start(world, store.watches, {
    bucket: world.plan,
    process,
    matches: (key) => key.startsWith("probe."),
    show: (one) => void shown.push(one)
  })
  const write = (key: string): void => Store.overwrite(world, store, world.plan, `probe.${key}`, garbage)
  const run = (untilMs: number): void => {
    const end = world.now + untilMs
    later(world, end, () => undefined)
    while (world.now < end) {
      const next = world.queue.take()
      if (next === undefined) return
      world.now = next.at
      next.run()
    }
  }
  return { group, watch, write, run, shown }
}

const garbage: Value = { _tag: "Garbage" }

const entries = (shown: ReadonlyArray<Watch.Shown>) => shown.flatMap((one) => (one._tag === "Entry" ? [one] : []))

describe("A simulated watch", () => {
  it("lists what there is between Opened and Synced, and shows each change in order", () => {
    const { run, shown, write } = watched({ coalesces: 0 })
    write("a")
    run(5000)
    write("b")
    write("a")
    run(5000)
    assert.deepStrictEqual(
      shown.map((one) => (one._tag === "Entry" ? one.key : one._tag)),
      ["Opened", "probe.a", "Synced", "probe.b", "probe.a"]
    )
  })

  it("may leave out what was overtaken, and never the newest", () => {
    const { group, run, shown, write } = watched({ coalesces: 1 })
    run(5000)
    for (let i = 0; i < 30; i++) write("a")
    const newest = group.world.plan.last
    run(5000)
    assert.isBelow(entries(shown).length, 30)
    assert.strictEqual(entries(shown).at(-1)?.revision, newest)
  })

  it.each([0, 1])("shows after a cut what was missed, and what has gone (resumes: %i)", (resumes) => {
    const { group, run, shown, watch, write } = watched({ coalesces: 0, resumes })
    write("a")
    write("b")
    run(5000)
    Watch.cut(group.world, group.store.watches, watch, 100)
    write("c")
    group.world.plan.entries.delete("probe.a")
    group.world.plan.last += 1
    group.world.plan.gone.set("probe.a", group.world.plan.last)
    shown.length = 0
    run(5000)
    const seen = new Map(entries(shown).map((one) => [one.key, one.value === null]))
    assert.strictEqual(seen.get("probe.a"), true)
    assert.strictEqual(seen.get("probe.c"), false)
    assert.strictEqual(shown[0]?._tag === "Opened", resumes === 0)
  })

  it("tells of another life when its bucket was lost", () => {
    const { group, run, shown } = watched({ resumes: 1 })
    run(5000)
    const before = shown[0]
    shown.length = 0
    Store.lose(group.world, group.store, group.world.plan)
    run(10_000)
    assert.strictEqual(shown[0]?._tag, "Opened")
    assert.notDeepEqual(shown[0], before)
  })
})
