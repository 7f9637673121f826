import { assert, describe, it } from "vitest"
import type { Phase } from "../../src/model/Plan.ts"
import type { Write } from "../../src/protocol/Command.ts"
import * as Manager from "../../src/protocol/Manager.ts"
import * as Group from "./rig/Group.ts"
import * as Sample from "./rig/Sample.ts"
import { World, type Process } from "./rig/World.ts"

const group = (count: number): { readonly world: World; readonly first: Process; readonly last: Process } => {
  const { processes, world } = Group.settled(count)
  const [first] = processes
  const last = processes.at(-1)
  assert(first !== undefined && last !== undefined)
  return { world, first, last }
}

describe("A worker's state", () => {
  type Situation = (world: World, process: Process) => void

  const idle: Phase = { _tag: "Idle" }

  /** What must be kept on its way for a worker to stay where it is. */
  const held: { readonly [state in Manager.WorkerState]?: Write["purpose"] } = {
    ClaimingId: "Claim",
    Election: "Lead",
    WaitingAssignment: "Plan"
  }

  const phases: { readonly [state in Manager.WorkerState]?: Phase } = {
    Stable: idle,
    Scaling: { _tag: "Scaling", reason: "planned_scale", windowMs: 10_000, startedAt: 60_000 },
    Rebalancing: { _tag: "Rebalancing", reason: "planned_scale", startedAt: 60_000 },
    Emergency: { _tag: "Emergency", reason: "emergency", startedAt: 60_000 }
  }

  const show = (world: World, process: Process, phase: Phase): void => {
    const revision = world.plans.last + 1
    world.put(world.plans, { _tag: "Plan", plan: { ...world.newest, version: world.newest.version + 1, phase } })
    assert.strictEqual(world.plans.last, revision)
    world.run(0)
    assert.isNotNull(world.view(process).plan)
  }

  /** A worker in each state, others looking on; the leader stands still, so that the plan says what the example says. */
  const inState = (state: Manager.WorkerState): { readonly world: World; readonly process: Process } => {
    const phase = phases[state]
    if (phase !== undefined) {
      const { first, last, world } = group(2)
      world.pause(first)
      if (state !== "Stable") show(world, last, phase)
      return { world, process: last }
    }
    const world = new World()
    const process = Group.join(world, "w0")
    const purpose = held[state]
    if (purpose !== undefined) world.fate(process, purpose, "hold")
    if (state !== "Init") world.run(0)
    return { world, process }
  }

  const evict: Situation = (world, process) => {
    const { session, workerId } = world.view(process)
    assert(session !== null && workerId !== null)
    world.put(world.live, { _tag: "Worker", workerId, record: Sample.workerRecord(session, { state: "evicted" }) })
    world.run(0)
  }

  const means: Readonly<Record<Manager.WorkerState, Situation>> = {
    Init: () => assert.fail("nothing leads back to the start"),
    ClaimingId: (world, process) => (process.timerAt === null ? world.run(0) : evict(world, process)),
    Election: (world, process) => {
      world.release(process, "Claim", "land")
      world.fate(process, "Lead", "hold")
      world.run(0)
    },
    WaitingAssignment: (world, process) => {
      world.fate(process, "Plan", "hold")
      world.release(process, "Lead", "land")
      world.run(0)
    },
    Stable: (world, process) => {
      if (process.held.length > 0) world.release(process, "Plan", "land")
      else show(world, process, idle)
      world.run(0)
    },
    Scaling: (world, process) => show(world, process, phases.Scaling ?? idle),
    Rebalancing: (world, process) => show(world, process, phases.Rebalancing ?? idle),
    Emergency: (world, process) => show(world, process, phases.Emergency ?? idle),
    Shutdown: (world, process) => void world.take(process, { _tag: "StopRequested", intent: "restart" })
  }

  const states: ReadonlyArray<Manager.WorkerState> = [
    ...(["Init", "ClaimingId", "Election", "WaitingAssignment"] as const),
    ...(["Stable", "Scaling", "Rebalancing", "Emergency", "Shutdown"] as const)
  ]
  const ways = states.flatMap((from) => Manager.transitions[from].map((to) => ({ from, to })))

  it.each(ways)("goes from $from to $to in a real group", ({ from, to }) => {
    const { process, world } = inState(from)
    assert.strictEqual(world.view(process).state, from)
    const entered: Array<Manager.WorkerState> = []
    world.listener = {
      stepped: (one, _, step, before) => {
        if (one === process && step.state !== before) entered.push(...step.state.entered)
      }
    }
    means[to](world, process)
    assert.strictEqual(entered[0], to)
  })

  it("is told once, in order, with all that lies between", () => {
    const world = new World()
    const process = Group.join(world, "w0")
    const entered: Array<Manager.WorkerState> = []
    world.listener = { stepped: (_, __, step) => void entered.push(...step.state.entered) }
    world.run(60_000)
    assert.deepStrictEqual(entered, [
      "ClaimingId",
      "Election",
      "WaitingAssignment",
      "Stable",
      "Scaling",
      "Rebalancing",
      "Stable"
    ])
    assert.deepStrictEqual(world.view(process).entered, [])
  })
})
