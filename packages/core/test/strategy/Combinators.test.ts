import * as Result from "effect/Result"
import { assert, describe, it } from "vitest"
import { InvariantViolation } from "../../src/model/Assert.ts"
import type { AssignInput, AssignmentStrategy } from "../../src/Strategy.ts"
import { assign, coLocate, consistentHash, limitMoves, rendezvous, roundRobin, sticky } from "../../src/Strategy.ts"

const workers = (count: number) => Array.from({ length: count }, (_, j) => ({ id: `w${j}` }))

const partitions = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ keys: [`tool${i % 12}`, `chamber${i}`] }))

const plan = (strategy: AssignmentStrategy, input: AssignInput) => Result.getOrThrow(assign(strategy, input))

const message = (strategy: AssignmentStrategy, input: AssignInput) => {
  const refused = assign(strategy, input)
  return Result.isFailure(refused) ? refused.failure.message : ""
}

describe("limitMoves", () => {
  it("brings any strategy's plan about in rounds, each within the budget", () => {
    const gentle = limitMoves(roundRobin(), { maxMoveFraction: 0.25 })
    const all = { workers: workers(4), partitions: partitions(100) }
    const goal = plan(roundRobin(), all)
    let now = plan(roundRobin(), { ...all, workers: workers(3) })
    const rounds: Array<readonly [number, number]> = []
    for (let round = 0; round < 4; round++) {
      now = plan(gentle, { ...all, previous: now.owners })
      rounds.push([now.statistics.voluntary, now.statistics.roundsLeft])
    }
    assert.deepStrictEqual(rounds, [
      [25, 2],
      [25, 1],
      [23, 0],
      [0, 0]
    ])
    assert.deepStrictEqual([...now.owners], [...goal.owners])
  })

  it("never lets a lost or drained worker's partitions wait", () => {
    const still = limitMoves(roundRobin(), { maxMoves: 0 })
    const all = { workers: workers(4), partitions: partitions(100) }
    const before = plan(roundRobin(), all)
    const drained = workers(3).map((worker, j) => ({ ...worker, capacity: j === 0 ? 0 : 1 }))
    const now = plan(still, { workers: drained, partitions: all.partitions, previous: before.owners })
    assert.strictEqual(now.partitions.get("w0")?.length, 0)
    assert.include(now.statistics, { forced: 50, voluntary: 0, roundsLeft: 0 })
    assert.isAbove(now.statistics.deferred, 0)
  })

  it("keeps to limits on counts between the rounds", () => {
    const limited = workers(4).map((worker) => ({ ...worker, maxPartitions: 27 }))
    let previous: AssignInput["previous"] = partitions(100).map(({ keys }) => [keys.join("."), "w0"] as const)
    for (let round = 0; round < 6; round++) {
      const now = plan(limitMoves(rendezvous(), { maxMoves: 9 }), {
        workers: limited,
        partitions: partitions(100),
        previous
      })
      for (const list of now.partitions.values()) assert.isAtMost(list.length, 27)
      previous = now.owners
    }
  })

  it("gives no standby who is the owner for another round", () => {
    const gentle = limitMoves(sticky({ standby: true }), { maxMoves: 3 })
    const all = { workers: workers(2), partitions: partitions(40) }
    const before = plan(gentle, { ...all, workers: workers(1) })
    const now = plan(gentle, { ...all, previous: before.owners })
    assert.strictEqual(now.statistics.voluntary, 3)
    for (const [partition, worker] of now.standbys) assert.notStrictEqual(worker, now.owners.get(partition))
    assert.strictEqual(now.standbys.size, 40)
  })

  it("passes on a refusal", () => {
    const refused = message(limitMoves(rendezvous({ maxBids: 1 }), {}), {
      workers: workers(2),
      partitions: partitions(4)
    })
    assert.include(refused, "strategy rendezvous is refused")
  })

  it("dies on limits that make no sense", () => {
    assert.throws(() => limitMoves(sticky(), { maxMoveFraction: 2 }), InvariantViolation, "maxMoveFraction 2")
  })
})

describe("coLocate", () => {
  const byTool = ({ keys }: { readonly keys: ReadonlyArray<string> }) => keys[0] ?? ""

  const toolsOf = (owners: ReadonlyMap<string, string>) => {
    const tools = new Map<string, Set<string>>()
    for (const [partition, worker] of owners) {
      const [tool = ""] = partition.split(".")
      tools.set(tool, (tools.get(tool) ?? new Set()).add(worker))
    }
    return tools
  }

  it("keeps each group on one worker, and balances their weights", () => {
    const now = plan(coLocate(sticky(), byTool), { workers: workers(3), partitions: partitions(120) })
    for (const [tool, owners] of toolsOf(now.owners)) assert.strictEqual(owners.size, 1, tool)
    assert.deepStrictEqual(
      [...now.partitions.values()].map((list) => list.length),
      [40, 40, 40]
    )
  })

  it("brings a scattered group to the worker that has most of it", () => {
    const all = partitions(24)
    const previous = all.map(({ keys }, i) => [keys.join("."), i < 12 || i % 12 < 4 ? "w0" : "w1"] as const)
    const now = plan(coLocate(consistentHash(), byTool), { workers: workers(2), partitions: all, previous })
    assert.strictEqual(toolsOf(now.owners).size, 12)
    const kept = plan(coLocate(sticky({ tolerance: 2 }), byTool), { workers: workers(2), partitions: all, previous })
    assert.strictEqual(
      kept.owners.get([...kept.owners.keys()].find((id) => id === "tool0.chamber0") ?? assert.fail()),
      "w0"
    )
  })

  it("takes the first of several workers that have equal parts of a group, in any order of input", () => {
    const all = [{ keys: ["t", "1"] }, { keys: ["t", "2"] }]
    for (const [one, other] of [
      ["w0", "w1"],
      ["w1", "w0"]
    ] as const) {
      const previous = [
        ["t.1", one],
        ["t.2", other]
      ] as const
      const now = plan(coLocate(sticky(), byTool), { workers: workers(2), partitions: all, previous })
      assert.deepStrictEqual([...now.owners.values()], ["w0", "w0"])
    }
  })

  it("keeps standbys together as well", () => {
    const now = plan(coLocate(sticky({ standby: true }), byTool), { workers: workers(4), partitions: partitions(48) })
    for (const [tool, standbys] of toolsOf(now.standbys)) assert.strictEqual(standbys.size, 1, tool)
  })

  it("refuses limits on counts, and names that do not do as keys", () => {
    const limited = workers(2).map((worker) => ({ ...worker, maxPartitions: 50 }))
    const strategy = coLocate(sticky(), byTool)
    assert.include(
      message(strategy, { workers: limited, partitions: partitions(4) }),
      "no worker may have maxPartitions; worker w0 has"
    )
    const wordy = coLocate(sticky(), () => "x".repeat(1000))
    assert.include(message(wordy, { workers: workers(2), partitions: partitions(4) }), "group names must do as keys")
    const none = coLocate(sticky(), byTool)
    assert.strictEqual(plan(none, { workers: workers(2), partitions: [] }).owners.size, 0)
  })
})
