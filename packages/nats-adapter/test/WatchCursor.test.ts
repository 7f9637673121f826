import type { WatchEvent } from "@parti/core/CoordinationStore"
import { assert, describe, it } from "vitest"
import * as BucketLife from "../src/store/BucketLife.ts"
import type { PushSignal } from "../src/store/PushSignal.ts"
import { WatchCursor } from "../src/store/WatchCursor.ts"

type Change = Extract<PushSignal, { readonly _tag: "Change" }>

const change = (delivery: number, key: string, sequence: number, options: Partial<Change> = {}): Change => ({
  _tag: "Change",
  delivery,
  key,
  sequence,
  pendingCount: 0,
  writtenAt: 1_700_000_000_000,
  value: new Uint8Array(),
  ...options
})

const shown = (events: ReadonlyArray<WatchEvent> | null): ReadonlyArray<string> | null =>
  events?.map((event) =>
    event._tag === "Entry" ? `${event.key}${event.value === null ? " gone" : ""}@${event.revision}` : event._tag
  ) ?? null

/** A cursor that has listed `a` at 5. */
const synced = (): WatchCursor => {
  const cursor = new WatchCursor()
  assert.deepStrictEqual(cursor.begin("first", 5, true), { _tag: "List" })
  assert.deepStrictEqual(shown(cursor.take(change(1, "a", 5))), ["a@5", "Synced"])
  return cursor
}

describe("A cursor", () => {
  it("is synced at once when there is nothing to list", () => {
    const cursor = new WatchCursor()
    cursor.begin("first", 0, true)
    assert.deepStrictEqual(shown(cursor.created(0)), ["Synced"])
  })

  it("is synced by the last of the listing, whether it is told so before or after the answer", () => {
    const cursor = new WatchCursor()
    cursor.begin("first", 9, true)
    assert.deepStrictEqual(shown(cursor.take(change(1, "a", 5, { pendingCount: 1 }))), ["a@5"])
    assert.deepStrictEqual(shown(cursor.created(2)), [])
    assert.deepStrictEqual(shown(cursor.take(change(2, "b", 7))), ["b@7", "Synced"])
    assert.deepStrictEqual(shown(cursor.created(2)), [])
  })

  it("is synced by what was written after the listing began, though more is to come", () => {
    const cursor = new WatchCursor()
    cursor.begin("first", 5, true)
    assert.deepStrictEqual(shown(cursor.take(change(1, "a", 6, { pendingCount: 3 }))), ["a@6", "Synced"])
  })

  it("finds a gap between messages, and behind the last one", () => {
    const cursor = synced()
    assert.isFalse(cursor.isBehind(1))
    assert.isTrue(cursor.isBehind(2))
    assert.isNull(cursor.take(change(3, "a", 8)))
  })

  it("resumes behind what it has shown, in the same incarnation", () => {
    const cursor = synced()
    assert.deepStrictEqual(cursor.begin("first", 9, true), { _tag: "Resume", sequence: 6 })
    assert.deepStrictEqual(shown(cursor.created(1)), [])
    assert.deepStrictEqual(shown(cursor.take(change(1, "a", 7))), ["a@7"])
  })

  it("lists again in another incarnation, or when it may not resume, and shows what has gone", () => {
    for (const [incarnation, mayResume] of [
      ["second", true],
      ["first", false]
    ] as const) {
      const cursor = synced()
      cursor.take(change(2, "b", 6))
      assert.deepStrictEqual(cursor.begin(incarnation, 9, mayResume), { _tag: "List" })
      assert.deepStrictEqual(shown(cursor.take(change(1, "b", 9))), ["b@9", "a gone@0", "Synced"])
      assert.strictEqual(cursor.revisionOf("a"), 0)
    }
  })

  it("lists again when the first listing was cut short", () => {
    const cursor = new WatchCursor()
    cursor.begin("first", 9, true)
    cursor.take(change(1, "a", 5, { pendingCount: 1 }))
    assert.deepStrictEqual(cursor.begin("first", 9, true), { _tag: "List" })
    assert.deepStrictEqual(shown(cursor.created(0)), ["a gone@0", "Synced"])
  })

  it("shows a removal with its revision, but in a listing only to who has seen the key", () => {
    const cursor = synced()
    assert.deepStrictEqual(shown(cursor.take(change(2, "a", 6, { value: null }))), ["a gone@6"])
    cursor.begin("first", 6, false)
    assert.deepStrictEqual(shown(cursor.take(change(1, "a", 6, { value: null }))), ["Synced"])
  })
})

describe("A bucket", () => {
  const stream = { created: "2026", firstConfiguredSequence: 10, lastSequence: 20 }

  it("keeps its incarnation as it grows, whatever was written since it was asked", () => {
    const life = BucketLife.make()
    const first = life.incarnation(stream, life.floor())
    const floor = life.floor()
    life.saw(25)
    assert.strictEqual(life.incarnation({ ...stream, lastSequence: 24 }, floor), first)
  })

  it("has another incarnation when it was made anew, or set back, and the same for all who ask then", () => {
    const life = BucketLife.make()
    const first = life.incarnation(stream, life.floor())
    life.saw(25)
    const setBack = life.incarnation({ ...stream, lastSequence: 22 }, life.floor())
    assert.notStrictEqual(setBack, first)
    assert.strictEqual(life.incarnation({ ...stream, lastSequence: 22 }, life.floor()), setBack)
    const anew = life.incarnation({ ...stream, created: "2027", lastSequence: 0 }, life.floor())
    assert.notInclude([first, setBack], anew)
  })

  it("has another incarnation only once when two who asked before find it set back", () => {
    const life = BucketLife.make()
    life.incarnation(stream, life.floor())
    const [one, other] = [life.floor(), life.floor()]
    const setBack = life.incarnation({ ...stream, lastSequence: 15 }, one)
    life.saw(18)
    assert.strictEqual(life.incarnation({ ...stream, lastSequence: 16 }, other), setBack)
    assert.notStrictEqual(life.incarnation({ ...stream, lastSequence: 16 }, life.floor()), setBack)
  })
})
