import { assert, describe, it } from "vitest"
import * as Settled from "./rig/Group.ts"
import * as Sample from "./rig/Sample.ts"
import { World, type Process } from "./rig/World.ts"
import type { Step } from "../../src/protocol/Step.ts"
import type { State } from "../../src/protocol/Node.ts"

const group = (count: number): { world: World; leader: Process; follower: Process } => {
  const { processes, world } = Settled.settled(count)
  const [leader, follower = leader] = processes
  assert(leader !== undefined && follower !== undefined)
  assert.isTrue(world.view(leader).isLeader)
  return { world, leader, follower }
}

const orders = (step: Step<State>): ReadonlyArray<string> =>
  step.commands.flatMap((command) => (command._tag === "SetTimer" ? [] : command._tag))

describe("A node whose watch of the plan opens anew", () => {
  it("keeps the office while the plan is listed again", () => {
    const { leader, world } = group(2)
    const plan = world.newest
    const steps = [
      world.take(leader, { _tag: "PlanOpened", incarnation: "plan~1" }),
      world.take(leader, { _tag: "PlanObserved", revision: world.plans.last, plan }),
      world.take(leader, { _tag: "PlanSynced" })
    ]
    assert.deepStrictEqual(steps.flatMap(orders), [])
    assert.isTrue(world.view(leader).isLeader)
  })

  it("takes the plan it knows for lost in another life of the bucket, since others may have followed newer ones", () => {
    const { follower, leader, world } = group(2)
    const before = world.newest
    const running = [...follower.runs.keys()]
    const show = (process: Process): ReadonlyArray<string> =>
      [
        world.take(process, { _tag: "PlanOpened", incarnation: "plan~2" }),
        world.take(process, { _tag: "PlanObserved", revision: world.plans.last, plan: before }),
        world.take(process, { _tag: "PlanSynced" })
      ].flatMap(orders)
    assert.deepStrictEqual(show(follower), ["Report", "Report"])
    assert.deepStrictEqual([...follower.runs.keys()], running)
    assert.include(show(leader), "WriteLeader")
    world.run(2_000)
    assert.isTrue(world.newest?.recovering)
    assert.isAbove(world.newest?.epoch ?? 0, before?.epoch ?? 0)
  })

  it("follows a plan of a newer term in another life of the bucket", () => {
    const { follower, world } = group(2)
    const { newest } = world
    assert(newest !== null)
    const { epoch, version } = newest
    world.take(follower, { _tag: "PlanOpened", incarnation: "plan~2" })
    world.take(follower, {
      _tag: "PlanObserved",
      revision: world.plans.last,
      plan: { ...newest, epoch: epoch + 1, version: version + 1 }
    })
    world.take(follower, { _tag: "PlanSynced" })
    assert.strictEqual(follower.state.plan.plan?.epoch, epoch + 1)
  })

  it("goes on running what it runs after the plan was lost, until the next plan says otherwise", () => {
    const { follower, world } = group(2)
    const running = [...follower.runs.keys()]
    assert.deepStrictEqual(orders(world.take(follower, { _tag: "PlanObserved", revision: 99, plan: null })), ["Report"])
    assert.deepStrictEqual([...follower.runs.keys()], running)
  })
})

describe("A worker that waits for an id", () => {
  it("does not call the store away for that", () => {
    const { world } = group(1)
    const waiting = world.start("other", Sample.config({ group: "sample", workerId: "w0", boot: "other" }))
    world.run(30_000)
    assert.deepStrictEqual(world.view(waiting).connection, { _tag: "Connected" })
  })
})

describe("A claim that lands after it was given up", () => {
  it("is released, since nobody would renew it", () => {
    const { world } = group(1)
    const late = world.start(
      "late",
      Sample.config({ group: "sample", workerIdPool: { prefix: "p", count: 9 }, boot: "late" })
    )
    world.fate(late, "Claim", "hold")
    world.run(1_500)
    world.release(late, "Claim", "unknown")
    world.run(5_000)
    const bearing = world.view(late).workerId
    world.release(late, "Claim", "land")
    world.run(5_000)
    const records = [...world.live.entries.values()].flatMap(({ value }) => (value._tag === "Worker" ? value : []))
    const ghost = records.find(({ record, workerId }) => record.session === "late.1" && workerId !== bearing)
    assert.strictEqual(ghost?.record.state, "released")
  })
})

describe("A claim that the store does not take", () => {
  it("is made again for the same id, at a measured pace, and nobody is said to have it", () => {
    const world = new World()
    const process = Settled.join(world, "w0")
    for (let i = 0; i < 3; i++) world.fate(process, "Claim", "refuse")
    const claims: Array<number> = []
    const reports: Array<unknown> = []
    world.listener = {
      stepped: (_, event, step) => {
        for (const command of step.commands) {
          if (command._tag === "WriteWorker" && command.write.purpose === "Claim") claims.push(event.at)
          if (command._tag === "Report") reports.push(command.report)
        }
      }
    }
    world.run(4_000)
    assert.deepStrictEqual(reports, [])
    assert.isTrue(
      claims.every((at, i) => i === 0 || at - (claims[i - 1] ?? 0) >= 200),
      claims.join()
    )
    assert.strictEqual(world.view(process).workerId, "w0")
  })

  it("is not made for one id after the other without a pause", () => {
    const world = new World()
    const pool = Sample.config({ group: "sample", workerIdPool: { prefix: "p", count: 100 } })
    const process = world.start("one", pool)
    for (let i = 0; i < 100; i++) world.fate(process, "Claim", "refuse")
    let claims = 0
    world.listener = {
      stepped: (_, __, step) => void (claims += orders(step).filter((one) => one === "WriteWorker").length)
    }
    world.run(1_000)
    assert.isAtMost(claims, 6)
  })
})

describe("A worker whose partition is taken", () => {
  it("writes once, when its handler has ended, and not before", () => {
    const { follower, world } = group(2)
    follower.isSlow = true
    const plan = world.newest
    // This one takes nothing, and was not answered yet when the next one comes, which does.
    const idle = { ...plan, version: plan.version + 1 }
    const taking = { ...plan, version: plan.version + 2, next: plan.next.map(() => 0) }
    const revision = world.plans.last
    const steps = [
      world.take(follower, { _tag: "PlanObserved", revision: revision + 1, plan: idle }),
      world.take(follower, { _tag: "PlanObserved", revision: revision + 2, plan: taking })
    ]
    assert.deepStrictEqual(steps.flatMap(orders), ["StopPartition", "StopPartition"])
    world.endHandlers(follower)
    world.run(0)
    const said = world.live.entries.get("worker.w1")?.value
    assert(said?._tag === "Worker")
    assert.deepStrictEqual(said.record.applied, { epoch: taking.epoch, version: taking.version })
  })
})
