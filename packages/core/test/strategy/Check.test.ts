import * as Result from "effect/Result"
import { assert, describe, it } from "vitest"
import { InvariantViolation } from "../../src/model/Assert.ts"
import type { AssignInput, AssignmentStrategy, StrategyDraft } from "../../src/Strategy.ts"
import {
  assign,
  fromColumns,
  fromFunction,
  prepare,
  roundRobin,
  run,
  sticky,
  StrategyRefused
} from "../../src/Strategy.ts"

const workers = [{ id: "a" }, { id: "b" }, { id: "c" }]
const partitions = ["p", "q", "r", "s"].map((key) => ({ keys: [key] }))
const input = Result.getOrThrow(prepare({ workers, partitions }))

const draft = (answer: unknown): AssignmentStrategy => ({
  name: "mine",
  algoVersion: 1,
  // What a strategy written in plain JavaScript may answer.
  assign: () => answer as StrategyDraft
})

const refusal = (strategy: AssignmentStrategy, scene: AssignInput = { workers, partitions }) => {
  const plan = assign(strategy, scene)
  assert.isTrue(Result.isFailure(plan))
  return Result.isFailure(plan) ? plan.failure : assert.fail()
}

describe("What a strategy answers", () => {
  it.each([
    ["nothing", undefined, "it must answer an owner for each partition"],
    ["null", null, "it must answer an owner for each partition"],
    ["too few owners", { owner: [0, 1] }, "it must answer an owner for each partition"],
    ["too many owners", { owner: [0, 1, 0, 1, 0] }, "it must answer an owner for each partition"],
    ["no owners", {}, "it must answer an owner for each partition"],
    ["nobody as owner", { owner: [0, 1, 2, -1] }, "each partition must be owned by a worker that exists"],
    ["a worker too many", { owner: [0, 1, 2, 3] }, "each partition must be owned by a worker that exists"],
    ["half a worker", { owner: [0, 1, 2, 0.5] }, "each partition must be owned by a worker that exists"],
    ["not a number", { owner: [0, 1, 2, NaN] }, "each partition must be owned by a worker that exists"],
    ["a hole", { owner: [0, 1, 2, undefined] }, "each partition must be owned by a worker that exists"],
    ["the owner as standby", { owner: [0, 1, 2, 0], standby: [1, 1, 0, 1] }, "a standby must not be the owner"],
    [
      "a standby too many",
      { owner: [0, 1, 2, 0], standby: [1, 0, 0, 3] },
      "each standby must be a worker that exists, or -1"
    ],
    ["too few standbys", { owner: [0, 1, 2, 0], standby: [1] }, "it must answer a standby for each partition, or none"],
    ["odd budgets", { owner: [0, 1, 2, 0], deferred: NaN }, "what it defers must be finite and not negative"],
    ["odd rounds", { owner: [0, 1, 2, 0], roundsLeft: -1 }, "what it defers must be finite and not negative"]
  ])("is refused when it is %s", (_, answer, rule) => {
    const error = refusal(draft(answer))
    assert.strictEqual(error._tag, "StrategyRefused")
    assert.include(error.message, `strategy mine is refused: ${rule}; `)
  })

  it("is refused, and named, when a worker gets more than its limit", () => {
    const scene = { workers: [{ id: "a", maxPartitions: 1 }, { id: "b" }], partitions }
    assert.include(refusal(draft({ owner: [0, 0, 1, 1] }), scene).message, "worker a may own 1 and got 2")
    assert.include(
      refusal(draft({ owner: [1, 1, 0, 0] }), { ...scene, workers: [{ id: "a", capacity: 0 }, { id: "b" }] }).message,
      "worker a may own 0"
    )
  })

  it("is refused when the strategy throws, with what it threw", () => {
    const throwing = (thrown: unknown) =>
      fromColumns("mine", () => {
        throw thrown
      })
    assert.include(
      refusal(throwing(new TypeError("no such thing"))).message,
      "it must not throw; TypeError: no such thing"
    )
    assert.include(refusal(throwing("text")).message, "it must not throw; text")
  })

  it("may be a refusal of its own", () => {
    const own = new StrategyRefused({ strategy: "mine", rule: "not on Mondays", detail: "it is Monday" })
    assert.strictEqual(refusal({ ...draft(null), assign: () => own }), own)
  })

  it("may be any column of numbers, and is copied", () => {
    const owner = [0, 1, 2, 0]
    const plan = Result.getOrThrow(run(draft({ owner, standby: new Int16Array([1, 2, 0, 1]) }), input))
    owner.fill(2)
    assert.deepStrictEqual([...plan.owner], [0, 1, 2, 0])
    assert.deepStrictEqual([...(plan.standby ?? [])], [1, 2, 0, 1])
  })

  it("has no say in the statistics but for what it defers", () => {
    const statistics = { forced: 99, voluntary: 99 }
    const plan = Result.getOrThrow(run(draft({ owner: [0, 0, 0, 0], statistics, deferred: 2, roundsLeft: 1 }), input))
    assert.deepStrictEqual(plan.statistics, {
      forced: 4,
      forcedCount: 4,
      voluntary: 0,
      voluntaryCount: 0,
      lowerBound: 0,
      maxOverFair: 3,
      minOverFair: 0,
      deferred: 2,
      roundsLeft: 1
    })
  })
})

describe("What a strategy is asked", () => {
  it("is refused without workers", () => {
    assert.strictEqual(
      refusal(sticky(), { workers: [], partitions }).message,
      "there is no worker to own 4 partitions; wait until one has joined"
    )
  })

  it.each([
    [{ capacity: -1 }, "capacity -1 of worker a"],
    [{ capacity: NaN }, "capacity NaN of worker a"],
    [{ capacity: Infinity }, "capacity Infinity of worker a"],
    [{ maxPartitions: 1.5 }, "maxPartitions 1.5 of worker a"],
    [{ maxPartitions: -1 }, "maxPartitions -1 of worker a"],
    [{ maxPartitions: NaN }, "maxPartitions NaN of worker a"]
  ])("is refused when a worker has %o", (more, named) => {
    const error = refusal(roundRobin(), { workers: [{ id: "a", ...more }, { id: "b" }], partitions })
    assert.strictEqual(error._tag, "WorkerInvalid")
    assert.include(error.message, named)
  })

  it("dies when workers are out of order or twice, which only a mistake of the program can bring about", () => {
    const [one, two] = input.workers
    assert.isDefined(one)
    assert.isDefined(two)
    assert.throws(() => run(sticky(), { ...input, workers: [two, one] }), InvariantViolation, "b before a")
    assert.throws(() => run(sticky(), { ...input, workers: [one, one] }), InvariantViolation, "a before a")
  })

  it("counts indices that name nobody as no owner", () => {
    const previous = [7, -3, 0.5, 1]
    const plan = Result.getOrThrow(run(sticky(), { ...input, previous, hints: [NaN, 9, -1, 0] }))
    assert.strictEqual(plan.statistics.forcedCount, 3)
    assert.strictEqual(plan.owner[3], 1)
  })
})

describe("A simple strategy", () => {
  const first = fromFunction("first", ({ workers, partitions }) => ({
    [workers[0] ?? ""]: partitions.map(({ id }) => id)
  }))

  it("answers ids for ids, as an object or as a map", () => {
    const plan = Result.getOrThrow(assign(first, { workers, partitions }))
    assert.sameMembers([...(plan.partitions.get("a") ?? [])].map(String), ["p", "q", "r", "s"])
    assert.deepStrictEqual(plan.partitions.get("b"), [])
    const asMap = fromFunction(
      "map",
      ({ workers, partitions }) => new Map([[workers[1] ?? "", partitions.map(({ id }) => id)]])
    )
    assert.strictEqual(Result.getOrThrow(assign(asMap, { workers, partitions })).partitions.get("b")?.length, 4)
  })

  it("sees weights, and who owns what now", () => {
    let seen: unknown
    const spy = fromFunction("spy", (input) => {
      seen = [input.workers, input.partitions.map(({ id, weight }) => [String(id), weight]), [...input.previous]]
      return { a: input.partitions.map(({ id }) => id) }
    })
    Result.getOrThrow(
      assign(spy, {
        workers: [{ id: "b" }, { id: "a" }],
        partitions: [{ keys: ["p"], weight: 3 }],
        previous: [["p", "b"]]
      })
    )
    assert.deepStrictEqual(seen, [["a", "b"], [["p", 3]], [["p", "b"]]])
  })

  it("sees no drained workers", () => {
    const drained = [{ id: "a", capacity: 0 }, { id: "b" }]
    assert.strictEqual(
      Result.getOrThrow(assign(first, { workers: drained, partitions })).partitions.get("b")?.length,
      4
    )
  })

  it.each([
    ["loses a partition", { a: ["p", "q", "r"] }, "no partition may be lost; nobody got s"],
    ["doubles a partition", { a: ["p", "q", "r"], b: ["s", "p"] }, "no partition may be owned twice; p got a and b"],
    ["doubles it on one list", { a: ["p", "q", "r", "s", "s"] }, "no partition may be owned twice; s got a and a"],
    ["invents a partition", { a: ["p", "q", "r", "s", "t"] }, "it must know its partitions; worker a got t"],
    ["invents a worker", { z: ["p", "q", "r", "s"] }, "it must know its workers; partition p got z"]
  ])("is refused when it %s", (_, answer, message) => {
    assert.include(refusal(fromFunction("mine", () => answer)).message, message)
  })

  it("may leave out workers that have nothing, whoever they are", () => {
    assert.isTrue(
      Result.isSuccess(
        assign(
          fromFunction("mine", () => ({ a: ["p", "q", "r", "s"], z: [] })),
          { workers, partitions }
        )
      )
    )
  })
})

describe("assign", () => {
  it("takes two workers of one name for one, if they are alike", () => {
    const plan = Result.getOrThrow(assign(sticky(), { workers: [...workers, ...workers], partitions }))
    assert.strictEqual(plan.partitions.size, 3)
    const torn = [{ id: "a" }, { id: "a", capacity: 2 }]
    assert.include(
      refusal(sticky(), { workers: torn, partitions }).message,
      "id a of worker a is not usable: it is listed twice"
    )
  })

  it("passes on what is wrong with partitions", () => {
    assert.strictEqual(refusal(sticky(), { workers, partitions: [{ keys: [] }] })._tag, "PartitionInvalid")
    const torn = [{ keys: ["p"] }, { keys: ["p"], weight: 2 }]
    assert.strictEqual(refusal(sticky(), { workers, partitions: torn })._tag, "DuplicatePartition")
  })

  it("names standbys", () => {
    const plan = Result.getOrThrow(assign(sticky({ standby: true }), { workers, partitions }))
    assert.strictEqual(plan.standbys.size, 4)
    for (const [partition, worker] of plan.standbys) assert.notStrictEqual(worker, plan.owners.get(partition))
    assert.strictEqual(Result.getOrThrow(assign(sticky(), { workers, partitions })).standbys.size, 0)
  })
})
