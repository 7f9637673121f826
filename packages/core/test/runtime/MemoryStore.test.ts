import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit, Fiber, Layer, Option, Stream } from "effect"
import { TestClock } from "effect/testing"
import * as Revision from "../../src/model/Revision.ts"
import { CoordinationStore, type WatchEvent } from "../../src/runtime/CoordinationStore.ts"
import * as MemoryStore from "../../src/runtime/MemoryStore.ts"

const bytes = (text: string) => new TextEncoder().encode(text)

const told = (event: WatchEvent): string => {
  if (event._tag !== "Entry") return event._tag
  return `${event.key}@${event.revision}=${event.value === null ? "gone" : new TextDecoder().decode(event.value)}`
}

/** Opens a watch; `next` gives what has come since, and waits if there is nothing. */
const watching = (store: MemoryStore.MemoryStore, ...patterns: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const pull = yield* Stream.toPull(store.watch("live", patterns))
    const next = Effect.map(pull, (events) => events.map(told))
    return { pull, next }
  })

/** What a new watch lists. */
const listed = (store: MemoryStore.MemoryStore, bucket: "live" | "plan" = "live") =>
  store.watch(bucket, ["leader", "plan", "worker.>"]).pipe(
    Stream.takeUntil(({ _tag }) => _tag === "Synced"),
    Stream.filter(({ _tag }) => _tag === "Entry"),
    Stream.map(told),
    Stream.runCollect
  )

describe("The age limit of the live bucket", () => {
  it.effect("takes away what was not written for ten minutes", () =>
    Effect.gen(function* () {
      const store = yield* MemoryStore.make()
      const revision = yield* store.put("live", "leader", bytes("a"))
      yield* TestClock.adjust("10 minutes")
      assert.deepStrictEqual(yield* listed(store), [])
      const late = yield* Effect.flip(store.write("live", "leader", bytes("b"), { expected: revision }))
      assert.strictEqual(late._tag, "RevisionMismatch")
      assert.strictEqual(yield* store.write("live", "leader", bytes("b"), { expected: Revision.absent }), 2)
    })
  )

  it.effect("spares what was written again, to the tick", () =>
    Effect.gen(function* () {
      const store = yield* MemoryStore.make({ liveMaxAge: 1000 })
      yield* store.put("live", "worker.a", bytes("a"))
      yield* TestClock.adjust(400)
      yield* store.put("live", "worker.b", bytes("b"))
      yield* TestClock.adjust(400)
      yield* store.put("live", "worker.a", bytes("a"))
      yield* TestClock.adjust(599)
      assert.deepStrictEqual(yield* listed(store), ["worker.b@2=b", "worker.a@3=a"])
      yield* TestClock.adjust(1)
      assert.deepStrictEqual(yield* listed(store), ["worker.a@3=a"])
      yield* TestClock.adjust(400)
      assert.deepStrictEqual(yield* listed(store), [])
    })
  )

  it.effect("gives no notice to a watch", () =>
    Effect.gen(function* () {
      const store = yield* MemoryStore.make()
      const { next } = yield* watching(store, "worker.>")
      yield* store.put("live", "worker.a", bytes("a"))
      yield* next
      yield* TestClock.adjust("1 hour")
      yield* store.put("live", "worker.b", bytes("b"))
      assert.deepStrictEqual(yield* next, ["worker.b@2=b"])
    })
  )

  it.effect("does not apply to the plan bucket", () =>
    Effect.gen(function* () {
      const store = yield* MemoryStore.make()
      yield* store.put("plan", "plan", bytes("a"))
      yield* TestClock.adjust("365 days")
      assert.deepStrictEqual(yield* listed(store, "plan"), ["plan@1=a"])
    })
  )
})

describe("A bucket that is reset", () => {
  it.effect("begins a new life: empty, renamed, under revisions that no former life had", () =>
    Effect.gen(function* () {
      const store = yield* MemoryStore.make()
      for (const value of ["a", "b", "c"]) yield* store.put("live", "leader", bytes(value))
      const before = yield* Stream.runHead(store.watch("live", ["leader"]))
      yield* store.reset("live")
      assert.notDeepEqual(yield* Stream.runHead(store.watch("live", ["leader"])), before)
      assert.deepStrictEqual(yield* listed(store), [])
      assert.strictEqual(
        (yield* Effect.flip(store.write("live", "leader", bytes("d"), { expected: 3 })))._tag,
        "RevisionMismatch"
      )
      assert.strictEqual(yield* store.write("live", "leader", bytes("d"), { expected: Revision.absent }), 4)
    })
  )

  it.effect("makes each watch begin anew, and tells it what has gone", () =>
    Effect.gen(function* () {
      const store = yield* MemoryStore.make()
      yield* store.put("live", "worker.a", bytes("a"))
      yield* store.put("live", "worker.b", bytes("b"))
      const { next } = yield* watching(store, "worker.>")
      yield* next
      yield* store.remove("live", "worker.b")
      yield* next
      yield* store.reset("live")
      yield* store.put("live", "worker.c", bytes("c"))
      assert.deepStrictEqual(yield* next, ["Opened", "worker.a@0=gone", "Synced", "worker.c@4=c"])
    })
  )

  it.effect("shows nothing of its former life to a reader that had not looked yet", () =>
    Effect.gen(function* () {
      const store = yield* MemoryStore.make()
      const { next } = yield* watching(store, "worker.>")
      yield* next
      yield* store.put("live", "worker.a", bytes("a"))
      yield* store.reset("live")
      assert.deepStrictEqual(yield* next, ["Opened", "Synced"])
    })
  )

  it.effect("leaves the other bucket alone", () =>
    Effect.gen(function* () {
      const store = yield* MemoryStore.make()
      yield* store.put("plan", "plan", bytes("a"))
      yield* store.reset("live")
      assert.deepStrictEqual(yield* listed(store, "plan"), ["plan@1=a"])
    })
  )
})

describe("A key that vanishes", () => {
  it.effect("is absent without notice", () =>
    Effect.gen(function* () {
      const store = yield* MemoryStore.make()
      yield* store.put("live", "worker.a", bytes("a"))
      const { next } = yield* watching(store, "worker.>")
      yield* next
      yield* store.vanish("live", "worker.a")
      assert.deepStrictEqual(yield* listed(store), [])
      yield* store.write("live", "worker.a", bytes("b"), { expected: Revision.absent })
      assert.deepStrictEqual(yield* next, ["worker.a@2=b"])
    })
  )

  it.effect("is told to be gone when the watch begins anew", () =>
    Effect.gen(function* () {
      const store = yield* MemoryStore.make()
      yield* store.put("live", "worker.a", bytes("a"))
      const { next } = yield* watching(store, "worker.>")
      yield* next
      yield* store.vanish("live", "worker.a")
      yield* store.reset("live")
      assert.deepStrictEqual(yield* next, ["Opened", "worker.a@0=gone", "Synced"])
    })
  )
})

describe("A watch", () => {
  it.effect("shows a reader that keeps up every single change", () =>
    Effect.gen(function* () {
      const store = yield* MemoryStore.make()
      const { next } = yield* watching(store, "leader")
      yield* next
      for (let i = 1; i <= 50; i++) {
        yield* store.put("live", "leader", bytes(`${i}`))
        assert.deepStrictEqual(yield* next, [`leader@${i}=${i}`])
      }
    })
  )

  it.effect("shows all of a burst that is not too long", () =>
    Effect.gen(function* () {
      const store = yield* MemoryStore.make()
      const { next } = yield* watching(store, "leader")
      yield* next
      for (let i = 1; i <= 1000; i++) yield* store.put("live", "leader", bytes(`${i}`))
      assert.lengthOf(yield* next, 1000)
    })
  )

  it.effect("keeps for a slow reader no more than the newest of each key and a few", () =>
    Effect.gen(function* () {
      const store = yield* MemoryStore.make()
      const { next, pull } = yield* watching(store, "worker.>")
      yield* next
      // Unevenly, so that the order of the keys is not that of their first writes.
      const keyOf = (i: number) => `worker.worker-${(i * i) % 7}`
      const newest = new Map<string, number>()
      for (let i = 1; i <= 20_000; i++) newest.set(keyOf(yield* store.put("live", keyOf(i), bytes("a"))), i)
      const shown = yield* pull
      assert.isAtMost(shown.length, 1024 + 7)
      const seen = new Map<string, number>()
      const revisions = shown.flatMap((event) => {
        if (event._tag !== "Entry") return []
        seen.set(event.key, event.revision)
        return [event.revision]
      })
      assert.deepStrictEqual(seen, newest)
      assert.deepStrictEqual(
        revisions,
        revisions.toSorted((a, b) => a - b)
      )
    })
  )

  it.effect("tells a slow reader all that is gone before it is synced", () =>
    Effect.gen(function* () {
      const store = yield* MemoryStore.make()
      yield* store.put("live", "worker.a", bytes("a"))
      yield* store.put("live", "worker.b", bytes("b"))
      const { next } = yield* watching(store, "worker.>")
      yield* next
      yield* store.reset("live")
      for (let i = 0; i < 3000; i++) yield* store.put("live", "worker.a", bytes("new"))
      const shown = yield* next
      assert.strictEqual(shown[0], "Opened")
      assert.isAbove(shown.indexOf("Synced"), shown.indexOf("worker.b@0=gone"))
      assert.isAbove(shown.indexOf("worker.b@0=gone"), 0)
      assert.strictEqual(shown.at(-1), "worker.a@3002=new")
    })
  )

  it.effect("loses nothing when a reader gives up waiting and comes back", () =>
    Effect.gen(function* () {
      const store = yield* MemoryStore.make()
      const { next } = yield* watching(store, "leader")
      yield* next
      const impatient = yield* Effect.forkChild(Effect.timeoutOption(next, 100), { startImmediately: true })
      yield* TestClock.adjust(100)
      assert.isTrue(Option.isNone(yield* Fiber.join(impatient)))
      yield* store.put("live", "leader", bytes("a"))
      assert.deepStrictEqual(yield* next, ["leader@1=a"])
    })
  )

  it.effect("does not take what comes when its reader is interrupted at that moment", () =>
    Effect.gen(function* () {
      const store = yield* MemoryStore.make()
      const { next } = yield* watching(store, "leader")
      yield* next
      const reader = yield* Effect.forkChild(next, { startImmediately: true })
      yield* store.put("live", "leader", bytes("a"))
      yield* Fiber.interrupt(reader)
      assert.deepStrictEqual(yield* next, ["leader@1=a"])
    })
  )

  it.effect("shows a change in a later step than its write, so that a reader may write in answer", () =>
    Effect.gen(function* () {
      const store = yield* MemoryStore.make()
      const log: Array<string> = []
      const answer = (event: WatchEvent) =>
        event._tag === "Entry" && event.revision < 4
          ? Effect.map(store.write("live", "leader", bytes("answer"), { expected: event.revision }), (revision) => {
              log.push(`answered with ${revision}`)
            })
          : Effect.void
      yield* Effect.forkChild(Stream.runForEach(store.watch("live", ["leader"]), answer), { startImmediately: true })
      const first = yield* store.put("live", "leader", bytes("question"))
      log.push(`asked with ${first}`)
      while ((yield* store.revision("live")) < 4) yield* Effect.yieldNow
      assert.deepStrictEqual(log, ["asked with 1", "answered with 2", "answered with 3", "answered with 4"])
    })
  )

  it.effect("is closed when its stream ends, fails or is interrupted", () =>
    Effect.gen(function* () {
      const store = yield* MemoryStore.make()
      const watch = store.watch("live", ["leader", "worker.>"])
      yield* Stream.runDrain(Stream.take(watch, 1))
      yield* Effect.exit(Stream.runForEach(watch, () => Effect.fail("no")))
      assert.strictEqual(yield* store.watchCount, 0)
      const readers = yield* Effect.replicateEffect(
        Effect.forkChild(Stream.runDrain(watch), { startImmediately: true }),
        20
      )
      assert.strictEqual(yield* store.watchCount, 20)
      yield* Fiber.interruptAll(readers)
      assert.strictEqual(yield* store.watchCount, 0)
    })
  )

  it.effect("opens when it is run, not when it is asked for", () =>
    Effect.gen(function* () {
      const store = yield* MemoryStore.make()
      const watch = store.watch("live", ["leader"])
      yield* store.put("live", "leader", bytes("a"))
      assert.strictEqual(yield* store.watchCount, 0)
      assert.lengthOf(yield* Stream.runCollect(Stream.take(watch, 3)), 3)
    })
  )
})

describe("The embedded store", () => {
  it.effect("takes a value of the greatest size, and names the size when it refuses one", () =>
    Effect.gen(function* () {
      const store = yield* MemoryStore.make({ maxValueBytes: 100 })
      yield* store.put("plan", "plan", new Uint8Array(100))
      const error = yield* Effect.flip(store.put("plan", "plan", new Uint8Array(101)))
      assert.include(error.message, "plan has 101 bytes, and the store takes 100")
      const usual = yield* MemoryStore.make()
      yield* usual.put("plan", "plan", new Uint8Array(1024 * 1024))
      assert.strictEqual(
        (yield* Effect.flip(usual.put("plan", "plan", new Uint8Array(1024 * 1024 + 1))))._tag,
        "ValueTooLarge"
      )
    })
  )

  it.effect("says which rule a bad key breaks", () =>
    Effect.gen(function* () {
      const store = yield* MemoryStore.make()
      const messageOf = (exit: Exit.Exit<unknown, unknown>) =>
        Exit.isFailure(exit) ? String(Cause.squash(exit.cause)) : "no failure"
      assert.include(
        messageOf(yield* Effect.exit(store.put("live", "worker 1", bytes("a")))),
        `key "worker 1" may only have`
      )
      assert.include(
        messageOf(yield* Effect.exit(store.remove("live", "worker."))),
        `key "worker." may not begin or end`
      )
      const watch = Stream.runDrain(store.watch("live", ["worker.*"]))
      assert.include(messageOf(yield* Effect.exit(watch)), `pattern "worker.*" is neither a key nor a prefix`)
    })
  )

  it.effect("counts what each bucket has accepted", () =>
    Effect.gen(function* () {
      const store = yield* MemoryStore.make()
      yield* store.put("live", "leader", bytes("a"))
      yield* Effect.flip(store.write("live", "leader", bytes("b"), { expected: Revision.absent }))
      yield* store.remove("live", "leader")
      yield* store.remove("live", "leader")
      assert.strictEqual(yield* store.revision("live"), 2)
      assert.strictEqual(yield* store.revision("plan"), 0)
    })
  )

  it.effect("is one store for each name of a group", () =>
    Effect.gen(function* () {
      const groups = yield* MemoryStore.makeGroups({ maxValueBytes: 10 })
      const store = yield* groups("a")
      assert.strictEqual(yield* groups("a"), store)
      assert.notStrictEqual(yield* groups("b"), store)
      assert.strictEqual((yield* Effect.flip(store.put("live", "leader", new Uint8Array(11))))._tag, "ValueTooLarge")
    })
  )

  it.effect("is a new one for each layer", () =>
    Effect.gen(function* () {
      const put = Effect.flatMap(CoordinationStore, (store) => store.put("live", "leader", bytes("a")))
      const layer = MemoryStore.layer()
      assert.strictEqual(yield* Effect.provide(Effect.andThen(put, put), layer), 2)
      assert.strictEqual(yield* Effect.provide(put, Layer.fresh(layer)), 1)
    })
  )
})
