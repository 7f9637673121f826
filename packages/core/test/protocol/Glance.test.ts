import { assert, describe, it } from "vitest"
import * as Node from "../../src/protocol/Node.ts"
import * as Group from "./rig/Group.ts"
import type { Listener } from "./rig/World.ts"

/** At each instant at which time alone makes a leader look, lets it look as it would on news, and compares. */
const comparing = (): { readonly listener: Listener; readonly looks: () => number } => {
  let looks = 0
  return {
    looks: () => looks,
    listener: {
      stepped: (process, event, step, before) => {
        const { hasNews, leadership } = before
        if (event._tag !== "TimerFired" || hasNews || leadership._tag !== "Acting" || event.at < leadership.lookAt)
          return
        looks += 1
        const looked = Node.transition(process.config, { ...before, hasNews: true }, event)
        assert.deepStrictEqual(step, looked, `${process.name} at ${event.at}`)
      }
    }
  }
}

describe("A leader that time alone makes look", () => {
  it("finds at a glance what a look at the whole group finds, while all renew", () => {
    const { listener, looks } = comparing()
    Group.settled(3, {}, listener)
    assert.isAbove(looks(), 5)
  })

  it("finds what a look finds while workers join, fall silent, crash and leave", () => {
    const { listener, looks } = comparing()
    const { processes, world } = Group.settled(4, {}, listener)
    const [, second, third, last] = processes
    assert(second !== undefined && third !== undefined && last !== undefined)
    const atRest = looks()
    world.kill(second)
    world.run(40_000)
    Group.join(world, "w9")
    world.pause(third)
    world.run(8_000)
    world.wake(third)
    world.run(40_000)
    world.stop(last, "leave")
    world.run(40_000)
    assert.isAbove(looks(), atRest + 10)
  })
})
