import { assert, describe, it } from "@effect/vitest"
import type { WatchEvent } from "@parti/core/CoordinationStore"
import * as MemoryStore from "@parti/core/MemoryStore"
import * as Revision from "@parti/core/Revision"
import { Effect, Exit, Fiber, Stream } from "effect"
import { TestClock } from "effect/testing"
import type { Rule, Store } from "../src/conformance/Rule.ts"
import { watchRules } from "../src/conformance/WatchRules.ts"
import { writeRules } from "../src/conformance/WriteRules.ts"

interface Mutant {
  readonly what: string
  /** The title of a rule that must find it. */
  readonly foundBy: string
  readonly breakStore: (store: MemoryStore.MemoryStore) => Store
}

const mutant = (what: string, foundBy: string, change: (store: MemoryStore.MemoryStore) => Partial<Store>): Mutant => ({
  what,
  foundBy,
  breakStore: (store) => ({ ...store, ...change(store) })
})

/** Changes what a watch shows, chunk by chunk as the store hands it out. */
const showing =
  (change: (events: ReadonlyArray<WatchEvent>) => ReadonlyArray<WatchEvent>) =>
  (store: Store): Partial<Store> => ({
    watch: (bucket, patterns) =>
      store.watch(bucket, patterns).pipe(
        Stream.chunks,
        Stream.flatMap((events) => Stream.fromIterable(change(events)))
      )
  })

const isEntry = ({ _tag }: WatchEvent) => _tag === "Entry"

const mutants: ReadonlyArray<Mutant> = [
  mutant("writes whatever is there", "refuses to update a key at an older revision", (store) => ({
    write: (bucket, key, value) => store.put(bucket, key, value)
  })),
  mutant("creates over what is there", "refuses to create a key that is there, and leaves it as it is", (store) => ({
    write: (bucket, key, value, options) =>
      options.expected === Revision.absent ? store.put(bucket, key, value) : store.write(bucket, key, value, options)
  })),
  mutant("updates what is not there", "refuses to update a key that is not there", (store) => ({
    write: (bucket, key, value, { expected }) =>
      Effect.catchTag(store.write(bucket, key, value, { expected }), "RevisionMismatch", (error) =>
        Effect.catchTag(store.write(bucket, key, value, { expected: Revision.absent }), "RevisionMismatch", () =>
          Effect.fail(error)
        )
      )
  })),
  mutant("answers with a revision of its own", "updates a key at its newest revision", (store) => ({
    write: (...args) => Effect.map(store.write(...args), (revision) => revision + 1)
  })),
  mutant("gives up on a put when the key is there", "puts whatever is there", (store) => {
    const known = new Set<string>()
    return {
      put: (bucket, key, value) =>
        Effect.suspend(() => {
          if (known.has(`${bucket}/${key}`)) return Effect.succeed(1)
          known.add(`${bucket}/${key}`)
          return store.put(bucket, key, value)
        })
    }
  }),
  mutant("removes nothing", "takes a removed key for absent", () => ({ remove: () => Effect.void })),
  mutant("removes without notice", "shows a removal as null, at a later revision", (store) => ({
    remove: (bucket, key) => store.vanish(bucket, key)
  })),
  mutant("takes an empty value for a removal", "keeps an empty value, and does not take it for a removal", (store) =>
    showing((events) =>
      events.map((event) => (event._tag === "Entry" && event.value?.length === 0 ? { ...event, value: null } : event))
    )(store)
  ),
  mutant("reads values as text", "keeps every byte of a value", (store) => ({
    put: (bucket, key, value) => store.put(bucket, key, new TextEncoder().encode(new TextDecoder().decode(value)))
  })),
  mutant("cuts off what is too large", "refuses to put a value that is too large", (store) => ({
    put: (bucket, key, value) => store.put(bucket, key, value.subarray(0, 2 ** 20))
  })),
  mutant("keeps both buckets in one", "keeps the two buckets apart", (store) => ({
    write: (_, key, value, options) => store.write("live", key, value, options),
    put: (_, key, value) => store.put("live", key, value),
    remove: (_, key) => store.remove("live", key),
    watch: (_, patterns) => store.watch("live", patterns)
  })),
  mutant("does not mind a bad key", "dies of a key that is not legal, since it can only be a mistake", (store) => ({
    put: (bucket, key, value) => store.put(bucket, key.replaceAll(/[^a-z]/g, "") || "a", value)
  })),
  mutant("takes no pattern for every key", "dies of patterns that are not legal", (store) => ({
    watch: (bucket, patterns) => store.watch(bucket, patterns.length === 0 ? ["worker.>"] : patterns)
  })),
  mutant(
    "takes a prefix for a beginning of the text",
    "matches by a prefix what lies below it, not what is called like it",
    (store) => ({
      watch: (bucket, patterns) =>
        store.watch(
          bucket,
          patterns.flatMap((each) => [each, each.replace(".>", "")])
        )
    })
  ),
  mutant("never opens", "shows an empty bucket as Opened and Synced", (store) =>
    showing((events) => events.filter(({ _tag }) => _tag !== "Opened"))(store)
  ),
  mutant(
    "is synced before it has listed",
    "lists the newest value of each key between Opened and Synced, oldest first",
    (store) =>
      showing((events) => [
        ...events.filter((e) => e._tag === "Opened"),
        ...events.filter((e) => e._tag === "Synced"),
        ...events.filter(isEntry)
      ])(store)
  ),
  mutant("shows a burst backwards", "shows changes of different keys in the order of their writes", (store) =>
    showing((events) => (events.every(isEntry) ? events.toReversed() : events))(store)
  ),
  mutant("shows entries twice", "shows the last of 2,000 writes to one key", (store) =>
    showing((events) => events.flatMap((event) => (isEntry(event) ? [event, event] : [event])))(store)
  ),
  mutant("loses the last of a burst", "shows a reader that was slow the newest of each key", (store) =>
    showing((events) => (events.length > 3 && events.every(isEntry) ? events.slice(0, -1) : events))(store)
  ),
  mutant(
    "does not show what came while it was listing",
    "leaves no gap between the listing and the changes, when opened amid writes",
    (store) => ({
      watch: (bucket, patterns) =>
        Stream.concat(
          store.watch(bucket, patterns).pipe(Stream.takeUntil(({ _tag }) => _tag === "Synced")),
          Stream.fromEffect(Effect.yieldNow).pipe(
            Stream.flatMap(() => store.watch(bucket, patterns)),
            Stream.dropUntil(({ _tag }) => _tag === "Synced")
          )
        )
    })
  ),
  mutant(
    "names each watch's incarnation anew",
    "keeps the incarnation of a bucket, whoever watches it and whatever is written",
    (store) => {
      let count = 0
      return showing((events) =>
        events.map((event) => (event._tag === "Opened" ? { ...event, incarnation: `${(count += 1)}` } : event))
      )(store)
    }
  ),
  mutant("never closes a watch", "closes a watch with its reader, and goes on serving others", (store) => ({
    watch: (bucket, patterns) =>
      Stream.unwrap(
        Effect.as(
          Effect.forkDetach(Stream.runDrain(store.watch(bucket, patterns)), { startImmediately: true }),
          store.watch(bucket, patterns)
        )
      )
  }))
]

/** Checks a rule in virtual time, so that waiting in vain takes none. */
const breaks = (rule: Rule, breakStore: Mutant["breakStore"]) =>
  Effect.gen(function* () {
    const groups = yield* MemoryStore.makeGroups()
    const client = (group: string) => Effect.map(groups(group), breakStore)
    const store = yield* client("a")
    const subject = {
      store,
      sameGroup: client("a"),
      otherGroup: client("b"),
      tooLargeBytes: 2 ** 21,
      openWatches: Effect.flatMap(groups("a"), (each) => each.watchCount)
    }
    const check = yield* Effect.forkChild(Effect.scoped(rule.check(subject)), { startImmediately: true })
    // In small steps: whoever has work to do must not be overtaken by the clock.
    yield* Effect.repeat(TestClock.adjust("10 millis"), { until: () => check.pollUnsafe() !== undefined })
    return Exit.isFailure(yield* Fiber.await(check))
  })

describe("The suite for coordination stores", () => {
  const rules = [...writeRules, ...watchRules]

  it.effect.each(rules)("accepts the embedded store: $title", (rule) =>
    Effect.gen(function* () {
      assert.isFalse(yield* breaks(rule, (store) => store))
    })
  )

  it.effect.each(mutants)("finds a store that $what", ({ breakStore, foundBy }) =>
    Effect.gen(function* () {
      const rule = rules.find(({ title }) => title === foundBy)
      assert.isDefined(rule, `no rule ${foundBy}`)
      if (rule !== undefined) assert.isTrue(yield* breaks(rule, breakStore))
    })
  )

  it("has no two rules of one name", () => {
    assert.strictEqual(new Set(rules.map(({ title }) => title)).size, rules.length)
  })
})
