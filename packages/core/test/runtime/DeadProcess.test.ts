import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Option, Stream } from "effect"
import { afterEach, vi } from "vitest"
import * as Key from "../../src/model/Key.ts"
import { CoordinationStore } from "../../src/runtime/CoordinationStore.ts"
import * as DeadProcess from "../../src/runtime/DeadProcess.ts"
import * as Group from "./Group.ts"

const partitions = Group.partitions(60)

afterEach(() => vi.unstubAllEnvs())

/** A group of three, of which the one that is named was started by a guardian. */
const guarded = (name: "a" | "b" | "c", config: Group.GroupOptions["config"] = {}) =>
  Effect.gen(function* () {
    const group = yield* Group.make({ partitions, config: { expectedWorkers: 3, ...config } })
    for (const process of ["a", "b", "c"]) {
      vi.stubEnv(DeadProcess.variable, process === name ? "guard" : "")
      yield* group.join(process)
      // One after the other, so that the first leads.
      yield* Group.pass("15 seconds")
    }
    yield* Group.pass("1 minute")
    Group.assertBalanced(group, 60, ["a", "b", "c"])
    assert.strictEqual(group.leader().process, "a")
    return group
  })

/** A record as it is now. */
const entryOf = ({ store }: Group.Group, key: string) =>
  store.watch("live", [key]).pipe(
    Stream.filter((event) => event._tag === "Entry"),
    Stream.runHead,
    Effect.map(Option.getOrThrow),
    Effect.orDie
  )

const evict = (group: { readonly store: CoordinationStore["Service"] }, pid = process.pid) =>
  Effect.provideService(DeadProcess.evict(DeadProcess.sessionPrefix("guard", pid)), CoordinationStore, group.store)

describe("A process whose death its guardian was told of", () => {
  it.effect.each([
    { what: "worker", name: "b" },
    { what: "leader", name: "a" }
  ] as const)("gives its partitions to others at once, whatever its lease ($what)", ({ name }) =>
    Effect.gen(function* () {
      const group = yield* guarded(name)
      const kept = group.intervals.filter(({ process, to }) => process !== name && !Number.isFinite(to))
      yield* group.member(name).crash
      assert.strictEqual(yield* evict(group), 1)
      yield* Group.pass("1 second")
      assert.notProperty(group.running(), name)
      Group.assertBalanced(
        group,
        60,
        ["a", "b", "c"].filter((one) => one !== name)
      )
      for (const { to } of kept) assert.isFalse(Number.isFinite(to), "what did not belong to it stays where it is")
      Group.assertExclusive(group.intervals)
    })
  )

  it.effect(
    "is evicted although a renewal of its own arrives before the eviction; one that arrives later is refused",
    () =>
      Effect.gen(function* () {
        const group = yield* guarded("b")
        const { crash, worker } = group.member("b")
        const key = Key.worker(worker.board.workerId.current() ?? assert.fail("it has an id"))
        yield* crash
        const sent = yield* entryOf(group, key)
        const value = sent.value ?? assert.fail("it is there")
        const renew = (expected: number) => group.store.write("live", key, value, { expected })
        let renewed: number | null = null
        // What it had sent arrives when the guardian has made up its mind.
        const store: CoordinationStore["Service"] = {
          ...group.store,
          write: (...write) =>
            Effect.gen(function* () {
              renewed ??= yield* renew(sent.revision)
              return yield* group.store.write(...write)
            })
        }
        const evicting = yield* Effect.forkChild(evict({ store }))
        assert.strictEqual(yield* Effect.andThen(Group.pass("1 second"), Fiber.join(evicting)), 1)
        assert.strictEqual(
          (yield* Effect.flip(renew(renewed ?? assert.fail("it has arrived"))))._tag,
          "RevisionMismatch"
        )
        yield* Group.pass("1 second")
        assert.notProperty(group.running(), "b")
        Group.assertExclusive(group.intervals)
      })
  )

  it.effect("takes nobody else along", () =>
    Effect.gen(function* () {
      const group = yield* guarded("b")
      const before = group.running()
      assert.strictEqual(yield* evict(group, process.pid + 1), 0, "a child that inherited the name from its parent")
      yield* Group.pass("30 seconds")
      assert.deepStrictEqual(group.running(), before)
    })
  )

  it.effect("is evicted once, however often it is asked for", () =>
    Effect.gen(function* () {
      const group = yield* guarded("b")
      yield* group.member("b").crash
      const counts = yield* Effect.all([evict(group), evict(group), evict(group)], { concurrency: "unbounded" })
      assert.strictEqual(
        counts.reduce((sum, count) => sum + count, 0),
        1
      )
      assert.strictEqual(yield* evict(group), 0)
    })
  )
})

describe("A process", () => {
  it("bears the name that its guardian gave it, unless that is none", () => {
    vi.stubEnv(DeadProcess.variable, "guard-1")
    assert.isTrue(DeadProcess.ownName().startsWith(`guard-1.${process.pid}.`))
    assert.notStrictEqual(DeadProcess.ownName(), DeadProcess.ownName(), "each worker of it has a name of its own")
    for (const strange of ["", "a b", "a.b", "x".repeat(37)]) {
      vi.stubEnv(DeadProcess.variable, strange)
      assert.match(DeadProcess.ownName(), /^[\da-f-]{36}$/)
    }
  })
})
