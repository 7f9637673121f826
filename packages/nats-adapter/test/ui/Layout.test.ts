import { assert, describe, it } from "vitest"
import * as Layout from "../../ui/Layout.js"
import * as Model from "../../ui/Model.js"

/** A group in which each worker has as many partitions as the others; one more partition has no owner. */
const group = (workers: number, partitions: number): Model.Model => {
  const names = Array.from({ length: workers }, (_, seat) => `worker-${seat}`)
  const ids = Array.from({ length: partitions }, (_, place) => `p${place}`)
  return Model.follow(
    Model.empty,
    {
      now: 0,
      names,
      workers: names.map((_, seat) => ({
        seat,
        standing: "live",
        isLeader: false,
        isDrained: false,
        isBehind: false,
        weight: 1,
        capacity: 1,
        zone: null,
        version: null,
        heartbeatAt: 0
      })),
      list: { version: 1, ids, weights: 1 },
      owner: ids.map((_, place) => (place === 0 ? Model.nobody : place % workers)),
      handoffs: []
    },
    0
  )
}

const sizes = [
  [1, 1],
  [2, 6],
  [6, 108],
  [20, 1000],
  [200, 10_000]
] as const

interface Area {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

const isInside = (inner: Area, outer: Area) =>
  inner.x >= outer.x &&
  inner.y >= outer.y &&
  inner.x + inner.width <= outer.x + outer.width + 0.001 &&
  inner.y + inner.height <= outer.y + outer.height

describe.each(sizes)("The picture of %i workers and %i partitions", (workers, partitions) => {
  it.each([320, 1000, 1400])("has every partition in its owner's box, and fits %i pixels", (width) => {
    const { boxes, height, size } = Layout.of(group(workers, partitions), width)
    const shown = boxes.flatMap(({ cells }) => cells.map(({ place }) => place))
    assert.lengthOf(boxes, workers + 1)
    assert.sameMembers(
      shown,
      Array.from({ length: partitions }, (_, place) => place)
    )
    for (const box of boxes) {
      assert.isTrue(isInside(box, { x: 0, y: 0, width, height }), JSON.stringify(box.seat))
      for (const cell of box.cells) assert.isTrue(isInside({ ...cell, height: size.height }, box), `p${cell.place}`)
    }
  })

  it("finds what is pointed at", () => {
    const layout = Layout.of(group(workers, partitions), 1000)
    for (const box of layout.boxes) {
      assert.strictEqual(Layout.at(layout, box.x + 1, box.y + 1)?.box, box)
      for (const cell of box.cells.slice(0, 5)) assert.strictEqual(Layout.at(layout, cell.x, cell.y)?.cell, cell)
    }
    assert.isNull(Layout.at(layout, 5, layout.height + 1))
  })
})
