import { Partition, WorkerId, type Plan, type WorkerRecord } from "@parti/core/Protocol"
import * as Result from "effect/Result"
import { assert, describe, it } from "vitest"
import * as Bucket from "../../src/simulation/Bucket.ts"
import * as Campaign from "../../src/simulation/Campaign.ts"
import * as Group from "../../src/simulation/Group.ts"
import * as Leases from "../../src/simulation/Leases.ts"
import * as Plans from "../../src/simulation/Plans.ts"
import * as Runs from "../../src/simulation/Runs.ts"
import * as Scenario from "../../src/simulation/Scenario.ts"
import * as Shell from "../../src/simulation/Shell.ts"
import type { Request } from "../../src/simulation/Store.ts"
import * as Value from "../../src/simulation/Value.ts"
import { Violation } from "../../src/simulation/Violation.ts"
import type { Process } from "../../src/simulation/World.ts"

// Goal: the judges of a simulation can be trusted. Method: right and wrong histories are put before them, without a node.

const id = (name: string): WorkerId.WorkerId => Result.getOrThrow(WorkerId.parse(name))
const partitions = Result.getOrThrow(Partition.normalise([{ keys: ["a"] }, { keys: ["b"] }]))
const [first] = partitions.map(Partition.id)
if (first === undefined) throw new Error("there are two partitions")

/** Two processes that hold the ids `x` and `y` under sessions of the same names, with a lease of 10 s. */
const court = () => {
  const scenario = { ...Scenario.draw(1, 60_000, []), slots: 2, drift: 0, onStoreLoss: "fence" as const }
  const group = Group.make(scenario, Campaign.honest)
  const [x, y] = group.world.slots.map((slot) => {
    Shell.boot(group, slot)
    return slot.process
  })
  if (x === undefined || y === undefined || x === null || y === null) throw new Error("both have started")
  const bench = { group, x, y }
  renew(bench, x, "x")
  renew(bench, y, "y")
  Bucket.put(group.world.plan, Value.listKey(1), { _tag: "List", list: { version: 1, partitions } }, 0)
  return bench
}

interface Bench {
  readonly group: Group.Group
  readonly x: Process
  readonly y: Process
}

const recordOf = (session: string, changes: Partial<WorkerRecord> = {}): WorkerRecord => ({
  state: "live",
  session,
  after: null,
  attempt: 1,
  leaseMs: 10_000,
  marginMs: 500,
  instance: session,
  applied: { epoch: 0, version: 0 },
  draining: false,
  capacity: 1,
  zone: null,
  ...changes
})

const request = (group: Group.Group, process: Process, key: string, value: Value.Value): Request => ({
  process,
  bucket: "live",
  key,
  value,
  expected: null,
  life: null,
  issuedAt: process.slot.clock.own(group.world.now)
})

/** What a process writes under its worker id, as the store takes it. */
const renew = (
  { group }: Bench,
  process: Process,
  name: string,
  changes: Partial<WorkerRecord> = {},
  session = name
): void => {
  const record = recordOf(session, changes)
  const key = Value.workerKey(id(name))
  const value: Value.Value = { _tag: "Worker", workerId: id(name), record }
  Leases.ordered(group.leases, process, id(name), record)
  Leases.written(group.world, group.leases, request(group, process, key, value), id(name), record)
  Bucket.put(group.world.live, key, value, group.world.now)
}

const planOf = (version: number, changes: Partial<Plan.Plan> = {}): Plan.Plan => ({
  epoch: 1,
  version,
  leader: { id: id("x"), session: "x" },
  incarnation: "live~1",
  recovering: false,
  phase: { _tag: "Idle" },
  list: { version: 1, partitions },
  workers: [
    { id: id("x"), session: "x", member: true },
    { id: id("y"), session: "y", member: true }
  ],
  owner: [0, 1],
  next: [0, 1],
  token: [1, 1],
  handled: { rebalance: 0, refresh: 0 },
  ...changes
})

const write = ({ group, x }: Bench, plan: Plan.Plan): void =>
  Plans.written(group.world, group.plans, group.leases, request(group, x, "plan", { _tag: "Plan", plan }), plan)

const start = ({ group }: Bench, process: Process, session: string, token: number): void =>
  void Runs.start(group.world, group.runs, group.leases, group.plans, {
    process,
    session,
    under: token,
    partition: first,
    token
  })

const breaks = (rule: string, act: () => void): void => {
  try {
    act()
  } catch (cause) {
    assert.instanceOf(cause, Violation)
    assert.strictEqual(cause instanceof Violation ? cause.rule : "", rule, String(cause))
    return
  }
  assert.fail(`nothing was said, and ${rule} was broken`)
}

describe("The judge of leases", () => {
  it("accepts a renewal, and a claim after the lease", () => {
    const bench = court()
    renew(bench, bench.x, "x", { attempt: 2 })
    bench.group.world.now = 10_000
    renew(bench, bench.y, "x", { after: "x" }, "y2")
  })

  it("catches a claim while the former session holds the id (S3)", () => {
    const bench = court()
    breaks("S3", () => renew(bench, bench.y, "x", { after: "x" }, "y2"))
  })

  it("asks nobody to know of a session that the record it replaces is older than", () => {
    const bench = court()
    const key = Value.workerKey(id("x"))
    const older: Value.Value = { _tag: "Worker", workerId: id("x"), record: recordOf("x0", { state: "released" }) }
    Bucket.put(bench.group.world.live, key, older, 0)
    renew(bench, bench.y, "x", { after: "x0" }, "y2")
  })

  it("catches a claim over an older record where the plan names the session after it (S3)", () => {
    const bench = court()
    const key = Value.workerKey(id("x"))
    const older: Value.Value = { _tag: "Worker", workerId: id("x"), record: recordOf("x0", { state: "released" }) }
    Bucket.put(bench.group.world.live, key, older, 0)
    Bucket.put(bench.group.world.plan, Value.planKey, { _tag: "Plan", plan: planOf(1) }, 0)
    breaks("S3", () => renew(bench, bench.y, "x", { after: "x0" }, "y2"))
  })

  it("takes a session for ended that its process has left, though a bucket that was set back shows it alive", () => {
    const bench = court()
    const tenure = bench.group.leases.all.get("x")
    if (tenure === undefined) return assert.fail("x holds a lease")
    bench.group.world.now = 10_000
    assert.isFalse(Leases.hasEnded(bench.group.world, tenure))
    renew(bench, bench.x, "z", {}, "x2")
    assert.isTrue(Leases.hasEnded(bench.group.world, tenure))
  })

  it("takes a session for ended that was released, though a bucket that was set back shows it alive", () => {
    const bench = court()
    const tenure = bench.group.leases.all.get("x")
    if (tenure === undefined) return assert.fail("x holds a lease")
    renew(bench, bench.x, "x", { state: "released" })
    const older: Value.Value = { _tag: "Worker", workerId: id("x"), record: recordOf("x") }
    Bucket.put(bench.group.world.live, Value.workerKey(id("x")), older, 0)
    assert.isTrue(Leases.hasEnded(bench.group.world, tenure))
  })

  it("catches one session on two ids (S3)", () => {
    const bench = court()
    breaks("S3", () => renew(bench, bench.x, "z", {}, "x"))
  })

  it("catches a release of another's record (S3)", () => {
    const bench = court()
    bench.group.world.now = 10_000
    renew(bench, bench.y, "x", { after: "x" }, "y2")
    breaks("S3", () => renew(bench, bench.x, "x", { state: "released" }))
  })

  it("catches an eviction while the lease runs, and accepts one after it (S5)", () => {
    const bench = court()
    breaks("S5", () => renew(bench, bench.y, "x", { state: "evicted" }, "x"))
    bench.group.world.now = 9501
    renew(bench, bench.y, "x", { state: "evicted" }, "x")
  })
})

describe("The judge of plans", () => {
  it("catches a window that a new leader begins anew (L1), and accepts one that it continues", () => {
    const bench = court()
    const scaling = { _tag: "Scaling", reason: "planned_scale", windowMs: 1000, startedAt: 500 } as const
    write(bench, planOf(1, { phase: scaling }))
    write(bench, planOf(2, { phase: scaling, epoch: 2 }))
    breaks("L1", () => write(bench, planOf(3, { phase: { ...scaling, startedAt: 700 }, epoch: 3 })))
  })

  it("accepts a revoke, its acknowledgement and the grant", () => {
    const bench = court()
    write(bench, planOf(1))
    write(bench, planOf(2, { next: [1, 1] }))
    renew(bench, bench.x, "x", { attempt: 2, applied: { epoch: 1, version: 2 } })
    write(bench, planOf(3, { owner: [1, 1], next: [1, 1], token: [3, 1] }))
    assert.strictEqual(bench.group.plans.moveCount, 1)
  })

  it("accepts a grant after the former owner's end", () => {
    const bench = court()
    write(bench, planOf(1))
    bench.group.world.now = 9501
    renew(bench, bench.y, "y", { attempt: 2 })
    renew(bench, bench.y, "x", { state: "evicted" }, "x")
    write(bench, planOf(2, { owner: [1, 1], next: [1, 1], token: [2, 1] }))
  })

  it.each([
    ["without any acknowledgement", { epoch: 0, version: 0 }],
    ["after an acknowledgement of an older version", { epoch: 1, version: 1 }],
    ["after an acknowledgement of an older term", { epoch: 0, version: 2 }]
  ])("catches a grant %s (S5)", (_, applied) => {
    const bench = court()
    write(bench, planOf(1))
    write(bench, planOf(2, { next: [1, 1] }))
    renew(bench, bench.x, "x", { attempt: 2, applied })
    breaks("S5", () => write(bench, planOf(3, { owner: [1, 1], next: [1, 1], token: [3, 1] })))
  })

  it("catches a grant after an acknowledgement from before the revoke was cancelled (S5)", () => {
    const bench = court()
    write(bench, planOf(1))
    write(bench, planOf(2, { next: [1, 1] }))
    renew(bench, bench.x, "x", { attempt: 2, applied: { epoch: 1, version: 2 } })
    write(bench, planOf(3))
    write(bench, planOf(4, { next: [1, 1] }))
    breaks("S5", () => write(bench, planOf(5, { owner: [1, 1], next: [1, 1], token: [5, 1] })))
  })

  it("catches a partition that is dropped under its owner (S5)", () => {
    const bench = court()
    write(bench, planOf(1))
    const list = { version: 1, partitions: partitions.slice(1) }
    breaks("S5", () => write(bench, planOf(2, { list, owner: [1], next: [1], token: [1] })))
  })

  it("catches a grant over an owner by a lost plan that has confirmed nothing (S5)", () => {
    const bench = court()
    write(bench, planOf(1))
    Plans.lose(bench.group.plans, null)
    write(bench, planOf(2, { epoch: 2, owner: [-1, -1], next: [1, 1], token: [0, 0] }))
    breaks("S5", () => write(bench, planOf(3, { epoch: 2, owner: [1, -1], next: [1, 1], token: [3, 0] })))
  })

  it("accepts a grant over an owner by a lost plan that has confirmed one since, though that was lost as well", () => {
    const bench = court()
    const nobodys = { owner: [-1, -1], next: [-1, -1], token: [0, 0], recovering: true }
    write(bench, planOf(1))
    Plans.lose(bench.group.plans, null)
    write(bench, planOf(2, { ...nobodys, epoch: 2 }))
    renew(bench, bench.x, "x", { attempt: 2, applied: { epoch: 2, version: 2 } })
    Plans.lose(bench.group.plans, null)
    write(bench, planOf(3, { ...nobodys, epoch: 3 }))
    write(bench, planOf(4, { epoch: 3, owner: [1, 1], next: [1, 1], token: [4, 4] }))
  })

  it.each([
    ["a token that does not rise", "S2", planOf(2, { owner: [0, 0], next: [0, 0], token: [1, 1] })],
    ["another token for the same owner", "S2", planOf(2, { token: [2, 1] })],
    ["an older epoch", "S4", planOf(2, { epoch: 0 })],
    ["a version that does not rise", "S4", planOf(1)],
    ["two leaders in one epoch", "S4", planOf(2, { leader: { id: id("y"), session: "y" } })],
    ["a column that is too short", "S7", planOf(2, { owner: [0] })],
    ["an owner who is not there", "S7", planOf(2, { owner: [0, 7] })],
    ["a list that is not in the store", "S7", planOf(2, { list: { version: 9, partitions } })]
  ])("catches %s (%s)", (_, rule, wrong) => {
    const bench = court()
    write(bench, planOf(1))
    renew(bench, bench.y, "y", { state: "released" })
    breaks(rule, () => write(bench, wrong))
  })

  it("catches a list that is removed while the plan names it (S7)", () => {
    const bench = court()
    write(bench, planOf(1))
    breaks("S7", () => Plans.listRemoved(bench.group.plans, 1))
  })
})

describe("The judge of handlers", () => {
  const granted = (): Bench => {
    const bench = court()
    write(bench, planOf(1))
    return bench
  }

  it("accepts a handler of a granted partition", () => {
    const bench = granted()
    start(bench, bench.x, "x", 1)
    assert.strictEqual(bench.x.runs.size, 1)
  })

  it("catches a start that nobody granted (S5)", () => {
    const bench = granted()
    breaks("S5", () => start(bench, bench.y, "y", 1))
  })

  it("catches a start after the lease (S1)", () => {
    const bench = granted()
    bench.group.world.now = 9501
    breaks("S1", () => start(bench, bench.x, "x", 1))
  })

  it("catches a second start in one process (S1)", () => {
    const bench = granted()
    start(bench, bench.x, "x", 1)
    breaks("S1", () => start(bench, bench.x, "x", 1))
  })

  it("catches a handler that runs in two processes, unless one of them stands still (S1)", () => {
    const bench = granted()
    start(bench, bench.x, "x", 1)
    bench.group.plans.grants.add(Plans.grantOf("y", first, 2))
    breaks("S1", () => start(bench, bench.y, "y", 2))
    bench.x.status = "Paused"
    start(bench, bench.y, "y", 2)
    bench.x.status = "Running"
    breaks("S1", () => Runs.resumed(bench.group.world, bench.group.runs, bench.group.leases, bench.x))
  })

  it("catches a handler that was not told in time (S1)", () => {
    const bench = granted()
    start(bench, bench.x, "x", 1)
    const tenure = bench.group.leases.all.get("x")
    bench.x.lastAt = (tenure?.heldUntil ?? 0) - bench.x.config.fenceLeadMs
    Runs.checkTold(bench.group.world, bench.group.leases, bench.x)
    bench.x.lastAt += 2
    breaks("S1", () => Runs.checkTold(bench.group.world, bench.group.leases, bench.x))
  })

  it("catches a release and an acknowledgement while the handler runs (S5)", () => {
    const bench = granted()
    start(bench, bench.x, "x", 1)
    const say = (changes: Partial<WorkerRecord>) => Runs.checkSaid(bench.group.plans, bench.x, recordOf("x", changes))
    say({ applied: { epoch: 1, version: 1 } })
    breaks("S5", () => say({ state: "released" }))
    write(bench, planOf(2, { next: [1, 1] }))
    breaks("S5", () => say({ applied: { epoch: 1, version: 2 } }))
  })
})
