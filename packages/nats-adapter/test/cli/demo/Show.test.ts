import { assert, describe, it } from "@effect/vitest"
import * as MemoryStore from "@parti/core/MemoryStore"
import { Deferred, Effect, Logger, Stream } from "effect"
import type { Entry } from "../../../src/cli/demo/Scene.ts"
import * as Show from "../../../src/cli/demo/Show.ts"
import * as Summary from "../../../src/cli/demo/Summary.ts"

const chosen = { seconds: 8, seed: 1, workers: 4, partitions: 24 }

describe("A show", () => {
  it.live(
    "does nothing to its workers before they have partitions, however long that takes",
    () =>
      Effect.gen(function* () {
        const memory = yield* MemoryStore.make()
        const answers = yield* Deferred.make<void>()
        // As a server on a busy machine: nothing is shown until the script would be half over.
        const store = {
          ...memory,
          watch: (...asked: Parameters<typeof memory.watch>) =>
            Stream.unwrap(Effect.as(Deferred.await(answers), memory.watch(...asked)))
        }
        const told: Array<Entry> = []
        let frames = 0
        const screen = {
          show: () => {
            if (++frames === 40) Deferred.doneUnsafe(answers, Effect.void)
          },
          tell: (entry: Entry) => void told.push(entry),
          close: () => undefined
        }
        const summary = yield* Show.playOn({ group: "demo", store }, chosen, screen)
        const texts = told.map(({ text }) => text).join("\n")
        assert.deepStrictEqual(Summary.faults(summary), [], texts)
        const placeOf = (words: RegExp) => told.findIndex(({ text }) => words.test(text))
        assert.match(texts, /cold_start: done, 24 moved, 24 had to/)
        assert.isAbove(placeOf(/is killed/), placeOf(/cold_start: done/), texts)
        assert.lengthOf(
          told.slice(placeOf(/cold_start: done/)).filter(({ text }) => / starts$/.test(text)),
          1,
          texts
        )
      }).pipe(Effect.provide(Logger.layer([]))),
    { timeout: 60_000 }
  )
})
