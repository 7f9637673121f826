import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import type { Compression } from "../../src/model/Compression.ts"
import * as Limit from "../../src/model/Limit.ts"
import * as ListCodec from "../../src/model/ListCodec.ts"
import type { Plan } from "../../src/model/Plan.ts"
import * as PartitionSet from "../../src/model/PartitionSet.ts"
import * as PlanCodec from "../../src/model/PlanCodec.ts"
import { zlib } from "../../src/runtime/Compression.ts"
import { run, sticky } from "../../src/Strategy.ts"
import { drawn, numbered, plan, shuffled, workerId } from "./PlanSample.ts"

const byId = (a: { readonly id: string }, b: { readonly id: string }) => (a.id < b.id ? -1 : 1)

const bytes = (text: string) => new TextEncoder().encode(text)

const text = (encoded: Uint8Array) => new TextDecoder().decode(encoded)

/** Shows what is written before it is compressed. */
const plain: Compression = { deflate: (document) => document, inflate: () => null }

const reasonOf = (result: Result.Result<unknown, { readonly reason: string }>): string => {
  if (Result.isSuccess(result)) assert.fail(`was read as ${JSON.stringify(result.success).slice(0, 200)}`)
  return result.failure.reason
}

const handingOver = plan({
  phase: { _tag: "Rebalancing", reason: "planned_scale", startedAt: 1_763_900_000_000 },
  workers: [
    { id: workerId("worker-0"), session: "s0", member: true },
    { id: workerId("worker-1"), session: "old", member: false },
    { id: workerId("worker-1"), session: "new", member: true }
  ],
  owner: [0, 0, 1, -1],
  next: [0, 2, 2, -1],
  token: [99, 99, 40, 0]
})

const handingOverText =
  `{"v":1,"epoch":7,"version":100,"leader":{"id":"worker-0","session":"s0"},"incarnation":"one","recovering":false,` +
  `"phase":{"state":"Rebalancing","reason":"planned_scale","startedAt":1763900000000},` +
  `"partitions":{"version":90,"count":4,"chunks":1,"fingerprint":"f25c8f2c498a3bbc"},` +
  `"workers":[["worker-0","s0",1],["worker-1","old",0],["worker-1","new",1]],` +
  `"owner":"2*0,1,-1","next":"0,2,1,0","token":"2*1,60,100","handled":{"rebalance":0,"refresh":3}}`

const phases: ReadonlyArray<readonly [Plan["phase"], string]> = [
  [{ _tag: "Idle" }, `"phase":{"state":"Idle"}`],
  [
    { _tag: "Scaling", reason: "cold_start", windowMs: 30_000, startedAt: 5 },
    `"phase":{"state":"Scaling","reason":"cold_start","windowMs":30000,"startedAt":5}`
  ],
  [
    { _tag: "Emergency", reason: "requested", startedAt: 5 },
    `"phase":{"state":"Emergency","reason":"requested","startedAt":5}`
  ]
]

const headOf = (document: Uint8Array): PlanCodec.PlanHead => {
  const decoded = Result.getOrThrow(PlanCodec.decode(document, zlib))
  if (decoded._tag === "Manifest") assert.fail("is a manifest")
  return decoded.head
}

const change = (fields: object) => bytes(JSON.stringify({ ...JSON.parse(handingOverText), ...fields }))

const partitions = { version: 90, count: 4, chunks: 1, fingerprint: "x" }

const refused: ReadonlyArray<readonly [what: string, document: Uint8Array, reason: RegExp]> = [
  ["is empty", bytes(""), /neither JSON nor compressed/],
  ["is text", bytes("hello"), /neither JSON nor compressed/],
  ["is cut off", bytes(handingOverText.slice(0, -1)), /not JSON/],
  ["was written by a newer version", change({ v: 2 }), /written by a newer version of Parti: its format is 2/],
  ["lacks a leader", change({ leader: undefined }), /leader/],
  ["has a phase that nobody knows", change({ phase: { state: "Dreaming" } }), /phase/],
  ["has a window without a length", change({ phase: { state: "Scaling", reason: "restart", startedAt: 1 } }), /phase/],
  ["names a worker that cannot be one", change({ workers: [["a b", "s", 1]] }), /not usable.*workers/],
  [
    "names a session twice",
    change({
      workers: [
        ["a", "s", 1],
        ["b", "t", 1],
        ["a", "s", 0]
      ]
    }),
    /listed twice/
  ],
  [
    "names too many workers",
    change({ workers: Array.from({ length: 10_001 }, (_, i) => [`w${i}`, "s", 1]) }),
    /workers/
  ],
  ["has too many partitions", change({ partitions: { ...partitions, count: 1_000_001 }, owner: "1000001*0" }), /count/],
  ["has an owner that is no worker", change({ owner: "4*3" }), /in owner: 3 is not between -1 and 2/],
  ["has too few owners", change({ owner: "3*0" }), /in owner: there are 3 numbers, not 4/],
  ["has too many owners", change({ owner: "900000000*0" }), /in owner: there are more than 4/],
  ["has a next that is no worker", change({ next: "4*2" }), /in next: there is no worker 3/],
  ["has a next below nobody", change({ next: "4*-2" }), /in next: there is no worker -2/],
  ["has too few nexts", change({ next: "0" }), /in next: there are 1 numbers/],
  ["has a token from the future", change({ token: "4*-1" }), /in token: -1 is not between 0 and 100/],
  ["has a token below zero", change({ token: "4*101" }), /in token: 101 is not between/],
  ["has too few tokens", change({ token: "" }), /in token: there are 0/],
  ["has a standby that is no worker", change({ standby: "4*1" }), /in standby: there is no worker 3/],
  ["has a standby below nobody", change({ standby: "4*-1" }), /in standby: there is no worker -2/],
  ["has a standby that is next", change({ standby: "1,3*0" }), /in standby: partition 0 has its next owner/],
  ["has too few standbys", change({ standby: "1" }), /in standby: there are 1 numbers/],
  ["has standbys that are no numbers", change({ standby: "x" }), /in standby: "x" is no run/]
]

describe("A plan", () => {
  it("is the same JSON for ever", () => {
    const { head, parts } = PlanCodec.encode(handingOver, zlib)
    assert.strictEqual(text(head), handingOverText)
    assert.deepStrictEqual(parts, [])
    const { list, ...rest } = handingOver
    assert.deepStrictEqual(headOf(bytes(handingOverText)), { ...rest, list: ListCodec.name(list) })
  })

  it.each(phases)("writes the phase %j", (phase, written) => {
    const { head } = PlanCodec.encode(plan({ phase }), zlib)
    assert.include(text(head), written)
    assert.deepStrictEqual(headOf(head).phase, phase)
  })

  it("has empty columns without partitions", () => {
    const { head } = PlanCodec.encode(plan({ list: numbered(90, 0) }), zlib)
    assert.include(text(head), `"owner":"","next":"","token":""`)
    assert.deepStrictEqual(headOf(head).owner, [])
  })

  it("has a column of standbys if it has any, written by steps", () => {
    const standby = [1, 0, -1, 2]
    const { head } = PlanCodec.encode({ ...handingOver, standby }, zlib)
    assert.include(text(head), `"token":"2*1,60,100","standby":"2,2*-1,3","handled"`)
    assert.deepStrictEqual(headOf(head).standby, standby)
    assert.notProperty(headOf(bytes(handingOverText)), "standby")
  })

  it("drops the fields of a later release", () => {
    assert.deepStrictEqual(headOf(change({ mood: "4*-1" })), headOf(bytes(handingOverText)))
  })

  it.each(refused)("is refused when it %s", (_, document, reason) => {
    const found = reasonOf(PlanCodec.decode(document, zlib))
    assert.match(found, reason)
    assert.isAtMost(found.length, 320)
  })

  it("dies rather than write columns that nobody could read", () => {
    const standbys = [{ standby: [1] }, { standby: [1, 1, 0, 2] }, { standby: [0, 1, 0, 0] }]
    const owners = [{ owner: [0] }, { owner: [0, 0, 0, 2] }, { next: [0, 0, 0, -2] }, { token: [0, 0, 0, 101] }]
    for (const wrong of [...owners, ...standbys]) {
      assert.throws(() => PlanCodec.encode(plan(wrong), zlib), /each partition has one/)
    }
  })
})

describe("A large plan", () => {
  it("is compressed above 4 KiB, and refused when a byte of it is damaged", () => {
    const { head } = PlanCodec.encode(shuffled(2000, 20), zlib)
    assert.strictEqual(head[0], 0x78)
    const draw = drawn(1)
    for (let i = 0; i < 200; i++) {
      const damaged = head.slice()
      const at = draw(head.length)
      damaged[at] = (damaged[at] ?? 0) ^ (1 << draw(8))
      assert.notStrictEqual(reasonOf(PlanCodec.decode(damaged, zlib)), "")
    }
  })

  it("is cut into parts above 512 KiB, and the head only says where they are", () => {
    const large = shuffled(40_000, 100)
    const { head, parts } = PlanCodec.encode(large, plain)
    assert.strictEqual(text(head), `{"v":1,"version":1763900000000,"parts":${parts.length}}`)
    assert.deepStrictEqual(
      parts.map(({ key }) => key),
      ["plan.1763900000000.0", "plan.1763900000000.1"]
    )
    for (const part of parts) assert.isAtMost(part.bytes.length, Limit.maxValueBytes)
    assert.deepStrictEqual(
      PlanCodec.decode(head, plain),
      Result.succeed({ _tag: "Manifest", version: large.version, parts: 2 })
    )
    const values = parts.map((part) => part.bytes)
    const { list, ...rest } = large
    const read = Result.getOrThrow(PlanCodec.decodeParts(large.version, values, plain))
    assert.deepStrictEqual(read, { ...rest, list: ListCodec.name(list) })
    assert.match(reasonOf(PlanCodec.decodeParts(1, values, plain)), /those of version 1763900000000, not 1/)
    assert.match(reasonOf(PlanCodec.decodeParts(large.version, values.toReversed(), plain)), /neither JSON/)
    assert.match(reasonOf(PlanCodec.decodeParts(large.version, values.slice(0, 1), plain)), /not JSON/)
  })

  it("is refused when it would grow beyond all bounds", () => {
    const bomb = zlib.deflate(new Uint8Array(Limit.maxPlanBytes + 1).fill(0x20))
    assert.match(reasonOf(PlanCodec.decode(bomb, zlib)), /has more than 67108864 bytes/)
    assert.match(reasonOf(PlanCodec.decode(new Uint8Array(Limit.maxReadBytes + 1), zlib)), /no more than/)
    const flood = Array.from({ length: 9 }, () => new Uint8Array(Limit.maxReadBytes))
    assert.match(reasonOf(PlanCodec.decodeParts(1, flood, zlib)), /no more than 67108864/)
  })
})

describe("The size of a plan of 10,000 partitions and 200 workers", () => {
  const list = numbered(90, 10_000)
  const workers = shuffled(0, 200).workers
  const fresh = plan({ list, workers })
  const draw = drawn(3)
  const owner = fresh.owner.slice()
  for (let i = 0; i < 400; i++) owner[draw(10_000)] = draw(200)
  const sizeOf = (one: Plan) => PlanCodec.encode(one, zlib).head.length

  it("is at most 3 KiB when fresh", () => assert.isAtMost(sizeOf(fresh), 3 * 1024))

  it("is at most 6 KiB after 400 single moves", () => {
    assert.isAtMost(sizeOf({ ...fresh, owner, next: owner }), 6 * 1024)
    assert.isAtMost(sizeOf({ ...fresh, next: owner }), 6 * 1024)
  })

  it("is at most 6 KiB more with fresh standbys, and 16 KiB more when they are drawn at random", () => {
    const planned = run(sticky({ standby: true }), {
      workers: workers.map(({ id }) => ({ id, capacity: 1, maxPartitions: null, zone: null })).toSorted(byId),
      partitions: PartitionSet.of(list.partitions),
      previous: fresh.owner,
      hints: [],
      previousStandby: null
    })
    const standby = Array.from(Result.getOrThrow(planned).standby ?? assert.fail("it plans standbys"))
    const random = fresh.owner.map((one) => (one + 1 + draw(198)) % 200)
    assert.isAtMost(sizeOf({ ...fresh, standby }) - sizeOf(fresh), 6 * 1024)
    assert.isAtMost(sizeOf({ ...fresh, standby: random }) - sizeOf(fresh), 16 * 1024)
  })

  it("is at most 32 KiB when owners are drawn at random", () => {
    const random = fresh.owner.map(() => draw(200))
    const token = fresh.owner.map(() => 60 + draw(40))
    assert.isAtMost(sizeOf({ ...fresh, owner: random, next: random, token }), 32 * 1024)
  })
})
