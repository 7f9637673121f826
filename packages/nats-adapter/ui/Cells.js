/**
 * How partitions are painted: what stands still in few strokes, whatever is special about one after it.
 *
 * @import { Cell } from "./Layout.js"
 * @import { Palette, Scene } from "./Board.js"
 */
import { rememberedMs } from "./Model.js"

/** What the search has not found is still to be guessed at. */
const faint = 0.2

/** The width of the ring around a partition that has just moved. */
const ring = { named: 2, small: 1.5 }

const longestName = 9

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Palette} palette
 * @param {Scene} scene
 * @param {ReadonlyArray<Cell>} cells
 * @param {number} now
 */
export const paint = (context, palette, scene, cells, now) => {
  const { height, isNamed } = scene.layout.size
  const found = cells.filter(({ place }) => scene.isFound(place))
  const parts = found.length === cells.length ? [] : [cells.filter(({ place }) => !scene.isFound(place))]
  for (const part of [found, ...parts]) {
    context.globalAlpha = part === found ? 1 : faint
    const filled = part.filter(({ kind }) => kind === "owned" || kind === "leaving")
    const moved = filled.filter(({ place }) => now - (scene.model.moves.get(place)?.at ?? -Infinity) < rememberedMs)
    fill(context, palette.cell, filled, height, 0)
    fill(context, palette.moved, moved, height, 0)
    fill(context, palette.cell, moved, height, isNamed ? ring.named : ring.small)
    for (const cell of part) paintKind(context, palette, cell, height, isNamed)
    if (scene.waiting !== null) paintLag(context, palette, scene.waiting, part, height)
    if (isNamed) paintNames(context, palette, scene.model.list.ids, part, height)
  }
  context.globalAlpha = 1
}

/**
 * Setting a colour costs more than filling a cell with it.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {string} colour
 * @param {ReadonlyArray<Cell>} cells
 * @param {number} height
 * @param {number} inset
 */
const fill = (context, colour, cells, height, inset) => {
  context.fillStyle = colour
  for (const { width, x, y } of cells) context.fillRect(x + inset, y + inset, width - 2 * inset, height - 2 * inset)
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Palette} palette
 * @param {Cell} cell
 * @param {number} height
 * @param {boolean} isNamed
 */
const paintKind = (context, palette, { kind, width, x, y }, height, isNamed) => {
  if (kind === "owned") return
  context.lineWidth = 1
  if (kind === "leaving") return stripes(context, palette.stripe, x, y, width, height)
  context.strokeStyle = kind === "unowned" ? palette.alarm : palette.muted
  context.setLineDash(kind === "arriving" ? [2, 2] : [])
  context.strokeRect(x + 0.5, y + 0.5, width - 1, height - 1)
  context.setLineDash([])
  if (kind === "unowned") cross(context, x, y, isNamed ? height : width, height)
}

/**
 * The more messages wait, the longer the line; each ten times as many make it longer by a sixth.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Palette} palette
 * @param {ReadonlyArray<number | null>} waiting
 * @param {ReadonlyArray<Cell>} cells
 * @param {number} height
 */
const paintLag = (context, palette, waiting, cells, height) => {
  context.fillStyle = palette.text
  for (const { kind, place, width, x, y } of cells) {
    const behind = kind === "arriving" ? 0 : (waiting[place] ?? 0)
    if (behind === 0) continue
    context.fillRect(x, y + height - 2, Math.max(1, width * Math.min(1, Math.log10(behind + 1) / 6)), 2)
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Palette} palette
 * @param {ReadonlyArray<string>} ids
 * @param {ReadonlyArray<Cell>} cells
 * @param {number} height
 */
const paintNames = (context, palette, ids, cells, height) => {
  context.font = "11.5px system-ui, sans-serif"
  context.textAlign = "center"
  for (const { kind, place, width, x, y } of cells) {
    context.fillStyle = kind === "unowned" ? palette.alarm : kind === "arriving" ? palette.muted : palette["cell-text"]
    const id = ids[place] ?? ""
    const shown = id.length > longestName ? `…${id.slice(1 - longestName)}` : id
    // Beside the cross.
    const inset = kind === "unowned" ? height / 2 : 0
    context.fillText(shown, x + width / 2 + inset / 2, y + height / 2 + 0.5, width - 6 - inset)
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {string} colour
 * @param {number} x
 * @param {number} y
 * @param {number} width
 * @param {number} height
 */
const stripes = (context, colour, x, y, width, height) => {
  context.save()
  context.beginPath()
  context.rect(x, y, width, height)
  context.clip()
  context.beginPath()
  for (let left = -height; left < width; left += 5) {
    context.moveTo(x + left, y + height)
    context.lineTo(x + left + height, y)
  }
  context.strokeStyle = colour
  // A name is to be read through them.
  context.globalAlpha *= 0.6
  context.stroke()
  context.restore()
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} x
 * @param {number} y
 * @param {number} width
 * @param {number} height
 */
const cross = (context, x, y, width, height) => {
  const inset = Math.min(width, height) * 0.3
  context.beginPath()
  context.moveTo(x + inset, y + inset)
  context.lineTo(x + width - inset, y + height - inset)
  context.moveTo(x + width - inset, y + inset)
  context.lineTo(x + inset, y + height - inset)
  context.stroke()
}
