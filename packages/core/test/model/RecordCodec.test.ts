import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import type { ControlKey } from "../../src/model/Key.ts"
import type { ControlRecord, LeaderRecord, WorkerRecord } from "../../src/model/Record.ts"
import * as RecordCodec from "../../src/model/RecordCodec.ts"
import { workerId } from "./PlanSample.ts"

const bytes = (text: string) => new TextEncoder().encode(text)

const text = (encoded: Uint8Array) => new TextDecoder().decode(encoded)

const worker: WorkerRecord = {
  state: "live",
  session: "host-1.k2j3.1",
  after: null,
  attempt: 12,
  leaseMs: 10_000,
  marginMs: 500,
  instance: "host-1",
  applied: { epoch: 1_763_900_000_000, version: 1_763_900_000_123 },
  draining: false,
  capacity: 1.5,
  zone: null
}

const workerText =
  `{"v":1,"state":"live","session":"host-1.k2j3.1","after":null,"attempt":12,"leaseMs":10000,"marginMs":500,` +
  `"instance":"host-1","applied":{"epoch":1763900000000,"version":1763900000123},"draining":false,"capacity":1.5,"zone":null}`

const leader: LeaderRecord = {
  state: "released",
  workerId: workerId("worker-3"),
  session: "s3",
  epoch: 7,
  attempt: 1,
  leaseMs: 2000,
  marginMs: 100
}

const leaderText = `{"v":1,"state":"released","workerId":"worker-3","session":"s3","epoch":7,"attempt":1,"leaseMs":2000,"marginMs":100}`

const controls: ReadonlyArray<readonly [ControlRecord, string]> = [
  [{ _tag: "Pause", paused: true }, `{"v":1,"paused":true}`],
  [
    { _tag: "Drain", workerId: workerId("worker-3"), session: "s3", draining: true },
    `{"v":1,"session":"s3","draining":true}`
  ],
  [{ _tag: "Rebalance", serial: 4 }, `{"v":1,"serial":4}`],
  [{ _tag: "Refresh", serial: 5 }, `{"v":1,"serial":5}`]
]

const keyOf = (control: ControlRecord): ControlKey =>
  control._tag === "Drain" ? { _tag: "Drain", workerId: control.workerId } : { _tag: control._tag }

const reasonOf = (result: Result.Result<unknown, { readonly reason: string }>): string => {
  if (Result.isSuccess(result)) assert.fail(`was read as ${JSON.stringify(result.success)}`)
  return result.failure.reason
}

const change = (fields: object) => bytes(JSON.stringify({ ...JSON.parse(workerText), ...fields }))

const refused: ReadonlyArray<readonly [what: string, written: Uint8Array, reason: RegExp]> = [
  ["is empty", bytes(""), /not JSON/],
  ["is cut off", bytes(workerText.slice(0, -1)), /not JSON/],
  ["is not UTF-8", Uint8Array.of(0x22, 0xff, 0x22), /not JSON/],
  ["is a list", bytes("[1]"), /not a JSON object/],
  ["is null", bytes("null"), /not a JSON object/],
  ["has no version", bytes("{}"), /no version/],
  ["has a version that is no number", change({ v: "1" }), /no version/],
  ["has version 0", change({ v: 0 }), /no version/],
  ["was written by a newer version", change({ v: 2 }), /written by a newer version of Parti: its format is 2/],
  ["is too large", change({ note: "x".repeat(8192) }), /no more than 8192 are read/],
  ["lacks a field", change({ session: undefined }), /session/],
  ["has an unknown state", change({ state: "asleep" }), /state/],
  ["has an empty session", change({ session: "" }), /session/],
  ["has an endless session", change({ session: "s".repeat(129) }), /session/],
  ["has a negative attempt", change({ attempt: -1 }), /attempt/],
  ["has an attempt beyond exactness", change({ attempt: 2 ** 53 }), /attempt/],
  ["has an endless lease", change({ leaseMs: 300_001 }), /leaseMs/],
  ["has half of an applied plan", change({ applied: { epoch: 1 } }), /applied/],
  ["has a negative capacity", change({ capacity: -1 }), /capacity/],
  ["has an endless instance", change({ instance: "i".repeat(257) }), /instance/],
  [
    "has unknown fields nested too deep",
    bytes(`${workerText.slice(0, -1)},"x":${"[".repeat(3000)}${"]".repeat(3000)}}`),
    /nested/
  ]
]

describe("A worker's record", () => {
  it("has a limit only if the worker has one", () => {
    const limited = { ...worker, maxPartitions: 7 }
    const written = new TextDecoder().decode(RecordCodec.encodeWorker(limited))
    assert.strictEqual(written, workerText.replace(`"zone"`, `"maxPartitions":7,"zone"`))
    assert.deepStrictEqual(RecordCodec.decodeWorker(bytes(written)), Result.succeed(limited))
    for (const maxPartitions of [-1, 0.5, 1_000_001, "7", null]) {
      assert.isTrue(Result.isFailure(RecordCodec.decodeWorker(change({ maxPartitions }))))
    }
  })

  it("tells the version of the software and the delay of the event loop only if there is one", () => {
    const told = { ...worker, version: "2025.11 ✓", loopDelayMs: 730 }
    const written = text(RecordCodec.encodeWorker(told))
    assert.strictEqual(written, `${workerText.slice(0, -1)},"version":"2025.11 ✓","loopDelayMs":730}`)
    assert.deepStrictEqual(RecordCodec.decodeWorker(bytes(written)), Result.succeed(told))
    for (const wrong of [
      { version: 7 },
      { version: "v".repeat(65) },
      { loopDelayMs: -1 },
      { loopDelayMs: 0.5 },
      { loopDelayMs: 86_400_001 }
    ]) {
      assert.isTrue(Result.isFailure(RecordCodec.decodeWorker(change(wrong))), JSON.stringify(wrong))
    }
  })

  it("is the same JSON for ever", () => {
    assert.strictEqual(text(RecordCodec.encodeWorker(worker)), workerText)
    assert.deepStrictEqual(RecordCodec.decodeWorker(bytes(workerText)), Result.succeed(worker))
  })

  it("keeps the fields of a later release when somebody else rewrites it", () => {
    const found = Result.getOrThrow(RecordCodec.decodeWorker(change({ rack: { row: [1, 2] }, v: 1 })))
    const evicted = text(RecordCodec.encodeWorker({ ...found, state: "evicted" }))
    assert.strictEqual(evicted, `${workerText.slice(0, -1).replace("live", "evicted")},"rack":{"row":[1,2]}}`)
  })

  it("is never overridden by fields that are unknown", () => {
    const odd = RecordCodec.encodeWorker({ ...worker, extra: { state: "released", v: 9 } })
    assert.strictEqual(text(odd), workerText)
  })

  it("cannot change what objects inherit", () => {
    const hostile = bytes(
      `${workerText.slice(0, -1)},"__proto__":{"a":1},"x":{"__proto__":{"b":1},"constructor":{"c":1}}}`
    )
    const found = Result.getOrThrow(RecordCodec.decodeWorker(hostile))
    assert.strictEqual(Object.getPrototypeOf(found), Object.prototype)
    assert.deepStrictEqual(Object.keys(found.extra ?? {}), ["x"])
    const again = Result.getOrThrow(RecordCodec.decodeWorker(RecordCodec.encodeWorker(found)))
    assert.deepStrictEqual(again, found)
    assert.isFalse("a" in {} || "b" in {} || "c" in {})
  })

  it.each(refused)("is refused when it %s", (_, written, reason) => {
    const found = reasonOf(RecordCodec.decodeWorker(written))
    assert.match(found, reason)
    assert.isAtMost(found.length, 300)
  })
})

describe("The leader's record", () => {
  it("is the same JSON for ever", () => {
    assert.strictEqual(text(RecordCodec.encodeLeader(leader)), leaderText)
    assert.deepStrictEqual(RecordCodec.decodeLeader(bytes(leaderText)), Result.succeed(leader))
  })

  it("drops the fields of a later release", () => {
    const newer = bytes(`${leaderText.slice(0, -1)},"rank":1}`)
    assert.deepStrictEqual(RecordCodec.decodeLeader(newer), Result.succeed(leader))
  })

  it("is refused with a name that is illegal in a subject", () => {
    const found = reasonOf(RecordCodec.decodeLeader(bytes(leaderText.replace("worker-3", "worker.>"))))
    assert.match(found, /not usable.*workerId/)
  })
})

describe("A control", () => {
  it.each(controls)("%j is the same JSON for ever", (control, written) => {
    assert.strictEqual(text(RecordCodec.encodeControl(control)), written)
    assert.deepStrictEqual(RecordCodec.decodeControl(keyOf(control), bytes(written)), Result.succeed(control))
  })

  it.each(controls)("%j is refused under the key of another", (control, written) => {
    const others = controls.filter(
      ([, other]) => Object.keys(JSON.parse(other)).at(-1) !== Object.keys(JSON.parse(written)).at(-1)
    )
    assert.isNotEmpty(others)
    for (const [other] of others)
      assert.notStrictEqual(reasonOf(RecordCodec.decodeControl(keyOf(other), bytes(written))), "")
    assert.isTrue(Result.isSuccess(RecordCodec.decodeControl(keyOf(control), bytes(written))))
  })
})
