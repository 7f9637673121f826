import { assert, describe, it } from "@effect/vitest"
import { Effect, Result, Stream } from "effect"
import { TestClock } from "effect/testing"
import type { Fact } from "../../src/protocol/Event.ts"
import * as Listing from "../../src/runtime/Listing.ts"
import { partitionsOf } from "./Samples.ts"

describe("A listing", () => {
  it.effect("tells of a source that dies, and follows it again", () =>
    Effect.gen(function* () {
      let followed = 0
      const changes = Stream.suspend(() => {
        followed += 1
        return followed === 1 ? Stream.die(new Error("no such table")) : Stream.make(Result.succeed(partitionsOf("a")))
      })
      const facts: Array<Fact> = []
      const read = Effect.die(new Error("no such view"))
      const listing = yield* Listing.make({ changes, read }, (fact) => Effect.sync(() => void facts.push(fact)))
      yield* listing.follow
      yield* TestClock.adjust(0)
      assert.deepStrictEqual(facts.splice(0), [{ _tag: "PartitionsFailed", reason: "no such table" }])
      yield* TestClock.adjust(5_000)
      assert.deepStrictEqual(facts.splice(0), [{ _tag: "PartitionsListed", partitions: partitionsOf("a") }])
      yield* listing.read
      yield* TestClock.adjust(0)
      assert.deepStrictEqual(facts, [{ _tag: "PartitionsFailed", reason: "no such view" }])
    })
  )
})
