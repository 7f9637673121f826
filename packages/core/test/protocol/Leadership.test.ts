import { assert, describe, it } from "vitest"
import type { Plan } from "../../src/model/Plan.ts"
import type { Write } from "../../src/protocol/Command.ts"
import type { Sight } from "../../src/protocol/Desk.ts"
import * as Draft from "../../src/protocol/Draft.ts"
import * as Leadership from "../../src/protocol/Leadership.ts"
import * as Membership from "../../src/protocol/Membership.ts"
import * as Node from "../../src/protocol/Node.ts"
import type { AssignmentStrategy } from "../../src/strategy/Strategy.ts"
import { sticky } from "../../src/strategy/Sticky.ts"
import * as Group from "./rig/Group.ts"
import * as Sample from "./rig/Sample.ts"
import { World, type Process } from "./rig/World.ts"

interface Scene {
  readonly world: World
  readonly leader: Process
  readonly follower: Process
  /** What was ordered and is no heartbeat, with when. */
  readonly orders: ReadonlyArray<{ readonly at: number; readonly by: string; readonly purpose: Write["purpose"] }>
}

/** Two workers at rest at 60,000; `w0` leads. What is ordered from then on is noted. */
const scene = (): Scene => {
  const { processes, world } = Group.settled(2)
  const [leader, follower] = processes
  assert(leader !== undefined && follower !== undefined)
  const orders: Array<Scene["orders"][number]> = []
  world.listener = {
    stepped: (process, event, step) => {
      for (const command of step.commands) {
        if (!("write" in command)) continue
        const { purpose } = command.write
        if (purpose !== "Renew" && purpose !== "RenewLeader") orders.push({ at: event.at, by: process.name, purpose })
      }
    }
  }
  return { world, leader, follower, orders }
}

const versions = (world: World, since: number): ReadonlyArray<number> =>
  world.history.filter((plan) => plan.version >= since).map((plan) => plan.version)

/** Something to say: a worker joins, and the leader opens a window. */
const join = (world: World) => Group.join(world, "w2")

describe("A leader's plan", () => {
  it("is taken for in force when the watch shows it, though its answer was lost", () => {
    const { leader, orders, world } = scene()
    world.fate(leader, "Plan", "lose")
    join(world)
    world.run(9_000)
    assert.deepStrictEqual(versions(world, 60_000), [60_000])
    assert.lengthOf(
      orders.filter(({ purpose }) => purpose === "Plan"),
      1
    )
    assert(leader.state.leadership._tag === "Acting")
    assert.strictEqual(leader.state.leadership.plan.version, 60_000)
  })

  it("is written again under another version when it was lost on the way", () => {
    const { leader, orders, world } = scene()
    world.fate(leader, "Plan", "drop")
    join(world)
    world.run(9_000)
    assert.deepStrictEqual(versions(world, 60_000), [61_500])
    assert.deepStrictEqual(
      orders.filter(({ purpose }) => purpose === "Plan").map(({ at }) => at),
      [60_000, 61_500]
    )
  })

  it("that lands after the leader has said it anew is refused", () => {
    const { leader, world } = scene()
    world.fate(leader, "Plan", "hold")
    join(world)
    world.run(1_500)
    world.release(leader, "Plan", "unknown")
    world.run(500)
    world.release(leader, "Plan", "land")
    world.run(5_000)
    assert.deepStrictEqual(versions(world, 60_000), [61_500])
    assert.isTrue(world.view(leader).isLeader)
  })

  it("that lands late, before the leader could say it anew, is taken for in force", () => {
    const { leader, world } = scene()
    world.fate(leader, "Plan", "hold")
    world.fate(leader, "Plan", "hold")
    join(world)
    world.run(1_500)
    world.release(leader, "Plan", "unknown")
    world.run(100)
    world.release(leader, "Plan", "land")
    world.run(100)
    world.release(leader, "Plan", "land")
    world.run(5_000)
    assert.deepStrictEqual(versions(world, 60_000), [60_000])
    assert(leader.state.leadership._tag === "Acting")
    assert.strictEqual(leader.state.leadership.plan.version, 60_000)
  })

  it("is tried again after a moment when the store did not take it", () => {
    const { leader, orders, world } = scene()
    world.fate(leader, "Plan", "refuse")
    join(world)
    world.run(1_000)
    assert.deepStrictEqual(
      orders.filter(({ purpose }) => purpose === "Plan").map(({ at }) => at),
      [60_000, 60_200]
    )
  })

  it("is one at a time, whatever happens meanwhile", () => {
    const { leader, orders, world } = scene()
    world.fate(leader, "Plan", "hold")
    join(world)
    world.run(1_000)
    Group.join(world, "w3")
    world.run(5_000)
    assert.lengthOf(
      orders.filter(({ purpose }) => purpose === "Plan"),
      1
    )
  })

  it("is not written while there is nothing to say", () => {
    const { orders, world } = scene()
    world.run(300_000)
    assert.deepStrictEqual(orders, [])
    assert.deepStrictEqual(versions(world, 60_000), [])
  })
})

describe("A leader", () => {
  it("leaves a state that JSON keeps whole, also when nothing is to be waited for", () => {
    const { processes } = Group.settled(1)
    const [leader] = processes
    assert(leader !== undefined)
    const { leadership, membership } = leader.state
    const [own] = membership.members
    assert(leadership._tag === "Acting" && own !== undefined && own.record !== null)
    // An answer is out about the only worker there is: no silence of anybody will tell anything new.
    const report = { _tag: "WorkerEvicted", workerId: own.id, session: own.record.session, silentMs: 0 } as const
    const order = { serial: 1, workerId: own.id, record: own.record, retryAt: null, report }
    const before = { ...leader.state, leadership: { ...leadership, orders: [order], lookAt: 60_000 }, hasNews: true }
    const { state } = Node.transition(leader.config, before, { _tag: "TimerFired", at: 60_001, wall: 60_001 })
    assert.deepStrictEqual(JSON.parse(JSON.stringify(state)), state)
  })

  it("is outbid by a plan of a later epoch, and resigns in the same step", () => {
    const { leader, orders, world } = scene()
    const plan: Plan = { ...world.newest, epoch: 99_000, version: 99_000 }
    world.put(world.plans, { _tag: "Plan", plan })
    world.run(0)
    assert.isFalse(world.view(leader).isLeader)
    assert.strictEqual(leader.state.leadership._tag, "Away")
    assert.deepStrictEqual(orders[0], { at: 60_000, by: "w0", purpose: "ReleaseLeader" })
  })

  it("resigns when a plan it needs was not taken for a lease", () => {
    const { leader, orders, world } = scene()
    for (let i = 0; i < 20; i++) world.fate(leader, "Plan", "drop")
    join(world)
    world.run(12_000)
    const resigned = orders.find(({ purpose }) => purpose === "ReleaseLeader")
    assert.deepStrictEqual(
      [resigned?.by, (resigned?.at ?? 0) >= 70_000, (resigned?.at ?? 0) < 71_000],
      ["w0", true, true]
    )
    world.run(1_000)
    assert.isTrue(world.processes.some((process) => process !== leader && world.view(process).isLeader))
  })

  it("whose plan has gone says so, and grants nothing before everybody has confirmed", () => {
    const { follower, leader, world } = scene()
    follower.isSlow = true
    world.vanish(world.plans, "plan")
    world.run(9_000)
    assert.deepStrictEqual([world.newest.owner, world.newest.workers, world.newest.recovering], [[], [], true])
    assert.strictEqual(follower.runs.size, 2)
    world.endHandlers(follower)
    world.run(0)
    assert.isFalse(world.newest.recovering)
    world.run(60_000)
    assert.deepStrictEqual([leader.runs.size, follower.runs.size], [2, 2])
  })

  it("whose plan has gone grants nothing before everybody has confirmed, though no window is waited for", () => {
    const { processes, world } = Group.settled(2, { coldStart: "eager" })
    const [leader, follower] = processes
    assert(leader !== undefined && follower !== undefined)
    follower.isSlow = true
    world.vanish(world.plans, "plan")
    world.run(9_000)
    assert.deepStrictEqual([world.newest.recovering, leader.runs.size], [true, 0])
    assert.isTrue(world.newest.owner.every((owner) => owner < 0))
    world.endHandlers(follower)
    world.run(1_000)
    assert.deepStrictEqual([leader.runs.size, follower.runs.size], [2, 2])
  })

  it("that cannot read the plan does not lead by it; everybody goes on with what runs", () => {
    const { follower, leader, world } = scene()
    const running = [leader, follower].map((process) => [...process.runs.keys()])
    const unreadable = { _tag: "RecordUndecodable", bucket: "plan", key: "plan", revision: 99, reason: "v 9" } as const
    for (const process of [leader, follower]) world.tell(process, unreadable)
    world.run(1_000)
    assert.isFalse(world.view(leader).isLeader)
    assert.isFalse(world.view(follower).isLeader)
    assert.deepStrictEqual(
      [leader, follower].map((process) => [...process.runs.keys()]),
      running
    )
  })

  it("takes over what it finds under its own epoch, and nothing changes hands by that", () => {
    const { leader, world } = scene()
    const before = world.newest
    world.stop(leader, "restart")
    world.run(0)
    const after = world.history.find((plan) => plan.epoch > before.epoch)
    assert(after !== undefined)
    const { epoch, leader: by, version, ...found } = after
    const { epoch: oldEpoch, leader: oldBy, version: oldVersion, ...old } = before
    assert.deepStrictEqual(found, old)
    assert.isTrue(epoch > oldEpoch && version > oldVersion && by.id !== oldBy.id)
  })

  it("never says anything under an epoch that is not its own", () => {
    const { leader, world } = scene()
    const before = world.newest
    world.pause(leader)
    join(world)
    world.run(20_000)
    const other = world.newest
    assert.isAbove(other.epoch, before.epoch)
    world.wake(leader)
    world.run(20_000)
    assert.isTrue(
      world.history.filter((plan) => plan.version > other.version).every((plan) => plan.epoch >= other.epoch)
    )
  })
})

describe("An office", () => {
  it("is left as soon as a plan of a later epoch is seen, or one of its own epoch by another", () => {
    const { leader, world } = scene()
    const { leadership } = leader.state
    const plan = world.newest
    const after = (change: Partial<Plan>) =>
      Leadership.observed(leadership, { ...plan, ...change }, 999, world.now)._tag
    assert.strictEqual(after({ epoch: plan.epoch + 1 }), "Away")
    assert.strictEqual(after({ leader: { id: Sample.id("w1"), session: "w1.1" } }), "Away")
    assert.strictEqual(after({}), "Acting")
  })

  it("numbers each of its plans above every one that it has written, landed or not", () => {
    const sight: Sight = {
      at: 100,
      wall: 100,
      self: { workerId: Sample.id("w0"), session: "w0.1" },
      epoch: 8,
      members: Membership.empty,
      listeningSince: 0,
      tookOfficeAt: 100,
      firstVersion: 0,
      lastVersion: 500,
      source: null,
      drains: [],
      isPaused: false,
      rebalanceSerial: 0,
      refreshSerial: 0
    }
    assert.strictEqual(Draft.takeOver(sight, Sample.plan()).plan.version, 501)
    assert.strictEqual(Draft.takeOver({ ...sight, lastVersion: 0 }, Sample.plan()).plan.version, 101)
    assert.strictEqual(Draft.takeOver({ ...sight, wall: 900 }, Sample.plan()).plan.version, 900)
  })
})

describe("A rebalance", () => {
  it("does not wait for ever for a receiver that left while the handoff was out", () => {
    const { follower, world } = scene()
    const receiver = join(world)
    follower.isSlow = true
    world.run(10_000)
    assert.strictEqual(world.newest.phase._tag, "Rebalancing")
    world.stop(receiver, "restart")
    world.run(1_000)
    world.endHandlers(follower)
    world.run(60_000)
    assert.strictEqual(world.newest.phase._tag, "Idle")
    assert.strictEqual(
      world.processes.reduce((sum, process) => sum + process.runs.size, 0),
      4
    )
  })
})

describe("A strategy that was refused", () => {
  it("is asked again when it is time, once, and its answer is written at once", () => {
    let asked = 0
    let fails = false
    const strategy: AssignmentStrategy = {
      ...sticky(),
      assign: (input) => {
        asked += 1
        if (fails) throw new Error("out of luck")
        return sticky().assign(input)
      }
    }
    const world = new World()
    for (const name of ["w0", "w1"]) {
      world.start(name, Sample.config({ group: "sample", workerId: name, boot: name, strategy }), Sample.numbered(4))
    }
    world.run(60_000)
    fails = true
    Group.join(world, "w2")
    world.run(10_000)
    asked = 0
    fails = false
    world.run(500)
    assert.deepStrictEqual({ asked, version: world.newest.version }, { asked: 1, version: 70_501 })
  })
})
