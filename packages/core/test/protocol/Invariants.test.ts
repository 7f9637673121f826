import { assert, describe, it } from "vitest"
import type { PartitionId } from "../../src/model/Partition.ts"
import { nobody, type Plan } from "../../src/model/Plan.ts"
import * as Invariants from "../../src/protocol/Invariants.ts"
import type { Event } from "../../src/protocol/Event.ts"
import * as Node from "../../src/protocol/Node.ts"
import * as Step from "../../src/protocol/Step.ts"
import * as Group from "./rig/Group.ts"
import { id, idsOf, list, plan, seats } from "./rig/Sample.ts"
import { World } from "./rig/World.ts"

const before = plan()
const [p0, p1] = idsOf(before.list)
assert(p0 !== undefined && p1 !== undefined)

/** The next plan: the first partition moves to the other worker, under a new token. */
const moved: Plan = plan({ version: 101, owner: [1, 1, 0, 1], token: [101, 90, 90, 90] })

const ruleOf = (breach: Invariants.Breach | null) => breach?.rule ?? null

describe("One plan", () => {
  it("is in order when its columns run over its list and point at sessions that it names", () => {
    assert.isNull(Invariants.ofPlan(before))
    assert.isNull(Invariants.ofPlan(plan({ owner: [nobody, 0, 1, 1], next: [0, 0, nobody, 1] })))
    assert.isNull(Invariants.ofPlan(plan({ list: list(90, 0), workers: [], owner: [] })))
  })

  it.each<{ readonly title: string; readonly change: Partial<Plan> }>([
    { title: "owner is too short", change: { owner: [0, 1, 0], next: before.next, token: before.token } },
    { title: "next is too long", change: { next: [0, 1, 0, 1, 0] } },
    { title: "token is missing", change: { token: [] } },
    { title: "an owner is not listed", change: { owner: [0, 1, 2, 1], next: before.next } },
    { title: "a next is not listed", change: { next: [0, 1, 7, 1] } },
    { title: "an owner is neither a worker nor nobody", change: { owner: [0, 1, -2, 1], next: before.next } },
    { title: "a session is listed twice", change: { workers: [...seats("w0"), ...seats("w0")] } }
  ])("breaks S7 when $title", ({ change }) => {
    assert.strictEqual(ruleOf(Invariants.ofPlan({ ...before, ...change })), "S7")
  })
})

describe("Two plans that follow each other", () => {
  it("are in order when tokens rise with each change of owner, and stay with those who stay", () => {
    assert.isNull(Invariants.ofSuccession(before, moved))
    assert.isNull(Invariants.ofSuccession(before, { ...before, epoch: 8, version: 101 }))
  })

  it("are judged by session, not by seat", () => {
    const reseated = plan({ version: 101, workers: seats("w1", "w0"), owner: [1, 0, 1, 0] })
    assert.isNull(Invariants.ofSuccession(before, reseated))
  })

  it("are judged by partition, not by place", () => {
    const fewer = { version: 101, partitions: before.list.partitions.slice(1) }
    assert.isNull(Invariants.ofSuccession(before, plan({ version: 101, list: fewer, owner: [1, 0, 1] })))
  })

  it.each<{ readonly title: string; readonly after: Plan; readonly rule: string }>([
    { title: "the version stays", after: { ...before }, rule: "S4" },
    { title: "the version falls", after: { ...before, epoch: 9, version: 99 }, rule: "S4" },
    { title: "the epoch falls", after: { ...before, epoch: 6, version: 101 }, rule: "S4" },
    { title: "a new owner keeps the token", after: { ...moved, token: [90, 90, 90, 90] }, rule: "S2" },
    { title: "a new owner gets a lower token", after: { ...moved, token: [89, 90, 90, 90] }, rule: "S2" },
    { title: "an owner stays under another token", after: plan({ version: 101, token: [101, 90, 90, 90] }), rule: "S2" }
  ])("break $rule when $title", ({ after, rule }) => {
    assert.strictEqual(ruleOf(Invariants.ofSuccession(before, after)), rule)
  })

  it("break S2 when a new session of the same id keeps the old one's token", () => {
    const workers = before.workers.map((worker, i) => (i === 0 ? { ...worker, session: "w0.2" } : worker))
    assert.strictEqual(ruleOf(Invariants.ofSuccession(before, { ...before, version: 101, workers })), "S2")
  })

  it("break S5 when somebody loses a partition that he has not let go", () => {
    const asked: Array<readonly [string, PartitionId]> = []
    const hasLetGo = (session: string, partition: PartitionId) => asked.push([session, partition]) > 99
    assert.strictEqual(ruleOf(Invariants.ofGrants(before, moved, hasLetGo)), "S5")
    assert.deepStrictEqual(asked, [["w0.1", p0]])
    assert.isNull(Invariants.ofGrants(before, moved, () => true))
  })

  it("break S5 also when it becomes nobody's", () => {
    const orphaned = plan({ version: 101, owner: [nobody, 1, 0, 1] })
    assert.strictEqual(ruleOf(Invariants.ofGrants(before, orphaned, () => false)), "S5")
  })

  it("need nobody's leave for what nobody owned", () => {
    const free = plan({ owner: [nobody, 1, 0, 1] })
    assert.isNull(Invariants.ofGrants(free, { ...moved, version: 102 }, () => false))
  })
})

describe("What may be done at one instant", () => {
  const permission = (name: string, session: string, running: ReadonlyArray<PartitionId>): Invariants.Permission => ({
    workerId: id(name),
    session,
    running
  })

  it("is in order when ids and partitions have one session each", () => {
    assert.isNull(Invariants.ofPermissions([permission("w0", "w0.1", [p0]), permission("w1", "w1.1", [p1])]))
  })

  it("breaks S1 when two sessions may run one partition", () => {
    const both = [permission("w0", "w0.1", [p0]), permission("w1", "w1.1", [p1, p0])]
    assert.strictEqual(ruleOf(Invariants.ofPermissions(both)), "S1")
  })

  it("breaks S3 when two sessions hold one id", () => {
    const both = [permission("w0", "w0.1", []), permission("w0", "w0.2", [])]
    assert.strictEqual(ruleOf(Invariants.ofPermissions(both)), "S3")
  })
})

describe("A node's own step", () => {
  const world = new World()
  const process = Group.join(world, "w0")
  world.run(60_000)
  const { config, state } = process
  const event: Event = { _tag: "TimerFired", at: world.now, wall: world.now }

  const judge = (after: Node.State, ...commands: Step.Step<Node.State>["commands"]) =>
    ruleOf(Invariants.ofStep(config, state, event, Step.next(after, ...commands)))

  const seen = (change: Partial<Plan>): Node.State => {
    const shown = state.plan.plan
    assert(shown !== null)
    return { ...state, plan: { ...state.plan, plan: { ...shown, ...change } } }
  }

  it("is in order when nothing is wrong", () => {
    assert.isNull(judge(state))
    assert.isNull(judge(seen({ version: 99_000 })))
  })

  it("breaks S7 when it shows a plan that is none", () => {
    assert.strictEqual(judge(seen({ version: 99_000, owner: [] })), "S7")
  })

  it("breaks S4 when it shows an older plan after a newer one", () => {
    assert.strictEqual(judge(seen({ version: 1 })), "S4")
    assert.strictEqual(judge(seen({ epoch: 0, version: 99_000 })), "S4")
  })

  it("breaks S1 when it starts a partition without a lease", () => {
    const start = { _tag: "StartPartition", partition: p0, token: 1, epoch: 1 } as const
    assert.isNull(judge(state, start))
    assert.strictEqual(judge({ ...state, claim: { _tag: "Lost", claims: 1, writes: 1 } }, start), "S1")
    const late = { ...event, at: world.now + 20_000 }
    assert.strictEqual(ruleOf(Invariants.ofStep(config, state, late, Step.next(state, start))), "S1")
    const holding = { ...config, onStoreLoss: "hold" as const }
    assert.strictEqual(ruleOf(Invariants.ofStep(holding, state, late, Step.next(state, start))), "S1")
  })

  it("breaks S4, S2 and S7 when it writes a plan that may not follow its own", () => {
    const { leadership } = state
    assert(leadership._tag === "Acting")
    const write = { serial: 99, purpose: "Plan", issuedAt: 0, expected: 1 } as const
    const order = (change: Partial<Plan>) =>
      judge(state, {
        _tag: "WritePlan",
        write,
        plan: { ...leadership.plan, version: 99_000, ...change },
        publishList: false
      })
    assert.isNull(order({}))
    assert.strictEqual(order({ version: leadership.plan.version }), "S4")
    assert.strictEqual(order({ token: leadership.plan.token.map(() => 99_000) }), "S2")
    assert.strictEqual(order({ next: [7, 7, 7, 7] }), "S7")
  })
})
