/**
 * What a store promises about writes.
 *
 * @since 0.1.0
 */
import type { Bucket } from "@parti/core/CoordinationStore"
import * as Revision from "@parti/core/Revision"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import assert from "node:assert/strict"
import { bytes, rule, type Rule, type Store, type Subject } from "./Rule.ts"
import * as Watching from "./Watching.ts"

/**
 * The rules about compare-and-set, put, remove, values and keys.
 *
 * @category rules
 * @since 0.1.0
 */
export const writeRules: ReadonlyArray<Rule> = [
  rule("creates a key that is not there", ({ store }) =>
    Effect.gen(function* () {
      const revision = yield* create(store, "leader", "a")
      assert.ok(Number.isSafeInteger(revision) && revision > Revision.absent, `revision ${revision} is above absent`)
      yield* assertHolds(store, "live", { leader: "a" })
    })
  ),
  rule("refuses to create a key that is there, and leaves it as it is", ({ store }) =>
    Effect.gen(function* () {
      yield* create(store, "leader", "a")
      yield* assertConflict(store, "leader", Revision.absent)
      yield* assertHolds(store, "live", { leader: "a" })
    })
  ),
  rule("updates a key at its newest revision", ({ store }) =>
    Effect.gen(function* () {
      const first = yield* create(store, "leader", "a")
      const second = yield* store.write("live", "leader", bytes("b"), { expected: first })
      yield* store.write("live", "leader", bytes("c"), { expected: second })
      yield* assertHolds(store, "live", { leader: "c" })
    })
  ),
  rule("refuses to update a key at an older revision", ({ store }) =>
    Effect.gen(function* () {
      const first = yield* create(store, "leader", "a")
      yield* store.write("live", "leader", bytes("b"), { expected: first })
      yield* assertConflict(store, "leader", first)
      yield* assertHolds(store, "live", { leader: "b" })
    })
  ),
  rule("refuses to update a key that is not there", ({ store }) =>
    Effect.gen(function* () {
      const elsewhere = yield* create(store, "worker.a", "a")
      yield* assertConflict(store, "worker.b", elsewhere)
      yield* assertHolds(store, "live", { "worker.a": "a" })
    })
  ),
  rule("counts revisions upward through a whole bucket", ({ store }) =>
    Effect.gen(function* () {
      const seen: Array<number> = []
      for (const key of ["a", "b", "a", "c", "b", "a"]) seen.push(yield* store.put("live", key, bytes("x")))
      assert.deepEqual(
        seen,
        [...new Set(seen)].sort((a, b) => a - b)
      )
    })
  ),
  rule("lets one of many creators of a key win", ({ sameGroup, store }) =>
    Effect.gen(function* () {
      const clients = [store, yield* sameGroup]
      const claims = Array.from({ length: 50 }, (_, i) => `claimer ${i}`)
      const winners = yield* race(claims, (claim, i) =>
        clientOf(clients, i).write("live", "worker.a", bytes(claim), { expected: Revision.absent })
      )
      assert.equal(winners.length, 1, `winners: ${winners.join(", ")}`)
      yield* assertHolds(store, "live", { "worker.a": winners.join() })
    })
  ),
  rule("lets one of many updaters of a revision win", ({ sameGroup, store }) =>
    Effect.gen(function* () {
      const clients = [store, yield* sameGroup]
      const expected = yield* create(store, "leader", "old")
      const updates = Array.from({ length: 50 }, (_, i) => `update ${i}`)
      const winners = yield* race(updates, (update, i) =>
        clientOf(clients, i).write("live", "leader", bytes(update), { expected })
      )
      assert.equal(winners.length, 1, `winners: ${winners.join(", ")}`)
      yield* assertHolds(store, "live", { leader: winners.join() })
    })
  ),
  rule("serves 200 writers that each renew a key of their own", ({ store }) =>
    Effect.gen(function* () {
      const keys = Array.from({ length: 200 }, (_, i) => `worker.worker-${i}`)
      yield* Effect.forEach(keys, (key) => renew(store, key, 5), { concurrency: "unbounded", discard: true })
      yield* assertHolds(store, "live", Object.fromEntries(keys.map((key) => [key, "renewal 5"])))
    })
  ),
  rule("puts whatever is there", ({ store }) =>
    Effect.gen(function* () {
      yield* store.put("plan", "control.pause", bytes("a"))
      yield* store.put("plan", "control.pause", bytes("b"))
      yield* assertHolds(store, "plan", { "control.pause": "b" })
    })
  ),
  rule("counts a put as a change of the key", ({ store }) =>
    Effect.gen(function* () {
      const before = yield* create(store, "leader", "a")
      const after = yield* store.put("live", "leader", bytes("b"))
      yield* assertConflict(store, "leader", before)
      yield* store.write("live", "leader", bytes("c"), { expected: after })
    })
  ),
  rule("takes a removed key for absent", ({ store }) =>
    Effect.gen(function* () {
      const before = yield* create(store, "leader", "a")
      yield* store.remove("live", "leader")
      yield* assertConflict(store, "leader", before)
      yield* assertHolds(store, "live", {})
    })
  ),
  rule("creates a removed key again, at a higher revision", ({ store }) =>
    Effect.gen(function* () {
      const before = yield* create(store, "leader", "a")
      yield* store.remove("live", "leader")
      const again = yield* create(store, "leader", "b")
      assert.ok(again > before, `revision ${again} is above ${before}`)
      yield* assertConflict(store, "leader", Revision.absent)
      yield* assertHolds(store, "live", { leader: "b" })
    })
  ),
  rule("puts a removed key again", ({ store }) =>
    Effect.gen(function* () {
      yield* store.put("plan", "control.pause", bytes("a"))
      yield* store.remove("plan", "control.pause")
      yield* store.put("plan", "control.pause", bytes("b"))
      yield* assertHolds(store, "plan", { "control.pause": "b" })
    })
  ),
  rule("does not mind removing a key that is not there", ({ store }) =>
    Effect.gen(function* () {
      yield* store.remove("plan", "never.there")
      yield* store.put("plan", "plan", bytes("a"))
      yield* store.remove("plan", "plan")
      yield* store.remove("plan", "plan")
      yield* assertHolds(store, "plan", {})
    })
  ),
  rule("keeps the two buckets apart", ({ store }) =>
    Effect.gen(function* () {
      yield* store.put("live", "key", bytes("live"))
      yield* store.write("plan", "key", bytes("plan"), { expected: Revision.absent })
      yield* store.remove("live", "key")
      yield* assertHolds(store, "live", {})
      yield* assertHolds(store, "plan", { key: "plan" })
    })
  ),
  rule("keeps two groups apart", ({ otherGroup, store }) =>
    Effect.gen(function* () {
      const other = yield* otherGroup
      yield* create(store, "leader", "ours")
      yield* create(other, "leader", "theirs")
      yield* assertHolds(store, "live", { leader: "ours" })
      yield* assertHolds(other, "live", { leader: "theirs" })
    })
  ),
  rule("keeps every byte of a value", ({ store }) =>
    assertKept(
      store,
      Uint8Array.from({ length: 256 }, (_, i) => i)
    )
  ),
  rule("keeps an empty value, and does not take it for a removal", ({ store }) => assertKept(store, new Uint8Array())),
  rule("keeps a value of 512 KiB", ({ store }) =>
    assertKept(
      store,
      Uint8Array.from({ length: 512 * 1024 }, (_, i) => (i * 31) % 251)
    )
  ),
  rule("keeps what was handed over, whatever becomes of the array later", ({ store }) =>
    Effect.gen(function* () {
      // A Buffer, since its own `slice` makes no copy.
      const value = Buffer.from("handed over")
      yield* store.put("plan", "plan", value)
      value.fill(0)
      yield* assertHolds(store, "plan", { plan: "handed over" })
    })
  ),
  rule("refuses to write a value that is too large", (subject) =>
    assertTooLarge(subject, (store, value) => store.write("plan", "plan", value, { expected: Revision.absent }))
  ),
  rule("refuses to put a value that is too large", (subject) =>
    assertTooLarge(subject, (store, value) => store.put("plan", "plan", value))
  ),
  rule("tells keys apart by every character", ({ store }) =>
    Effect.gen(function* () {
      const keys = ["a", "A", "a.b", "a.b.c", "a-b", "a_b", "a/b", "a=b", "0", "partitions.1700000000000.12"]
      for (const key of keys) yield* create(store, key, `value of ${key}`)
      yield* assertHolds(store, "live", Object.fromEntries(keys.map((key) => [key, `value of ${key}`])))
    })
  ),
  rule("dies of a key that is not legal, since it can only be a mistake", ({ store }) =>
    Effect.gen(function* () {
      for (const key of ["", ".", ".a", "a.", "a..b", "a b", "a*", "a.>", ">", "ä", "a\n", "$a"]) {
        yield* assertDies(`write of ${JSON.stringify(key)}`, create(store, key, "a"))
        yield* assertDies(`put of ${JSON.stringify(key)}`, store.put("live", key, bytes("a")))
        yield* assertDies(`removal of ${JSON.stringify(key)}`, store.remove("live", key))
      }
      yield* assertHolds(store, "live", {})
    })
  )
]

/**
 * Fails unless the effect dies.
 *
 * @category assertions
 * @since 0.1.0
 */
export const assertDies = (what: string, effect: Effect.Effect<unknown, unknown>): Effect.Effect<void> =>
  Effect.map(Effect.exit(effect), (exit) => {
    assert.ok(Exit.isFailure(exit) && exit.cause.reasons.some(({ _tag }) => _tag === "Die"), `${what} dies`)
  })

const create = (store: Store, key: string, value: string) =>
  store.write("live", key, bytes(value), { expected: Revision.absent })

const clientOf = (clients: ReadonlyArray<Store>, i: number): Store => {
  const client = clients[i % clients.length]
  assert.ok(client !== undefined)
  return client
}

const renew = (store: Store, key: string, times: number) =>
  Effect.gen(function* () {
    let expected = Revision.absent
    for (let i = 1; i <= times; i++) {
      expected = yield* store.write("live", key, bytes(`renewal ${i}`), { expected })
    }
  })

/** Runs all attempts at once; gives those that were accepted, provided that the others failed by a conflict. */
const race = (attempts: ReadonlyArray<string>, run: (attempt: string, i: number) => ReturnType<Store["write"]>) =>
  Effect.map(
    Effect.forEach(
      attempts,
      (attempt, i) =>
        run(attempt, i).pipe(
          Effect.as([attempt]),
          Effect.catchTag("RevisionMismatch", () => Effect.succeed([]))
        ),
      { concurrency: "unbounded" }
    ),
    (accepted) => accepted.flat()
  )

const assertConflict = (store: Store, key: string, expected: Revision.Revision) =>
  Effect.map(Effect.result(store.write("live", key, bytes("refused"), { expected })), (result) => {
    assert.ok(result._tag === "Failure", `a write of ${key} at ${expected} is refused`)
    const { failure } = result
    assert.ok(failure._tag === "RevisionMismatch", `${failure._tag} is RevisionMismatch`)
    assert.deepEqual([failure.bucket, failure.key, failure.expected], ["live", key, expected])
  })

const assertTooLarge = (
  { store, tooLargeBytes }: Subject,
  run: (store: Store, value: Uint8Array) => Effect.Effect<unknown, { readonly _tag: string }>
) =>
  Effect.gen(function* () {
    const failure = yield* Effect.flip(run(store, new Uint8Array(tooLargeBytes)))
    assert.equal(failure._tag, "ValueTooLarge")
    assert.ok("bytes" in failure && failure.bytes === tooLargeBytes, "the error says how large the value is")
    assert.ok("maxBytes" in failure && Number(failure.maxBytes) < tooLargeBytes, "the error says how large it may be")
    yield* assertHolds(store, "plan", {})
    yield* store.put("plan", "plan", bytes("still at work"))
  })

const assertKept = (store: Store, value: Uint8Array) =>
  Effect.gen(function* () {
    yield* store.put("plan", "plan", value)
    const { events } = yield* Watching.open(store, "plan", ["plan"])
    const shown = events.flatMap((event) => (event._tag === "Entry" ? [event.value] : []))
    assert.ok(shown.length === 1 && shown[0] instanceof Uint8Array, "the value is listed once")
    assert.ok(Buffer.from(value).equals(shown[0]), "the value is as it was")
  })

/** Prefixes and keys, no two of which overlap, that together match whatever these rules write by other means. */
const usual = ["leader", "worker.>", "plan", "partitions.>", "control.>"]

/** What a new watch lists is what the bucket holds. */
const assertHolds = (store: Store, bucket: Bucket, expected: Readonly<Record<string, string>>) =>
  Effect.gen(function* () {
    const isUsual = (key: string) =>
      usual.some((each) => (each.endsWith(".>") ? key.startsWith(each.slice(0, -1)) : each === key))
    const others = Object.keys(expected).filter((key) => !isUsual(key))
    const { view } = yield* Watching.open(store, bucket, [...usual, ...others])
    assert.deepEqual(Object.fromEntries(view.values), expected)
  })
