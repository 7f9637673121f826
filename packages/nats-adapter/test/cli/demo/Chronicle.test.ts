import { assert, describe, it } from "vitest"
import * as Chronicle from "../../../src/cli/demo/Chronicle.ts"

const idle = { tag: "Idle", reason: null, endsInMs: null }
const scaling = { tag: "Scaling", reason: "planned_scale", endsInMs: 1200 }
const rebalancing = { tag: "Rebalancing", reason: "planned_scale", endsInMs: null }
const emergency = { tag: "Emergency", reason: "emergency", endsInMs: null }
const moves = (reason: string, moved: number) => ({ reason, moved, minimum: moved })

const tell = (views: ReadonlyArray<Omit<Chronicle.Seen, "version" | "leader"> & { readonly version?: number }>) => {
  const news: Array<string> = []
  let chronicle = Chronicle.empty
  for (const [i, view] of views.entries()) {
    const next = Chronicle.observe(chronicle, { version: i + 1, leader: "worker-1", ...view })
    chronicle = next.chronicle
    news.push(...next.news)
  }
  return { chronicle, news }
}

describe("The demo's story of the group", () => {
  it("tells of a window, a rebalance and its moves", () => {
    const { chronicle, news } = tell([
      { phase: idle, lastRebalance: null },
      { phase: scaling, lastRebalance: null },
      { phase: rebalancing, lastRebalance: moves("planned_scale", 9) },
      { phase: rebalancing, lastRebalance: moves("planned_scale", 12) },
      { phase: idle, lastRebalance: moves("planned_scale", 12) }
    ])
    assert.deepStrictEqual(news, [
      "worker-1 leads",
      "planned_scale: a window of 1.2 s opens",
      "planned_scale: partitions are handed over",
      "planned_scale: done, 12 moved, 12 had to"
    ])
    assert.deepStrictEqual(chronicle.rebalances, [moves("planned_scale", 12)])
  })

  it("counts a crash in the middle of a rebalance as another one", () => {
    const { chronicle } = tell([
      { phase: rebalancing, lastRebalance: moves("planned_scale", 12) },
      { phase: emergency, lastRebalance: moves("emergency", 5) },
      { phase: idle, lastRebalance: moves("emergency", 5) }
    ])
    assert.deepStrictEqual(chronicle.rebalances, [moves("planned_scale", 12), moves("emergency", 5)])
  })

  it("tells of a window whose cause has gone", () => {
    const { chronicle, news } = tell([
      { phase: scaling, lastRebalance: null },
      { phase: idle, lastRebalance: null }
    ])
    assert.deepStrictEqual(news.at(-1), "the window's cause has gone: nothing moves")
    assert.deepStrictEqual(chronicle.rebalances, [])
  })

  it("takes no plan twice, and none that is older", () => {
    const { news } = tell([
      { version: 5, phase: rebalancing, lastRebalance: null },
      { version: 5, phase: idle, lastRebalance: null },
      { version: 4, phase: idle, lastRebalance: null }
    ])
    assert.deepStrictEqual(news, ["worker-1 leads", "planned_scale: partitions are handed over"])
  })
})
