import * as Partition from "@parti/core/Partition"
import { Result } from "effect"
import fc from "fast-check"
import { assert, describe, it } from "vitest"
import * as Change from "../../src/cli/ui/Change.ts"
import type * as HistoryRow from "../../src/cli/ui/HistoryRow.ts"
import * as Picture from "../../src/cli/ui/Picture.ts"
import * as Model from "../../ui/Model.js"
import * as SampleGroup from "../cli/SampleGroup.ts"

const origin = { group: "orders", server: "127.0.0.1:4222", serverVersion: "2.12.0", isConnected: true, roundTripMs: 1 }

const source = (sample: SampleGroup.Sample, history: ReadonlyArray<HistoryRow.HistoryRow> = []): Picture.Source => ({
  origin,
  snapshot: SampleGroup.snapshotOf(sample),
  history,
  serverNow: SampleGroup.now
})

const row = (number: number, outcome: HistoryRow.HistoryRow["outcome"]): HistoryRow.HistoryRow => ({
  number,
  decidedAt: SampleGroup.now,
  trigger: "planned_scale",
  cause: "planned change",
  strategy: "sticky",
  moved: number,
  minimum: number,
  tookMs: outcome === "done" ? 100 : null,
  outcome
})

const ids = ["worker-1", "worker-2", "worker-10"]
const holder = fc.constantFrom(null, ...ids)
const places = fc.array(holder, { minLength: 6, maxLength: 6 })

/** A group at some instant: any workers, any owners, any history. */
const instant = fc.record({
  version: fc.integer({ min: 1, max: 1000 }),
  list: fc.integer({ min: 1, max: 2 }),
  owner: places,
  next: places,
  workers: fc.subarray(ids, { minLength: 1 }),
  history: fc.uniqueArray(fc.integer({ min: 1, max: 9 })),
  outcome: fc.constantFrom("done" as const, "under way" as const),
  isPaused: fc.boolean()
})

type Instant = Parameters<Parameters<typeof instant.map>[0]>[0]

const sourceOf = (now: Instant): Picture.Source =>
  source(
    {
      workers: now.workers.map((id) => ({ id })),
      partitions: SampleGroup.partitionsOf(6, now.list * 100),
      owner: now.owner,
      next: now.next,
      plan: { version: now.version, list: listOf(now.list) },
      ...(now.isPaused ? { pausedForMs: 1000 } : {})
    },
    [...now.history].sort((one, other) => other - one).map((number) => row(number, now.outcome))
  )

const listOf = (version: number) => ({
  version,
  partitions: Result.getOrThrow(Partition.normalise(SampleGroup.partitionsOf(6, version * 100)))
})

const shown = ({ facts, handoffs, history, list, names, owner, workers }: Model.Model) => ({
  facts,
  names,
  list,
  owner,
  handoffs: [...handoffs],
  history,
  workers: [...workers.values()].sort((one, other) => one.seat - other.seat)
})

const whole = (picture: Picture.Picture): Model.Model => {
  const change = Change.between(null, picture) ?? assert.fail("the first picture is all news")
  return Model.follow(Model.empty, { now: SampleGroup.now, ...change }, 0)
}

describe("What is told to a page", () => {
  it("is enough to show what a page shows that begins anew, however the group changes", () => {
    fc.assert(
      fc.property(fc.array(instant, { minLength: 1, maxLength: 8 }), (instants) => {
        let picture: Picture.Picture | null = null
        let model = Model.empty
        for (const now of instants) {
          const next: Picture.Picture = Picture.after(picture, sourceOf(now))
          const change = Change.between(picture, next)
          if (change !== null) model = Model.follow(model, { now: SampleGroup.now, ...change }, 0)
          picture = next
          assert.deepStrictEqual(shown(model), shown(whole(next)))
        }
      })
    )
  })

  it("is nothing where nothing has changed", () => {
    const now = source({}, [row(1, "done")])
    const first = Picture.after(null, now)
    assert.isNull(Change.between(first, Picture.after(first, { ...now, serverNow: now.serverNow + 100 })))
  })

  it("is the places that have moved, not the whole of a large group", () => {
    const partitions = SampleGroup.partitionsOf(2000)
    const sample = (moved: number): SampleGroup.Sample => ({
      partitions,
      owner: partitions.map((_, place) => (place === moved ? "worker-2" : "worker-1")),
      plan: { version: 10 + moved }
    })
    const before = Picture.after(null, source(sample(3)))
    const change = Change.between(before, Picture.after(before, source(sample(1500))))
    assert.deepStrictEqual(change?.moved, [
      [3, before.names.indexOf("worker-1")],
      [1500, before.names.indexOf("worker-2")]
    ])
    assert.hasAllKeys(change, ["facts", "moved"])
    assert.isBelow(JSON.stringify(change).length, 2000)
  })

  it("keeps the seat of a worker for as long as it is shown, whoever comes and goes", () => {
    const first = Picture.after(null, source({ workers: [{ id: "worker-2" }] }))
    const second = Picture.after(first, source({ workers: [{ id: "worker-1" }], plan: { version: 2 } }))
    assert.deepStrictEqual(second.names, ["worker-2", "worker-1"])
    assert.deepStrictEqual(Change.between(first, second)?.gone, [0])
  })
})

describe("A page", () => {
  it("knows of a move from where it came, and forgets it when it is old", () => {
    const at = (version: number, owner: string) =>
      source({ partitions: SampleGroup.partitionsOf(1), owner: [owner], plan: { version } })
    const first = Picture.after(null, at(1, "worker-1"))
    const second = Picture.after(first, at(2, "worker-2"))
    const change = Change.between(first, second) ?? assert.fail("it has moved")
    const moved = Model.follow(whole(first), { now: SampleGroup.now, ...change }, 1000)
    assert.deepStrictEqual([...moved.moves], [[0, { at: 1000, from: first.names.indexOf("worker-1") }]])
    const later = Model.follow(moved, { now: SampleGroup.now }, 1001 + Model.rememberedMs)
    assert.strictEqual(later.moves.size, 0)
  })

  it("counts a window down by the server's clock, and never past its length", () => {
    const phase = {
      _tag: "Scaling",
      reason: "planned_scale",
      windowMs: 10_000,
      startedAt: SampleGroup.now - 4000
    } as const
    const model = whole(Picture.after(null, source({ plan: { version: 1, phase } })))
    assert.strictEqual(Model.windowLeft(model, 0), 6000)
    assert.strictEqual(Model.windowLeft(model, 5000), 1000)
    assert.strictEqual(Model.windowLeft(model, 50_000), 0)
    assert.strictEqual(Model.windowLeft(model, -50_000), 10_000)
  })

  it("seats nobody first and workers by number, each with what it has and what is to arrive", () => {
    const sample: SampleGroup.Sample = {
      workers: [{ id: "worker-10" }, { id: "worker-9" }],
      partitions: SampleGroup.partitionsOf(3),
      owner: ["worker-9", null, "worker-9"],
      next: ["worker-10", "worker-9", "worker-9"]
    }
    const seats = Model.seats(whole(Picture.after(null, source(sample))))
    assert.deepStrictEqual(
      seats.map(({ arriving, name, places }) => ({
        name,
        places: [...places].sort((one, other) => one - other),
        arriving
      })),
      [
        { name: "nobody", places: [1], arriving: [] },
        { name: "worker-9", places: [0, 2], arriving: [1] },
        { name: "worker-10", places: [], arriving: [0] }
      ]
    )
  })

  it("knows what each partition weighs, in one number where that will do", () => {
    const weightsOf = (weights: ReadonlyArray<number>) => {
      const partitions = weights.map((weight, place) => ({ keys: [`p${place}`], weight }))
      const { list } = whole(Picture.after(null, source({ partitions })))
      return typeof list.weights === "number" ? list.weights : [...list.weights].sort((one, other) => one - other)
    }
    assert.deepStrictEqual([weightsOf([5, 5]), weightsOf([5, 7])], [5, [5, 7]])
  })

  it("lists partitions by their ids, numbers by their value", () => {
    const model = whole(Picture.after(null, source({ partitions: SampleGroup.partitionsOf(12) })))
    assert.deepStrictEqual(
      model.order.map((place) => model.list.ids[place]),
      Array.from({ length: 12 }, (_, number) => `p${number}`)
    )
  })
})
