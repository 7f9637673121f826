import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Key from "../../src/model/Key.ts"
import { workerId } from "./PlanSample.ts"

const ownId = workerId("worker-7")

const live: ReadonlyArray<readonly [string, Key.LiveKey]> = [
  [Key.leader, { _tag: "Leader" }],
  [Key.worker(ownId), { _tag: "Worker", workerId: ownId }]
]

const controls: ReadonlyArray<Key.ControlKey> = [
  { _tag: "Pause" },
  { _tag: "Drain", workerId: ownId },
  { _tag: "Rebalance" },
  { _tag: "Refresh" }
]

const planned: ReadonlyArray<readonly [string, Key.PlanKey]> = [
  [Key.plan, { _tag: "Plan" }],
  [Key.planPart(1_763_900_000_000, 0), { _tag: "PlanPart", version: 1_763_900_000_000, part: 0 }],
  [Key.listChunk(0, 12), { _tag: "ListChunk", version: 0, chunk: 12 }],
  ...controls.map((control) => [Key.control(control), { _tag: "Control", control }] as const)
]

const foreign = [
  "",
  "worker",
  "worker.",
  "worker.a.b",
  "worker.ä",
  "Leader",
  "plan.1",
  "plan.01.0",
  "plan.1.-1",
  "plan.9999999999999999.0",
  "partitions.1.1.1",
  "partitions.1e3.0",
  "control",
  "control.stop",
  "control.drain.",
  "control.pause.x"
]

describe("A key", () => {
  it("is spelt the same for ever", () => {
    assert.deepStrictEqual(
      [...live, ...planned].map(([key]) => key),
      [
        "leader",
        "worker.worker-7",
        "plan",
        "plan.1763900000000.0",
        "partitions.0.12",
        "control.pause",
        "control.drain.worker-7",
        "control.rebalance",
        "control.refresh"
      ]
    )
  })

  it.each(live)("%s is read in the live bucket, and nowhere else", (key, parsed) => {
    assert.deepStrictEqual(Key.parseLive(key), Result.succeed(parsed))
    assert.isTrue(Result.isFailure(Key.parsePlan(key)))
  })

  it.each(planned)("%s is read in the plan bucket, and nowhere else", (key, parsed) => {
    assert.deepStrictEqual(Key.parsePlan(key), Result.succeed(parsed))
    assert.isTrue(Result.isFailure(Key.parseLive(key)))
  })

  it.each(foreign)("%j is refused", (key) => {
    assert.isTrue(Result.isFailure(Key.parseLive(key)))
    assert.isTrue(Result.isFailure(Key.parsePlan(key)))
  })
})
