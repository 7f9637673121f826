/**
 * The tables beside the picture: all that it shows, for keyboards and for those who listen.
 *
 * @import { Model } from "./Model.js"
 * @import { Content, Row } from "./Rows.js"
 * @import { WorkerRow } from "../src/cli/ui/Picture.ts"
 */
import { nobody, seats, serverTime } from "./Model.js"
import * as Rows from "./Rows.js"
import * as Words from "./Words.js"

/**
 * @typedef {object} Orders
 * @property {(name: string) => void} drain
 * @property {(name: string) => void} undrain
 */

/**
 * @param {HTMLTableSectionElement} body
 * @param {Model} model
 * @param {number} at
 * @param {Orders | null} orders `null` where none may be given.
 */
export const workers = (body, model, at, orders) => {
  const now = serverTime(model, at)
  const rows = seats(model).flatMap(({ arriving, name, places, row, seat }) => {
    if (seat === nobody || row === null) return []
    const age = row.heartbeatAt === null ? "–" : Words.span(now - row.heartbeatAt)
    return [
      {
        key: name,
        mark: row.standing,
        cells: [
          name,
          state(row),
          Words.number(places.length) + (arriving.length === 0 ? "" : ` + ${Words.number(arriving.length)}`),
          Words.number(row.weight),
          row.capacity === null ? "–" : Words.number(row.capacity),
          row.zone ?? "–",
          row.version ?? "–",
          age,
          ...(orders === null ? [] : [orderOf(row, name, orders)])
        ]
      }
    ]
  })
  Rows.show(body, ["", "", "number", "number", "number", "", "", "number", ...(orders === null ? [] : [""])], rows)
}

/** @param {WorkerRow} row */
const state = ({ isBehind, isLeader, standing }) =>
  [standing, ...(isLeader ? ["leads"] : []), ...(isBehind ? ["behind"] : [])].join(", ")

/**
 * @param {WorkerRow} row
 * @param {string} name
 * @param {Orders} orders
 * @returns {Content}
 */
const orderOf = ({ isDrained }, name, { drain, undrain }) =>
  isDrained
    ? Rows.button("Undrain", "small", () => undrain(name), `Undrain ${name}`)
    : Rows.button("Drain", "small", () => drain(name), `Drain ${name}`)

/**
 * @param {HTMLTableSectionElement} body
 * @param {Model} model
 */
export const history = (body, { history: decisions }) => {
  const most = Math.max(1, ...decisions.map(({ minimum, moved }) => Math.max(minimum, moved)))
  /** @type {ReadonlyArray<Row>} */
  const rows = decisions.map(({ cause, decidedAt, minimum, moved, number, outcome, strategy, tookMs }) => ({
    key: String(number),
    mark: outcome,
    cells: [
      `#${number}`,
      Words.time(decidedAt),
      cause,
      Words.number(moved),
      Words.number(minimum),
      { text: `${moved}/${minimum}/${most}`, make: () => bar(moved, minimum, most) },
      outcome === "done" && tookMs !== null ? `done in ${Words.span(tookMs)}` : outcome,
      strategy
    ]
  }))
  Rows.show(body, ["", "number", "wide", "number", "number", "bar", "", ""], rows)
}

/**
 * What was moved, as a bar: the part that any plan of that balance has to, and what goes beyond.
 *
 * @param {number} moved
 * @param {number} minimum
 * @param {number} most
 */
const bar = (moved, minimum, most) => {
  const element = document.createElement("div")
  element.className = "moves"
  element.setAttribute("aria-hidden", "true")
  for (const [kind, value] of /** @type {const} */ ([
    ["needed", Math.min(moved, minimum)],
    ["beyond", Math.max(0, moved - minimum)]
  ])) {
    const part = document.createElement("span")
    part.className = kind
    part.style.width = `${(100 * value) / most}%`
    element.append(part)
  }
  return element
}

/** So many partitions are listed at once. */
export const pageSize = 50

/**
 * Which partitions a search finds: by their own id, by their owner, or `unowned` and `moving`.
 *
 * @param {Model} model
 * @param {string} asked
 * @returns {(place: number) => boolean}
 */
export const finder = ({ handoffs, list, names, owner }, asked) => {
  const wanted = asked.trim().toLowerCase()
  if (wanted === "") return () => true
  if (wanted === "unowned") return (place) => (owner[place] ?? nobody) === nobody
  if (wanted === "moving") return (place) => handoffs.has(place)
  const isWorker = names.some((name) => name.toLowerCase() === wanted)
  return (place) =>
    isWorker
      ? (names[owner[place] ?? nobody] ?? "").toLowerCase() === wanted
      : (list.ids[place] ?? "").toLowerCase().includes(wanted)
}

/**
 * @param {HTMLTableSectionElement} body
 * @param {Model} model
 * @param {ReadonlyArray<number>} places
 * @param {ReadonlyArray<number | null> | null} waiting
 * @param {(id: string) => void} onExplain
 */
export const partitions = (body, { handoffs, list, moves, names, owner }, places, waiting, onExplain) => {
  /** @param {number | undefined} seat */
  const name = (seat = nobody) => (seat === nobody ? "nobody" : (names[seat] ?? "?"))
  const rows = places.map((place) => {
    const id = list.ids[place] ?? ""
    const next = handoffs.get(place)
    const lag = waiting?.[place] ?? null
    return {
      key: id,
      mark: (owner[place] ?? nobody) === nobody ? "unowned" : next !== undefined ? "moving" : "",
      cells: [
        Rows.button(id, "link", () => onExplain(id), `Explain ${id}`),
        name(owner[place]),
        next === undefined ? (moves.has(place) ? `came from ${name(moves.get(place)?.from)}` : "") : `→ ${name(next)}`,
        Words.number(typeof list.weights === "number" ? list.weights : (list.weights[place] ?? 1)),
        ...(waiting === null ? [] : [lag === null ? "–" : Words.number(lag)])
      ]
    }
  })
  Rows.show(body, ["", "", "", "number", ...(waiting === null ? [] : ["number"])], rows)
}
