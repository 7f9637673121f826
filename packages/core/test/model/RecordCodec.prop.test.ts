import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import type { LeaderRecord, WorkerRecord } from "../../src/model/Record.ts"
import * as RecordCodec from "../../src/model/RecordCodec.ts"
import { anyWorkerId, natural, session } from "./PlanSample.ts"

const check = { seed: 20261123, numRuns: 300 }

const span = fc.integer({ min: 0, max: 300_000 })

const times = { attempt: natural, leaseMs: span, marginMs: span }

const required = [
  ...(["state", "session", "after", "attempt", "leaseMs", "marginMs", "instance"] as const),
  ...(["applied", "draining", "capacity", "zone"] as const)
]

const taken = new Set<string>(["v", "__proto__", "maxPartitions", "version", "loopDelayMs", ...required])

const extra = fc
  .dictionary(fc.string({ maxLength: 8 }), fc.jsonValue({ maxDepth: 3 }), {
    minKeys: 1,
    maxKeys: 3,
    noNullPrototype: true
  })
  // What JSON cannot tell apart is not worth keeping apart.
  .map((fields): unknown => JSON.parse(JSON.stringify(fields)))
  .filter((fields): fields is Record<string, unknown> => Object.keys(fields ?? {}).every((name) => !taken.has(name)))

const worker: fc.Arbitrary<WorkerRecord> = fc.record(
  {
    state: fc.constantFrom("live", "released", "evicted", "fenced"),
    session,
    after: fc.option(session),
    ...times,
    instance: fc.string({ unit: "binary" }),
    applied: fc.record({ epoch: natural, version: natural }),
    draining: fc.boolean(),
    capacity: fc.double({ min: 0, max: 1e6, noNaN: true }).map((value) => value + 0),
    maxPartitions: fc.nat(1e6),
    zone: fc.option(fc.string()),
    version: fc.string({ maxLength: 64 }),
    loopDelayMs: fc.nat(86_400_000),
    extra
  },
  { requiredKeys: required, noNullPrototype: true }
)

const leader: fc.Arbitrary<LeaderRecord> = fc.record({
  state: fc.constantFrom("live", "released"),
  workerId: anyWorkerId,
  session,
  epoch: natural,
  ...times
})

const decoders: Readonly<Record<string, (bytes: Uint8Array) => Result.Result<unknown, unknown>>> = {
  worker: RecordCodec.decodeWorker,
  leader: RecordCodec.decodeLeader,
  control: (bytes: Uint8Array) => RecordCodec.decodeControl({ _tag: "Pause" }, bytes)
}

describe("Records", () => {
  it("are read as they were written: workers", () => {
    fc.assert(
      fc.property(worker, (record) => {
        assert.deepStrictEqual(RecordCodec.decodeWorker(RecordCodec.encodeWorker(record)), Result.succeed(record))
      }),
      check
    )
  })

  it("are read as they were written: the leader", () => {
    fc.assert(
      fc.property(leader, (record) => {
        assert.deepStrictEqual(RecordCodec.decodeLeader(RecordCodec.encodeLeader(record)), Result.succeed(record))
      }),
      check
    )
  })

  it.each(Object.entries(decoders))("are refused when they are any bytes: %s", (_, decode) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => assert.isTrue(Result.isFailure(decode(bytes)))),
      check
    )
  })

  it.each(Object.entries(decoders))("are refused when they are any JSON without the fields: %s", (_, decode) => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const bytes = new TextEncoder().encode(JSON.stringify({ v: 1, state: value, session: value }))
        assert.isTrue(Result.isFailure(decode(bytes)))
      }),
      check
    )
  })

  it("are refused when they are cut off anywhere", () => {
    fc.assert(
      fc.property(worker, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (record, part) => {
        const bytes = RecordCodec.encodeWorker(record)
        assert.isTrue(Result.isFailure(RecordCodec.decodeWorker(bytes.subarray(0, Math.floor(bytes.length * part)))))
      }),
      check
    )
  })
})
