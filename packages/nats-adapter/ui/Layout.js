/**
 * Where everything stands in the picture: a box for each worker, a cell for each of its partitions.
 *
 * @import { Model, Seat } from "./Model.js"
 */
import { nobody, seats } from "./Model.js"

/** @typedef {"owned" | "leaving" | "arriving" | "unowned"} Kind */

/**
 * @typedef {object} Cell
 * @property {number} place
 * @property {Kind} kind
 * @property {number} x
 * @property {number} y
 * @property {number} width
 */

/**
 * @typedef {object} Box
 * @property {Seat} seat
 * @property {number} x
 * @property {number} y
 * @property {number} width
 * @property {number} height
 * @property {ReadonlyArray<Cell>} cells
 */

/**
 * @typedef {object} Size
 * @property {number} width
 * @property {number} height
 * @property {number} gap
 * @property {boolean} isNamed Whether there is room for the partition's id.
 */

/** @typedef {{ readonly boxes: ReadonlyArray<Box>, readonly size: Size, readonly height: number }} Layout */

/** The most partitions for which a size of cells will do. */
const sizes = [
  { most: 160, size: { width: 58, height: 22, gap: 4, isNamed: true } },
  { most: 1000, size: { width: 14, height: 14, gap: 3, isNamed: false } },
  { most: 4000, size: { width: 10, height: 10, gap: 2, isNamed: false } }
]

/** @type {Size} */
const smallest = { width: 7, height: 7, gap: 1, isNamed: false }

export const padding = 10
export const header = 24
const between = 10

/** The least width of a box, by how many workers there are at most. */
const widths = [
  { most: 4, width: 280 },
  { most: 24, width: 220 }
]
const narrowest = 164

/**
 * @param {Model} model
 * @param {number} width
 * @returns {Layout}
 */
export const of = (model, width) => {
  const size = sizes.find(({ most }) => model.list.ids.length <= most)?.size ?? smallest
  const [none, ...workers] = seats(model)
  const boxes = none === undefined ? [] : [boxOf(model, none, size, { x: 0, y: 0, width })]
  const least = widths.find(({ most }) => workers.length <= most)?.width ?? narrowest
  const most = Math.max(1, Math.min(workers.length, Math.floor((width + between) / (least + between))))
  // As many in each row as rows allow: no last row with one box in it.
  const columns = Math.ceil(workers.length / Math.ceil(workers.length / most)) || 1
  const each = Math.floor((width - between * (columns - 1)) / columns)
  let y = below(boxes)
  for (let first = 0; first < workers.length; first += columns) {
    const row = workers
      .slice(first, first + columns)
      .map((seat, column) => boxOf(model, seat, size, { x: column * (each + between), y, width: each }))
    const height = Math.max(...row.map((box) => box.height))
    boxes.push(...row.map((box) => ({ ...box, height })))
    y += height + between
  }
  return { boxes, size, height: Math.max(1, Math.ceil(y - between)) }
}

/** @param {ReadonlyArray<Box>} boxes */
const below = (boxes) => boxes.reduce((y, box) => Math.max(y, box.y + box.height + between), 0)

/**
 * @param {Model} model
 * @param {Seat} seat
 * @param {Size} size
 * @param {{ readonly x: number, readonly y: number, readonly width: number }} at
 * @returns {Box}
 */
const boxOf = ({ handoffs }, seat, size, { width, x, y }) => {
  const step = size.width + size.gap
  const inner = width - 2 * padding
  const fitting = Math.max(1, Math.floor((inner + size.gap) / step))
  // Cells with names fill the width; small ones are squares.
  const each = size.isNamed ? (inner + size.gap) / fitting - size.gap : size.width
  /** @param {number} place @returns {Kind} */
  const kindOf = (place) => (seat.seat === nobody ? "unowned" : handoffs.has(place) ? "leaving" : "owned")
  /** @type {ReadonlyArray<readonly [number, Kind]>} */
  const shown = [
    ...seat.places.map((place) => /** @type {const} */ ([place, kindOf(place)])),
    ...seat.arriving.map((place) => /** @type {const} */ ([place, "arriving"]))
  ]
  const cells = shown.map(([place, kind], index) => ({
    place,
    kind,
    width: each,
    x: x + padding + (index % fitting) * (each + size.gap),
    y: y + padding + header + Math.floor(index / fitting) * (size.height + size.gap)
  }))
  const rows = Math.ceil(shown.length / fitting)
  const height = header + 2 * padding + (rows === 0 ? -padding : rows * (size.height + size.gap) - size.gap)
  return { seat, x, y, width, height, cells }
}

/**
 * What is at a point: a cell, or the head of a worker's box.
 *
 * @param {Layout} layout
 * @param {number} x
 * @param {number} y
 * @returns {{ readonly box: Box, readonly cell: Cell | null } | null}
 */
export const at = ({ boxes, size }, x, y) => {
  const box = boxes.find((each) => x >= each.x && x < each.x + each.width && y >= each.y && y < each.y + each.height)
  if (box === undefined) return null
  // The gap belongs to the cell before it: small cells would be hard to hit.
  const cell = box.cells.find(
    (each) => x >= each.x && x < each.x + each.width + size.gap && y >= each.y && y < each.y + size.height + size.gap
  )
  return { box, cell: cell ?? null }
}
