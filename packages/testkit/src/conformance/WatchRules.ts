/**
 * What a store promises about watches.
 *
 * @since 0.1.0
 */
import type { Bucket, WatchEvent } from "@parti/core/CoordinationStore"
import * as Revision from "@parti/core/Revision"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import assert from "node:assert/strict"
import { bytes, rule, type Rule, type Store, text } from "./Rule.ts"
import * as Watching from "./Watching.ts"
import { assertDies } from "./WriteRules.ts"

/**
 * The rules about listings, changes, patterns and readers that come and go.
 *
 * @category rules
 * @since 0.1.0
 */
export const watchRules: ReadonlyArray<Rule> = [
  rule("shows an empty bucket as Opened and Synced", ({ store }) =>
    Effect.gen(function* () {
      const watching = yield* Watching.open(store, "live", ["leader", "worker.>"])
      assert.deepEqual(tags(watching.events), ["Opened", "Synced"])
      assert.notEqual(watching.view.incarnation, "", "an incarnation has a name")
    })
  ),
  rule("lists the newest value of each key between Opened and Synced, oldest first", ({ store }) =>
    Effect.gen(function* () {
      for (const [key, value] of [
        ["worker.a", "1"],
        ["leader", "1"],
        ["worker.b", "1"],
        ["worker.a", "2"]
      ] as const) {
        yield* store.put("live", key, bytes(value))
      }
      const { events } = yield* Watching.open(store, "live", ["leader", "worker.>"])
      assert.deepEqual(tags(events), ["Opened", "Entry", "Entry", "Entry", "Synced"])
      assert.deepEqual(shown(events), ["leader=1", "worker.b=1", "worker.a=2"])
      assertLawful(events)
    })
  ),
  rule("shows the revision that the writer was given", ({ store }) =>
    Effect.gen(function* () {
      const listed = yield* store.put("live", "worker.a", bytes("listed"))
      const watching = yield* Watching.open(store, "live", ["worker.>"])
      const followed = yield* store.put("live", "worker.b", bytes("followed"))
      yield* watching.untilShown("worker.b", "followed")
      const revisions = watching.events.flatMap((event) => (event._tag === "Entry" ? [event.revision] : []))
      assert.deepEqual(revisions, [listed, followed])
    })
  ),
  rule("shows every later change, also one's own", ({ sameGroup, store }) =>
    Effect.gen(function* () {
      const watching = yield* Watching.open(store, "live", ["leader"])
      yield* store.put("live", "leader", bytes("own"))
      yield* watching.untilShown("leader", "own")
      yield* (yield* sameGroup).put("live", "leader", bytes("another's"))
      yield* watching.untilShown("leader", "another's")
      assertLawful(watching.events)
    })
  ),
  rule("shows a removal as null, at a later revision", ({ store }) =>
    Effect.gen(function* () {
      const before = yield* store.put("plan", "control.pause", bytes("a"))
      const watching = yield* Watching.open(store, "plan", ["control.>"])
      yield* store.remove("plan", "control.pause")
      yield* watching.untilShown("control.pause", null)
      const last = watching.events.at(-1)
      assert.ok(last?._tag === "Entry" && last.revision > before, "the removal has a revision of its own")
    })
  ),
  rule("shows a key that comes back after its removal", ({ store }) =>
    Effect.gen(function* () {
      const watching = yield* Watching.open(store, "plan", ["control.>"])
      yield* store.put("plan", "control.pause", bytes("a"))
      yield* store.remove("plan", "control.pause")
      yield* store.write("plan", "control.pause", bytes("b"), { expected: Revision.absent })
      yield* watching.untilShown("control.pause", "b")
      assertLawful(watching.events)
    })
  ),
  rule("does not list the value of a removed key", ({ store }) =>
    Effect.gen(function* () {
      yield* store.put("plan", "control.pause", bytes("a"))
      yield* store.put("plan", "control.refresh", bytes("b"))
      yield* store.remove("plan", "control.pause")
      const { events, view } = yield* Watching.open(store, "plan", ["control.>"])
      assert.deepEqual([...view.values.keys()], ["control.refresh"])
      assert.deepEqual(
        shown(events).filter((each) => !each.endsWith(" gone")),
        ["control.refresh=b"]
      )
    })
  ),
  rule("shows nothing of a write that it refused", ({ store }) =>
    Effect.gen(function* () {
      const watching = yield* Watching.open(store, "live", ["leader"])
      const first = yield* store.put("live", "leader", bytes("accepted"))
      yield* Effect.flip(store.write("live", "leader", bytes("refused"), { expected: Revision.absent }))
      yield* store.write("live", "leader", bytes("last"), { expected: first })
      yield* watching.untilShown("leader", "last")
      assert.ok(!shown(watching.events).includes("leader=refused"))
    })
  ),
  rule("matches an exact key alone", ({ store }) =>
    assertMatched(store, ["worker"], ["worker"], ["worker.a", "workers", "wor", "a.worker", "Worker"])
  ),
  rule("matches by a prefix what lies below it, not what is called like it", ({ store }) =>
    assertMatched(store, ["worker.>"], ["worker.a", "worker.a.b"], ["worker", "workers.a", "worker-a", "a.worker.b"])
  ),
  rule("shows a key once that several patterns match", ({ store }) =>
    assertMatched(store, ["a.>", "a.b.>", "a.b.c", "a.b.c", "d"], ["a.b.c", "a.b.d", "a.e", "d"], ["a", "e"])
  ),
  rule("dies of patterns that are not legal", ({ store }) =>
    Effect.gen(function* () {
      for (const patterns of [[], ["*"], ["a.*"], ["a.>.b"], [".>"], ["a>"], ["leader", ""], ["a b.>"]]) {
        const watch = Stream.runDrain(store.watch("live", patterns))
        yield* assertDies(`a watch of ${JSON.stringify(patterns)}`, Effect.timeout(watch, "5 seconds"))
      }
    })
  ),
  rule("shows changes of different keys in the order of their writes", ({ store }) =>
    Effect.gen(function* () {
      const watching = yield* Watching.open(store, "plan", ["plan", "partitions.>"])
      for (let version = 1; version <= 100; version++) {
        yield* store.write("plan", `partitions.${version}.0`, bytes("list"), { expected: Revision.absent })
        yield* store.put("plan", "plan", bytes(String(version)))
      }
      yield* watching.untilShown("plan", "100")
      assertLawful(watching.events)
      assert.equal(watching.view.values.size, 101)
    })
  ),
  rule("shows the last of 2,000 writes to one key", ({ store }) =>
    Effect.gen(function* () {
      const watching = yield* Watching.open(store, "live", ["leader"])
      const writes = Effect.gen(function* () {
        let expected = Revision.absent
        for (let i = 1; i <= 2000; i++) expected = yield* store.write("live", "leader", bytes(`${i}`), { expected })
      })
      yield* Effect.all([writes, watching.untilShown("leader", "2000")], { concurrency: "unbounded", discard: true })
      assertLawful(watching.events)
    })
  ),
  rule("shows the last value of each of 100 keys that are written all at once", ({ sameGroup, store }) =>
    Effect.gen(function* () {
      const watching = yield* Watching.open(yield* sameGroup, "live", ["worker.>"])
      const keys = Array.from({ length: 100 }, (_, i) => `worker.worker-${i}`)
      const writes = Effect.forEach(keys, (key) => putMany(store, "live", key, 20), {
        concurrency: "unbounded",
        discard: true
      })
      const all = watching.until(({ values }) => keys.every((key) => values.get(key) === "20"))
      yield* Effect.all([writes, all], { concurrency: "unbounded", discard: true })
      assertLawful(watching.events)
    })
  ),
  rule("shows a reader that was slow the newest of each key", ({ store }) =>
    Effect.gen(function* () {
      const watching = yield* Watching.open(store, "live", ["worker.>"])
      yield* putMany(store, "live", "worker.a", 3000)
      yield* store.put("live", "worker.b", bytes("last"))
      yield* watching.untilShown("worker.b", "last")
      assert.equal(watching.view.values.get("worker.a"), "3000")
      assertLawful(watching.events)
    })
  ),
  rule("leaves no gap between the listing and the changes, when opened amid writes", ({ store }) =>
    Effect.gen(function* () {
      const writes = Effect.gen(function* () {
        for (let i = 0; i < 400; i++) {
          yield* store.put("live", `worker.worker-${i % 40}`, bytes(`${i}`))
          yield* Effect.yieldNow
        }
        yield* store.put("live", "leader", bytes("end"))
      })
      const opened = Effect.replicateEffect(Watching.open(store, "live", ["worker.>", "leader"]), 20)
      const [all] = yield* Effect.all([opened, writes], { concurrency: "unbounded" })
      const { view } = yield* Watching.open(store, "live", ["worker.>", "leader"])
      for (const watching of all) {
        yield* watching.untilShown("leader", "end")
        assertLawful(watching.events)
        assert.deepEqual(watching.view.values, view.values)
      }
    })
  ),
  rule("shows several readers the same", ({ sameGroup, store }) =>
    Effect.gen(function* () {
      const clients = [store, yield* sameGroup]
      const readers = yield* Effect.forEach([...clients, ...clients, ...clients], (client) =>
        Watching.open(client, "plan", ["plan"])
      )
      yield* putMany(store, "plan", "plan", 50)
      for (const watching of readers) {
        yield* watching.untilShown("plan", "50")
        assertLawful(watching.events)
      }
    })
  ),
  rule("shows a new reader everything anew", ({ store }) =>
    Effect.gen(function* () {
      yield* store.put("live", "leader", bytes("a"))
      const before = yield* Effect.scoped(Watching.open(store, "live", ["leader"]))
      const after = yield* Watching.open(store, "live", ["leader"])
      assert.deepEqual(after.events, before.events)
    })
  ),
  rule("keeps the incarnation of a bucket, whoever watches it and whatever is written", ({ sameGroup, store }) =>
    Effect.gen(function* () {
      const first = yield* Watching.open(store, "live", ["leader"])
      yield* putMany(store, "live", "leader", 10)
      yield* store.remove("live", "leader")
      const second = yield* Watching.open(store, "live", ["worker.>"])
      const third = yield* Watching.open(yield* sameGroup, "live", ["leader"])
      assert.equal(second.view.incarnation, first.view.incarnation)
      assert.equal(third.view.incarnation, first.view.incarnation)
    })
  ),
  rule("closes a watch with its reader, and goes on serving others", ({ openWatches, store }) =>
    Effect.gen(function* () {
      const before = openWatches === null ? 0 : yield* openWatches
      const opened = Array.from({ length: 50 }, () => Effect.scoped(Watching.open(store, "live", ["worker.>"])))
      yield* Effect.all(opened, { concurrency: 10, discard: true })
      if (openWatches !== null) assert.equal(yield* openWatches, before, "as many watches are open as before")
      const watching = yield* Watching.open(store, "live", ["leader"])
      yield* store.put("live", "leader", bytes("served"))
      yield* watching.untilShown("leader", "served")
    })
  ),
  rule("ends a watch that is interrupted while it waits", ({ openWatches, store }) =>
    Effect.gen(function* () {
      const before = openWatches === null ? 0 : yield* openWatches
      for (let i = 0; i < 10; i++) {
        const synced = yield* Deferred.make<void>()
        const reader = yield* Stream.runForEach(store.watch("live", ["leader"]), ({ _tag }) =>
          _tag === "Synced" ? Deferred.succeed(synced, undefined) : Effect.void
        ).pipe(Effect.forkChild({ startImmediately: true }))
        yield* Deferred.await(synced)
        yield* Effect.yieldNow
        yield* Effect.timeout(Fiber.interrupt(reader), "5 seconds")
      }
      if (openWatches !== null) assert.equal(yield* openWatches, before, "as many watches are open as before")
    })
  )
]

const tags = (events: ReadonlyArray<WatchEvent>) => events.map(({ _tag }) => _tag)

const shown = (events: ReadonlyArray<WatchEvent>): ReadonlyArray<string> =>
  events.flatMap((event) => {
    if (event._tag !== "Entry") return []
    return [event.value === null ? `${event.key} gone` : `${event.key}=${text(event.value)}`]
  })

const assertLawful = (events: ReadonlyArray<WatchEvent>): void => {
  const fault = Watching.fault(events)
  if (fault !== null) assert.fail(fault)
}

const putMany = (store: Store, bucket: Bucket, key: string, times: number) =>
  Effect.gen(function* () {
    for (let i = 1; i <= times; i++) yield* store.put(bucket, key, bytes(`${i}`))
  })

/** Half of the keys are written before the watch is opened, half of them after, and one more tells when to stop. */
const assertMatched = (
  store: Store,
  patterns: ReadonlyArray<string>,
  matching: ReadonlyArray<string>,
  others: ReadonlyArray<string>
) =>
  Effect.gen(function* () {
    const all = [...others, ...matching]
    const write = (keys: ReadonlyArray<string>) =>
      Effect.forEach(keys, (key) => store.put("live", key, bytes("a")), { discard: true })
    yield* write(all.filter((_, i) => i % 2 === 0))
    const watching = yield* Watching.open(store, "live", [...patterns, "the-end"])
    yield* write(all.filter((_, i) => i % 2 === 1))
    yield* store.put("live", "the-end", bytes("a"))
    yield* watching.untilShown("the-end", "a")
    assert.deepEqual([...shown(watching.events)].sort(), [...matching, "the-end"].map((key) => `${key}=a`).sort())
  })
