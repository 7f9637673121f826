/**
 * The picture: every worker's box with its partitions, on one canvas.
 *
 * @import { Box, Cell, Layout } from "./Layout.js"
 * @import { Model, Seat } from "./Model.js"
 */
import * as Cells from "./Cells.js"
import * as LayoutOf from "./Layout.js"
import { nobody } from "./Model.js"
import * as Words from "./Words.js"

/** For so long a partition is on its way from one box to another. */
const flightMs = 900

/** The colours of the style sheet that the picture is painted in. */
const colours = /** @type {const} */ ([
  "surface",
  "border",
  "text",
  "muted",
  "cell",
  "cell-text",
  "moved",
  "alarm",
  "stripe"
])

/** @typedef {Record<(typeof colours)[number], string>} Palette */

/**
 * @typedef {object} Scene
 * @property {Model} model
 * @property {Layout} layout
 * @property {ReadonlyArray<number | null> | null} waiting How many messages wait, by place.
 * @property {(place: number) => boolean} isFound Whether the search has found the partition.
 */

/**
 * @typedef {object} Board
 * @property {(model: Model) => void} show
 * @property {(waiting: Scene["waiting"]) => void} showLag
 * @property {(isFound: Scene["isFound"]) => void} find
 */

/**
 * @param {HTMLCanvasElement} canvas
 * @param {HTMLElement} tip
 * @param {{ readonly onPartition: (id: string) => void, readonly onWorker: (name: string) => void }} asked
 * @param {Model} initial
 * @returns {Board}
 */
export const make = (canvas, tip, asked, initial) => {
  const context = canvas.getContext("2d")
  if (context === null) throw new Error("this browser cannot paint on a canvas")
  const isDark = matchMedia("(prefers-color-scheme: dark)")
  const isCalm = matchMedia("(prefers-reduced-motion: reduce)")
  const width = () => Math.max(240, canvas.parentElement?.clientWidth ?? 0)
  /** @type {Scene} */
  let scene = { model: initial, layout: LayoutOf.of(initial, width()), waiting: null, isFound: () => true }
  /** @type {Map<number, { readonly x: number, readonly y: number }>} */
  let departures = new Map()
  let isAsked = false

  const paint = () => {
    isAsked = false
    const now = Date.now()
    fit(canvas, context, width(), scene.layout.height)
    paintScene(context, paletteOf(canvas), scene, isCalm.matches ? new Map() : departures, now)
    // Rings fade, and what flies arrives: until then each frame differs from the one before.
    const isMoving = [...scene.model.moves.values()].some(({ at }) => now - at < flightMs)
    if (isMoving && !isCalm.matches) ask()
  }
  const ask = () => {
    if (isAsked) return
    isAsked = true
    requestAnimationFrame(paint)
  }
  /** @param {Partial<Scene>} change */
  const update = (change) => {
    scene = { ...scene, ...change }
    canvas.setAttribute("aria-label", summary(scene.model))
    ask()
  }
  const arrange = () => {
    departures = new Map()
    update({ layout: LayoutOf.of(scene.model, width()) })
  }

  isDark.addEventListener("change", ask)
  new ResizeObserver(arrange).observe(canvas.parentElement ?? canvas)
  // Rings end although nothing else happens.
  setInterval(() => scene.model.moves.size > 0 && ask(), 1000)
  listen(canvas, tip, asked, () => scene)
  return {
    show: (model) => {
      const isSame = model.owner === scene.model.owner && model.handoffs === scene.model.handoffs
      if (isSame && model.workers === scene.model.workers) return update({ model })
      departures = departuresOf(scene, model, departures)
      update({ model, layout: LayoutOf.of(model, width()) })
    },
    showLag: (waiting) => update({ waiting }),
    find: (isFound) => update({ isFound })
  }
}

/**
 * From where each partition that moves sets out.
 *
 * @param {Scene} before
 * @param {Model} after
 * @param {ReadonlyMap<number, { readonly x: number, readonly y: number }>} known
 */
const departuresOf = ({ layout, model }, after, known) => {
  const begun = new Set([...after.moves].filter(([place, move]) => model.moves.get(place) !== move).map(([p]) => p))
  const departures = new Map([...known].filter(([place]) => after.moves.has(place)))
  if (begun.size === 0) return departures
  for (const { cells } of layout.boxes)
    for (const { kind, place, x, y } of cells)
      if (kind !== "arriving" && begun.has(place)) departures.set(place, { x, y })
  return departures
}

/**
 * @param {Model} model
 * @returns {string}
 */
const summary = ({ handoffs, list, owner, workers }) => {
  const unowned = owner.filter((seat) => seat === nobody).length
  return `${Words.count(list.ids.length, "partition")} on ${Words.count(workers.size, "worker")}: ${Words.number(unowned)} unowned, ${Words.number(handoffs.size)} changing hands`
}

/** @param {HTMLElement} element */
const paletteOf = (element) => {
  const style = getComputedStyle(element)
  return /** @type {Palette} */ (
    Object.fromEntries(colours.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]))
  )
}

/**
 * Sharp on every screen.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {CanvasRenderingContext2D} context
 * @param {number} width
 * @param {number} height
 */
const fit = (canvas, context, width, height) => {
  const ratio = devicePixelRatio
  const [columns, rows] = [Math.round(width * ratio), Math.round(height * ratio)]
  if (canvas.width !== columns || canvas.height !== rows) {
    canvas.width = columns
    canvas.height = rows
    canvas.style.width = `${width}px`
    canvas.style.height = `${height}px`
  }
  context.setTransform(ratio, 0, 0, ratio, 0, 0)
  context.clearRect(0, 0, width, height)
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Palette} palette
 * @param {Scene} scene
 * @param {ReadonlyMap<number, { readonly x: number, readonly y: number }>} departures
 * @param {number} now
 */
const paintScene = (context, palette, scene, departures, now) => {
  const { layout, model } = scene
  context.textBaseline = "middle"
  for (const box of layout.boxes) paintBox(context, palette, box, model)
  /** @type {Array<Cell>} */
  const still = []
  /** @type {Array<Cell>} */
  const flying = []
  for (const { cells } of layout.boxes) {
    for (const cell of cells) {
      const from = cell.kind === "arriving" ? undefined : departures.get(cell.place)
      const age = now - (model.moves.get(cell.place)?.at ?? -Infinity)
      if (from === undefined || age >= flightMs) still.push(cell)
      else flying.push({ ...cell, ...between(from, cell, age / flightMs) })
    }
  }
  Cells.paint(context, palette, scene, still, now)
  Cells.paint(context, palette, scene, flying, now)
}

/**
 * @param {{ readonly x: number, readonly y: number }} from
 * @param {{ readonly x: number, readonly y: number }} to
 * @param {number} part
 */
const between = (from, to, part) => {
  const eased = 1 - (1 - part) ** 3
  return { x: from.x + (to.x - from.x) * eased, y: from.y + (to.y - from.y) * eased }
}

const radius = 6

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Palette} palette
 * @param {Box} box
 * @param {Model} model
 */
const paintBox = (context, palette, { height, seat, width, x, y }, model) => {
  const isNobody = seat.seat === nobody
  const isAlarming = isNobody ? seat.places.length > 0 : seat.row !== null && ill.has(seat.row.standing)
  context.beginPath()
  context.roundRect(x + 0.5, y + 0.5, width - 1, height - 1, radius)
  context.fillStyle = palette.surface
  context.fill()
  context.strokeStyle = isAlarming ? palette.alarm : palette.border
  context.setLineDash(isNobody ? [4, 3] : [])
  context.stroke()
  context.setLineDash([])
  const middle = y + LayoutOf.padding / 2 + LayoutOf.header / 2
  const [name, state] = isNobody ? [unownedTitle(seat, model), ""] : [seat.name, stateOf(seat)]
  context.font = `600 13px ${font}`
  context.fillStyle = isAlarming ? palette.alarm : isNobody ? palette.muted : palette.text
  context.textAlign = "left"
  context.fillText(name, x + LayoutOf.padding, middle, width - 2 * LayoutOf.padding)
  const after = x + LayoutOf.padding + context.measureText(name).width + 8
  context.font = `12px ${font}`
  context.fillStyle = isAlarming ? palette.alarm : palette.muted
  if (!isNobody) {
    context.textAlign = "right"
    const count = Words.number(seat.places.length)
    context.fillText(count, x + width - LayoutOf.padding, middle)
    context.textAlign = "left"
    context.fillText(state, after, middle, Math.max(1, width - (after - x) - LayoutOf.padding - 8 * count.length - 6))
  }
}

const font = "system-ui, sans-serif"

const ill = new Set(["silent", "evicted", "fenced", "missing"])

/** @param {Seat} seat @param {Model} model */
const unownedTitle = ({ places }, { list }) => {
  if (list.ids.length === 0) return "There are no partitions yet"
  return places.length === 0 ? "Every partition has an owner" : `${Words.number(places.length)} unowned`
}

/** @param {Seat} seat */
const stateOf = ({ row }) => {
  if (row === null) return "gone"
  return [row.isLeader ? "★ leads" : "", row.standing === "live" ? "" : row.standing, row.isBehind ? "behind" : ""]
    .filter((word) => word !== "")
    .join(", ")
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {HTMLElement} tip
 * @param {{ readonly onPartition: (id: string) => void, readonly onWorker: (name: string) => void }} asked
 * @param {() => Scene} current
 */
const listen = (canvas, tip, { onPartition, onWorker }, current) => {
  /** @param {MouseEvent} event */
  const under = ({ offsetX, offsetY }) => LayoutOf.at(current().layout, offsetX, offsetY)
  canvas.addEventListener("click", (event) => {
    const found = under(event)
    const { list } = current().model
    if (found?.cell) onPartition(list.ids[found.cell.place] ?? "")
    else if (found !== null && found.box.seat.seat !== nobody) onWorker(found.box.seat.name)
  })
  canvas.addEventListener("mousemove", (event) => {
    const found = under(event)
    const text = found?.cell ? told(current(), found.cell.place) : ""
    canvas.style.cursor = found === null || (!found.cell && found.box.seat.seat === nobody) ? "" : "pointer"
    tip.hidden = text === ""
    tip.textContent = text
    const isRight = event.offsetX > canvas.clientWidth / 2
    tip.style.left = isRight ? "" : `${event.offsetX + 12}px`
    tip.style.right = isRight ? `${canvas.clientWidth - event.offsetX + 12}px` : ""
    tip.style.top = `${event.offsetY + 16}px`
  })
  canvas.addEventListener("mouseleave", () => (tip.hidden = true))
}

/** @param {Scene} scene @param {number} place */
const told = ({ model: { handoffs, list, names, owner }, waiting }, place) => {
  /** @param {number | undefined} seat */
  const name = (seat = nobody) => (seat === nobody ? "nobody" : (names[seat] ?? "?"))
  const next = handoffs.get(place)
  const lag = waiting?.[place] ?? null
  return [
    `${list.ids[place]} · ${name(owner[place])}${next === undefined ? "" : ` → ${name(next)}`}`,
    ...(lag === null ? [] : [`${Words.number(lag)} waiting`])
  ].join(" · ")
}
