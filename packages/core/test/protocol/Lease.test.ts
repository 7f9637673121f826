import { assert, describe, it } from "vitest"
import * as Lease from "../../src/protocol/Lease.ts"
import { accepted, config, rejected, unknown, write } from "./rig/Sample.ts"

// A lease of 10 s with a margin of 500 ms: permission for 9.5 s from the instant a write is sent.
const setting = config()
const permittedMs = 9_500

const sent = (at: number, serial = 1, before: Lease.Lease = Lease.unheld(0, at)): Lease.Lease =>
  Lease.attempted(setting, before, serial, at)

const held = Lease.answered(setting, sent(1_000), accepted(write(1), 5, 1_040))

describe("A lease", () => {
  it("permits nothing before a write was accepted", () => {
    assert.isFalse(Lease.isHeld(Lease.unheld(3, 1_000), 1_000))
    assert.isFalse(Lease.isHeld(sent(1_000), 1_000))
  })

  it("counts from the instant the accepted write was sent, not from its answer", () => {
    assert.strictEqual(held.heldUntil, 1_000 + permittedMs)
    const slow = Lease.answered(setting, sent(1_000), accepted(write(1), 5, 9_000))
    assert.strictEqual(slow.heldUntil, 1_000 + permittedMs)
  })

  it("is over to the millisecond", () => {
    assert.isTrue(Lease.isHeld(held, 1_000 + permittedMs - 1))
    assert.isFalse(Lease.isHeld(held, 1_000 + permittedMs))
  })

  it("is not held by an answer that outlives it", () => {
    const late = Lease.answered(setting, sent(1_000), accepted(write(1), 5, 20_000))
    assert.isFalse(Lease.isHeld(late, 20_000))
  })

  it("gives each write a number of its own, and waits a heartbeat before the next", () => {
    const again = sent(3_000, 2, held)
    assert.deepStrictEqual(again.open, [{ serial: 2, attempt: 2, sentAt: 3_000 }])
    assert.deepStrictEqual([again.pending, again.renewAt, again.revision], [2, 5_000, 5])
  })

  it("neither grows nor ends when a write is refused, and tries again soon", () => {
    const refused = Lease.answered(setting, sent(3_000, 2, held), rejected(write(2), 3_040))
    assert.strictEqual(refused.heldUntil, held.heldUntil)
    assert.deepStrictEqual([refused.open, refused.pending], [[], null])
    assert.strictEqual(refused.renewAt, 3_040 + Lease.retryMs(setting))
  })

  it("keeps an attempt open that may have landed, and tries again at once", () => {
    const open = Lease.answered(setting, sent(3_000, 2, held), unknown(write(2), 4_500))
    assert.deepStrictEqual(open.open, [{ serial: 2, attempt: 2, sentAt: 3_000 }])
    assert.deepStrictEqual([open.pending, open.renewAt, open.heldUntil], [null, 4_500, held.heldUntil])
  })

  it("is held from when a lost write was sent, once the watch shows that it landed", () => {
    const open = Lease.answered(setting, sent(3_000, 2, held), unknown(write(2), 4_500))
    const seen = Lease.observed(setting, open, 2, 9)
    assert.deepStrictEqual([seen.heldUntil, seen.revision, seen.open], [3_000 + permittedMs, 9, []])
  })

  it("counts from the attempt that landed, not from the one that repeated it", () => {
    const first = Lease.answered(setting, sent(3_000, 2, held), unknown(write(2), 4_500))
    const second = sent(4_500, 3, first)
    const seen = Lease.observed(setting, second, 2, 9)
    assert.strictEqual(seen.heldUntil, 3_000 + permittedMs)
    assert.deepStrictEqual(seen.open, [{ serial: 3, attempt: 3, sentAt: 4_500 }])
  })

  it("is never shortened by an older attempt that shows up late", () => {
    const both = sent(4_500, 3, Lease.answered(setting, sent(3_000, 2, held), unknown(write(2), 4_500)))
    const newer = Lease.answered(setting, both, accepted(write(3), 10, 4_520))
    const after = Lease.observed(setting, newer, 2, 9)
    assert.deepStrictEqual([after.heldUntil, after.revision], [4_500 + permittedMs, 10])
  })

  it("learns the revision alone from an attempt it does not remember", () => {
    const seen = Lease.observed(setting, held, 77, 12)
    assert.deepStrictEqual(seen, { ...held, revision: 12 })
  })

  it("takes an answer for its own whose attempt the watch has shown already", () => {
    const shown = Lease.observed(setting, sent(3_000, 2, held), 2, 9)
    const answer = accepted(write(2), 9, 3_040)
    assert.isTrue(Lease.isOurs(shown, answer))
    const after = Lease.answered(setting, shown, answer)
    assert.deepStrictEqual([after.pending, after.revision, after.heldUntil], [null, 9, 3_000 + permittedMs])
    assert.isFalse(Lease.isOurs(after, accepted(write(9), 9, 3_040)))
  })

  it("outlives its key: that is written anew, over nothing, and no earlier attempt counts any more", () => {
    const gone = Lease.vanished(sent(3_000, 2, held), 3_100)
    assert.deepStrictEqual([gone.heldUntil, gone.revision, gone.renewAt], [held.heldUntil, 0, 3_100])
    const late = Lease.answered(setting, gone, accepted(write(2), 6, 3_200))
    assert.deepStrictEqual([late.heldUntil, late.revision, late.pending], [held.heldUntil, 0, null])
  })

  it("remembers only so many open attempts", () => {
    const many = Array.from({ length: 40 }, (_, i) => i + 2).reduce(
      (lease, serial) => Lease.answered(setting, sent(serial, serial, lease), unknown(write(serial), serial)),
      held
    )
    assert.lengthOf(many.open, 16)
    assert.strictEqual(many.open[0]?.attempt, 26)
  })
})
