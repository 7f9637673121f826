import { assert, describe, it } from "vitest"
import type { Command, Outcome } from "../../src/protocol/Command.ts"
import type { StopIntent } from "../../src/protocol/Event.ts"
import * as Node from "../../src/protocol/Node.ts"
import * as Group from "./rig/Group.ts"
import * as Sample from "./rig/Sample.ts"
import { World, type Process } from "./rig/World.ts"

/** What a process ordered at its end, with when; `null` while it goes on. */
const watchEnd = (
  world: World,
  process: Process
): (() => { readonly at: number; readonly outcome: Outcome } | null) => {
  let end: { readonly at: number; readonly outcome: Outcome } | null = null
  world.listener = {
    stepped: (one, event, step) => {
      const halt = step.commands.find((command) => command._tag === "Halt")
      if (one === process && halt?._tag === "Halt") end = { at: event.at, outcome: halt.outcome }
    }
  }
  return () => end
}

const stateOf = (world: World, name: string): string | undefined => {
  const value = world.live.entries.get(`worker.${name}`)?.value
  return value?._tag === "Worker" ? value.record.state : undefined
}

const group = (count: number): { readonly world: World; readonly first: Process; readonly last: Process } => {
  const { processes, world } = Group.settled(count)
  const [first] = processes
  const last = processes.at(-1)
  assert(first !== undefined && last !== undefined)
  return { world, first, last }
}

describe("Before it has started a node", () => {
  const config = Sample.config()

  it("ignores everything but the start and the stop", () => {
    const early = { _tag: "TimerFired", at: 0, wall: 0 } as const
    const step = Node.transition(config, Node.initial(config), early)
    assert.deepStrictEqual(step, { state: Node.initial(config), commands: [], ignored: "NotYetStarted" })
  })

  it("watches the whole live bucket, and sets its timer, when it starts", () => {
    const step = Node.transition(config, Node.initial(config), { _tag: "Started", at: 500, wall: 0 })
    assert.deepStrictEqual(step.commands, [
      { _tag: "Watch", scope: { _tag: "Whole" }, serial: 1 },
      { _tag: "SetTimer", at: 60_500 }
    ])
    assert.strictEqual(Node.view(step.state, 500).state, "ClaimingId")
  })

  it("starts once", () => {
    const started = { _tag: "Started", at: 0, wall: 0 } as const
    const { state } = Node.transition(config, Node.initial(config), started)
    const { state: seen } = Node.transition(config, state, { ...started, at: 9 })
    assert.strictEqual(Node.transition(config, seen, { ...started, at: 9 }).ignored, "AlreadyStarted")
  })

  it("ends at once when it is stopped", () => {
    const step = Node.transition(config, Node.initial(config), {
      _tag: "StopRequested",
      intent: "leave",
      at: 0,
      wall: 0
    })
    assert.deepStrictEqual(step.commands, [{ _tag: "Halt", outcome: { _tag: "Stopped", released: true } }])
    assert.deepStrictEqual(Node.view(step.state, 0).entered, ["Shutdown"])
  })
})

describe("A start that takes too long", () => {
  const failed = (world: World, process: Process) => {
    const end = watchEnd(world, process)
    world.run(70_000)
    return end()
  }
  const waitingFor = (it: Extract<Outcome, { _tag: "StartFailed" }>["waitingFor"]) => ({
    at: 60_000,
    outcome: { _tag: "StartFailed", waitingFor: it, afterMs: 60_000 } as const
  })

  it("was waiting for the store when that showed nothing", () => {
    const world = new World()
    const process = Group.join(world, "w0")
    process.isCut = true
    assert.deepStrictEqual(failed(world, process), waitingFor("Store"))
  })

  it("was waiting for an id when none came free", () => {
    const world = new World()
    const record = Sample.workerRecord("other.1", { leaseMs: 900_000 })
    world.put(world.live, { _tag: "Worker", workerId: Sample.id("w0"), record })
    const process = Group.join(world, "w0")
    assert.deepStrictEqual(failed(world, process), waitingFor("WorkerId"))
  })

  it("was waiting for a leader when there was none, and gave its id back", () => {
    const world = new World()
    const process = Group.join(world, "w0")
    for (let i = 0; i < 40; i++) world.fate(process, "Lead", "drop")
    assert.deepStrictEqual(failed(world, process), waitingFor("Leader"))
    assert.strictEqual(stateOf(world, "w0"), "released")
  })

  it("was waiting for an assignment when the leader did not speak", () => {
    const world = new World()
    world.put(world.live, { _tag: "Leader", record: Sample.leaderRecord("w9", 50, { leaseMs: 900_000 }) })
    world.put(world.plans, { _tag: "Plan", plan: Sample.plan({ epoch: 40 }) })
    const process = Group.join(world, "w2")
    assert.deepStrictEqual(failed(world, process), waitingFor("Assignment"))
  })

  it("is none when the node arrived in time, however long it lives", () => {
    const world = new World()
    const process = Group.join(world, "w0")
    assert.isNull(failed(world, process))
  })
})

describe("A stop", () => {
  it.each<{ readonly intent: StopIntent; readonly takesMs: number }>([
    { intent: "restart", takesMs: 0 },
    // The drain window, then the handoff.
    { intent: "leave", takesMs: 1_000 }
  ])("with intent $intent ends with the id released, after $takesMs ms", ({ intent, takesMs }) => {
    const { last, world } = group(2)
    const end = watchEnd(world, last)
    world.stop(last, intent)
    world.run(5_000)
    assert.deepStrictEqual(end(), { at: 60_000 + takesMs, outcome: { _tag: "Stopped", released: true } })
    assert.strictEqual(stateOf(world, "w1"), "released")
  })

  it("moves the partitions before the worker goes only where it leaves", () => {
    const left = group(2)
    left.world.stop(left.last, "leave")
    left.world.run(5_000)
    assert.strictEqual(left.first.runs.size, 4)
    const restarted = group(2)
    restarted.world.stop(restarted.last, "restart")
    restarted.world.run(5_000)
    assert.strictEqual(restarted.first.runs.size, 2)
  })

  it("waits for the handlers, and releases nothing before the last has ended", () => {
    const { last, world } = group(2)
    const end = watchEnd(world, last)
    last.isSlow = true
    world.stop(last, "restart")
    world.run(9_000)
    assert.deepStrictEqual([end(), stateOf(world, "w1")], [null, "live"])
    world.endHandlers(last)
    world.run(0)
    assert.deepStrictEqual(end(), { at: 69_000, outcome: { _tag: "Stopped", released: true } })
  })

  it("keeps the lease while the handlers end", () => {
    const { last, world } = group(2)
    last.isSlow = true
    world.stop(last, "restart")
    world.run(25_000)
    assert.strictEqual(stateOf(world, "w1"), "live")
    assert.isTrue(world.newest.workers.some(({ session }) => session === "w1.1"))
  })

  it("ends without a release when its time is over", () => {
    const { last, world } = group(2)
    const end = watchEnd(world, last)
    last.isSlow = true
    world.stop(last, "restart")
    world.run(60_000)
    assert.deepStrictEqual(end(), { at: 90_000, outcome: { _tag: "Stopped", released: false } })
  })

  it("in order gives way to a stop of the handlers while there is time for that", () => {
    const { first, last, world } = group(2)
    const end = watchEnd(world, last)
    // Nobody drains it: the leader stands still, and nobody takes over in time.
    world.pause(first)
    world.fate(last, "Lead", "drop")
    for (let i = 0; i < 40; i++) world.fate(last, "Lead", "drop")
    world.stop(last, "leave")
    world.run(24_999)
    assert.strictEqual(last.runs.size, 2)
    world.run(1_000)
    assert.deepStrictEqual([last.runs.size, end()?.at], [0, 85_000])
  })

  it("of the last worker just releases", () => {
    const { first, world } = group(1)
    const end = watchEnd(world, first)
    world.stop(first, "leave")
    world.run(100)
    assert.deepStrictEqual(end(), { at: 60_000, outcome: { _tag: "Stopped", released: true } })
  })

  it("before there is an id gives nothing back", () => {
    const world = new World()
    world.put(world.live, { _tag: "Worker", workerId: Sample.id("w0"), record: Sample.workerRecord("other.1") })
    const process = Group.join(world, "w0")
    world.run(2_000)
    const end = watchEnd(world, process)
    world.stop(process, "leave")
    world.run(0)
    assert.deepStrictEqual(end(), { at: 2_000, outcome: { _tag: "Stopped", released: true } })
  })

  it("while the claim is on its way waits for that, and gives it back", () => {
    const world = new World()
    const process = Group.join(world, "w0")
    world.fate(process, "Claim", "hold")
    world.run(500)
    const end = watchEnd(world, process)
    world.stop(process, "leave")
    world.run(500)
    assert.isNull(end())
    world.release(process, "Claim", "land")
    world.run(500)
    assert.deepStrictEqual([end()?.outcome, stateOf(world, "w0")], [{ _tag: "Stopped", released: true }, "released"])
  })

  it("is asked for once", () => {
    const { last, world } = group(2)
    world.stop(last, "leave")
    world.run(500)
    assert.strictEqual(world.take(last, { _tag: "StopRequested", intent: "restart" }).ignored, "AlreadyStopping")
  })

  it("is the end: whatever comes after it is ignored", () => {
    const { last, world } = group(2)
    world.stop(last, "restart")
    world.run(1_000)
    const { config, state } = last
    for (const fact of [
      { _tag: "TimerFired" },
      { _tag: "Started" },
      { _tag: "StopRequested", intent: "leave" },
      { _tag: "PlanObserved", revision: 99, plan: null },
      { _tag: "WorkerObserved", serial: 1, workerId: Sample.id("w1"), revision: 99, record: null }
    ] as const) {
      const step = Node.transition(config, state, { ...fact, at: 99_000, wall: 99_000 })
      assert.deepStrictEqual(step, { state, commands: [], ignored: "Halted" })
    }
  })
})

describe("The watch of the live bucket", () => {
  const scopes = (processes: ReadonlyArray<Process>) => processes.map(({ scope }) => scope?._tag)

  it("is whole for the leader and the first candidates, and of the own key for the others", () => {
    const { processes } = Group.settled(5)
    assert.deepStrictEqual(scopes(processes), ["Whole", "Whole", "Whole", "Own", "Own"])
    assert.deepStrictEqual(processes[4]?.scope, { _tag: "Own", workerId: Sample.id("w4") })
  })

  it("is whole for whoever is next when a candidate goes", () => {
    const { processes, world } = Group.settled(5)
    const [first] = processes
    assert(first !== undefined)
    world.kill(first)
    world.run(30_000)
    assert.deepStrictEqual(scopes(processes.slice(1)), ["Whole", "Whole", "Whole", "Own"])
  })

  it("is whole until there is an id", () => {
    const { world } = group(4)
    const fifth = Group.join(world, "w4")
    world.fate(fifth, "Claim", "hold")
    world.run(100)
    assert.deepStrictEqual(fifth.scope, { _tag: "Whole" })
    world.release(fifth, "Claim", "land")
    world.run(100)
    assert.deepStrictEqual(fifth.scope, { _tag: "Own", workerId: Sample.id("w4") })
  })

  it("shows nothing any more once it was replaced", () => {
    const { processes, world } = Group.settled(5)
    const last = processes[4]
    assert(last !== undefined)
    const record = Sample.workerRecord("thief.1")
    const stale = {
      _tag: "WorkerObserved",
      serial: last.serial - 1,
      workerId: Sample.id("w4"),
      revision: 9_999,
      record
    } as const
    assert.strictEqual(world.take(last, stale).ignored, "StaleWatch")
    assert.strictEqual(world.view(last).session, "w4.1")
  })

  it("does not keep a narrow one from hearing of its own eviction", () => {
    const { processes, world } = Group.settled(5)
    const last = processes[4]
    assert(last !== undefined)
    const record = Sample.workerRecord("w4.1", { state: "evicted" })
    world.put(world.live, { _tag: "Worker", workerId: Sample.id("w4"), record })
    world.run(0)
    assert.strictEqual(last.runs.size, 0)
    world.run(1_000)
    assert.strictEqual(world.view(last).session, "w4.2")
  })
})

describe("An idle group", () => {
  it("costs one write for each heartbeat of each worker, and one for the leader's", () => {
    const { processes, world } = Group.settled(3)
    const writes = new Map<string, number>()
    const others: Array<Command["_tag"]> = []
    world.listener = {
      stepped: (process, _, step) => {
        for (const command of step.commands) {
          if ("write" in command) writes.set(process.name, (writes.get(process.name) ?? 0) + 1)
          else if (command._tag !== "SetTimer") others.push(command._tag)
        }
      }
    }
    world.run(60_000)
    assert.deepStrictEqual(Object.fromEntries(writes), { w0: 60, w1: 30, w2: 30 })
    assert.deepStrictEqual([others, processes.length], [[], 3])
  })

  it("wakes each worker no more than a few times for each heartbeat", () => {
    const { world } = Group.settled(3)
    let timers = 0
    world.listener = { stepped: (_, event) => void (timers += event._tag === "TimerFired" ? 1 : 0) }
    world.run(60_000)
    assert.isAtMost(timers, 3 * 30 * 2)
  })
})
