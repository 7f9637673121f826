import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Group from "./Group.ts"

const leaseMs = 10_000
const partitions = Group.partitions(60)
const three = ["a", "b", "c"]

/** A process whose worker has an id that outlives it. */
const named = (group: Group.Group, process: string, workerId: string) => group.join(process, { config: { workerId } })

/** Three workers under ids of their own, at work, and who runs what. */
const atWork = Effect.gen(function* () {
  const group = yield* Group.make({ partitions })
  for (const name of three) yield* named(group, name, `id-${name}`)
  yield* Group.pass("60 seconds")
  Group.assertBalanced(group, 60, three)
  return { group, before: group.running() }
})

/** Each new process runs what the one before it under the same id had run. */
const assertBack = (group: Group.Group, before: Readonly<Record<string, ReadonlyArray<string>>>) => {
  const after = group.running()
  for (const name of three) assert.sameMembers([...(after[`${name}2`] ?? [])], [...(before[name] ?? [])])
  Group.assertExclusive(group.intervals)
}

describe("A group of which all crash", () => {
  it.effect("and are followed by as many under other ids hands everything to these", () =>
    Effect.gen(function* () {
      const group = yield* Group.settled(three, { partitions })
      for (const { crash } of group.members) yield* crash
      const others = ["d", "e", "f"]
      yield* group.joinAll(...others)
      yield* Group.pass("2 minutes")
      Group.assertBalanced(group, 60, others)
      Group.assertExclusive(group.intervals)
    })
  )
})

describe("A group of which all restart", () => {
  it.effect("in good order and within the window moves nothing, and waits for no lease", () =>
    Effect.gen(function* () {
      const { before, group } = yield* atWork
      yield* Effect.forkChild(
        Effect.forEach(group.members, ({ parti }) => parti.stop({ intent: "restart" }), { concurrency: "unbounded" })
      )
      yield* Group.pass("1 second")
      assert.deepStrictEqual(group.running(), {})
      const since = yield* group.now
      for (const name of three) yield* named(group, `${name}2`, `id-${name}`)
      yield* Group.pass(leaseMs / 2)
      assertBack(group, before)
      assert.lengthOf(
        group.intervals.filter(({ from }) => from >= since),
        60,
        "nothing was started twice"
      )
    })
  )

  it.effect("from ten to none to ten, quickly, is whole again, and never runs anything twice", () =>
    Effect.gen(function* () {
      const ten = Array.from({ length: 10 }, (_, i) => `p${i}`)
      const group = yield* Group.settled(ten, { partitions })
      yield* Effect.forkChild(Effect.forEach(group.members, ({ parti }) => parti.stop(), { concurrency: "unbounded" }))
      yield* Group.pass("2 seconds")
      const again = ten.map((name) => `${name} again`)
      yield* group.joinAll(...again)
      yield* Group.pass("2 minutes")
      Group.assertBalanced(group, 60, again)
      Group.assertExclusive(group.intervals)
    })
  )
})
