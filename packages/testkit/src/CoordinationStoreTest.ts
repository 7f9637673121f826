/**
 * The contract of `CoordinationStore` as a suite of tests, for every implementation: ours and yours.
 *
 * It registers tests with vitest, so import it from test files alone; that is why the package's index leaves it out.
 *
 * @since 0.1.0
 */
import { CoordinationStore } from "@parti/core/CoordinationStore"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { randomUUID } from "node:crypto"
import { describe, it } from "vitest"
import type { Rule, Store } from "./conformance/Rule.ts"
import { watchRules } from "./conformance/WatchRules.ts"
import { writeRules } from "./conformance/WriteRules.ts"

/**
 * What the suite cannot know of an implementation.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** The size of a value that the store must refuse. Default: 2 MiB. */
  readonly tooLargeBytes?: number
  /** Counts the watches that a store made by the layer has open, where it can tell: then leaks are found. */
  readonly openWatches?: (store: Store) => Effect.Effect<number>
  /** How long one test may take. Default: 60 s. */
  readonly testTimeoutMs?: number
}

/**
 * Registers the suite for one implementation.
 *
 * **Details**
 *
 * `layer` makes a client for a group. Two calls with one name must give two clients of the same group; each test takes
 * new names. The store must be healthy: what it does under faults is not judged here. The tests run on the live clock,
 * wait for events, and never for time to pass.
 *
 * **Example**
 *
 * ```ts
 * import { CoordinationStore } from "@parti/core/CoordinationStore"
 * import * as MemoryStore from "@parti/core/MemoryStore"
 * import * as CoordinationStoreTest from "@parti/testkit/CoordinationStoreTest"
 * import * as Effect from "effect/Effect"
 * import * as Layer from "effect/Layer"
 *
 * // This one takes more than the 2 MiB that the suite wants to see refused by default, and is slow.
 * const options: CoordinationStoreTest.Options = { tooLargeBytes: 9_000_000, testTimeoutMs: 120_000 }
 * const groups = Effect.runSync(MemoryStore.makeGroups({ maxValueBytes: 8_000_000 }))
 *
 * CoordinationStoreTest.suite("MemoryStore", (group) => Layer.effect(CoordinationStore, groups(group)), options)
 * ```
 *
 * @category tests
 * @since 0.1.0
 */
export const suite = <E>(
  name: string,
  layer: (group: string) => Layer.Layer<CoordinationStore, E>,
  options: Options = {}
): void => {
  const register = (rules: ReadonlyArray<Rule>) => {
    for (const rule of rules)
      it(rule.title, () => Effect.runPromise(run(rule, layer, options)), options.testTimeoutMs ?? 60_000)
  }
  describe(`${name}, as a coordination store,`, () => {
    describe("on writing", () => register(writeRules))
    describe("on watching", () => register(watchRules))
  })
}

const run = <E>(rule: Rule, layer: (group: string) => Layer.Layer<CoordinationStore, E>, options: Options) =>
  Effect.gen(function* () {
    const group = `conformance-${randomUUID()}`
    const client = (name: string) =>
      Effect.map(Layer.build(layer(name)), (context) => Context.get(context, CoordinationStore))
    const store = yield* client(group)
    yield* rule.check({
      store,
      sameGroup: client(group),
      otherGroup: client(`${group}-other`),
      tooLargeBytes: options.tooLargeBytes ?? 2 * 1024 * 1024,
      openWatches: options.openWatches?.(store) ?? null
    })
  }).pipe(Effect.scoped)
