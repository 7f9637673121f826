/**
 * The page: follows the server, and shows what it tells.
 *
 * @import { Told } from "./Model.js"
 */
import * as Board from "./Board.js"
import * as Model from "./Model.js"
import * as Orders from "./Orders.js"
import * as Panel from "./Panel.js"
import * as Summary from "./Summary.js"
import * as Tables from "./Tables.js"
import * as Words from "./Words.js"

/** How often what grows older is told anew, and how often the lag is asked for. */
const agesMs = 500
const lagMs = 5000

/**
 * @template {HTMLElement} A
 * @param {string} id
 * @param {new () => A} kind
 * @returns {A}
 */
const element = (id, kind) => {
  const found = document.getElementById(id)
  if (!(found instanceof kind)) throw new Error(`the page has no ${id}`)
  return found
}

const search = element("search", HTMLInputElement)
const page = {
  found: element("found", HTMLOutputElement),
  connection: element("connection", HTMLElement),
  announcements: element("announcements", HTMLElement),
  history: element("history", HTMLTableSectionElement),
  noHistory: element("no-history", HTMLElement),
  workers: element("workers", HTMLTableSectionElement),
  partitions: element("partitions", HTMLTableSectionElement),
  range: element("page", HTMLElement),
  previous: element("previous", HTMLButtonElement),
  next: element("next", HTMLButtonElement)
}

let model = Model.empty
/** @type {ReadonlyArray<number | null> | null} */
let waiting = null
/** @type {string | null} */
let token = null
let first = 0
let hasLag = false

const explain = Panel.make(element("explain", HTMLDialogElement))
/** @param {string} id */
const onPartition = (id) => void explain(id)
const board = Board.make(
  element("board", HTMLCanvasElement),
  element("tip", HTMLElement),
  { onPartition, onWorker: (name) => find(name) },
  model
)

/** @param {string} text */
const announce = (text) => (page.announcements.textContent = text)

/** @param {string} order @param {string} [worker] */
const give = async (order, worker) => {
  const isSure = confirm(`${order}${worker === undefined ? "" : ` ${worker}`}: are you sure?`)
  if (!isSure || token === null) return
  announce(await Orders.give(token, order, worker))
  Summary.notice(page.announcements.textContent ?? "")
}

/** @param {string} order */
const giver = (order) => (/** @type {string} */ worker) => void give(order, worker)

const orders = { drain: giver("drain"), undrain: giver("undrain") }

const places = () => {
  const isFound = Tables.finder(model, search.value)
  return model.order.filter(isFound)
}

const showPartitions = () => {
  const all = places()
  first = Math.max(0, Math.min(first, Math.floor((all.length - 1) / Tables.pageSize) * Tables.pageSize))
  const shown = all.slice(first, first + Tables.pageSize)
  Tables.partitions(page.partitions, model, shown, waiting, onPartition)
  const range =
    all.length === 0
      ? "none"
      : `${Words.number(first + 1)}–${Words.number(first + shown.length)} of ${Words.number(all.length)}`
  if (page.range.textContent !== range) page.range.textContent = range
  page.previous.disabled = first === 0
  page.next.disabled = first + shown.length >= all.length
  const found = search.value.trim() === "" ? "" : `${Words.number(all.length)} found`
  if (page.found.value !== found) page.found.value = found
}

const showAges = () => {
  const at = Date.now()
  Summary.ages(model, at)
  Tables.workers(page.workers, model, at, token === null ? null : orders)
}

const show = () => {
  board.show(model)
  Summary.show(model)
  Tables.history(page.history, model)
  page.noHistory.hidden = model.history.length > 0
  showPartitions()
  showAges()
}

/** @param {string} asked */
const find = (asked) => {
  search.value = asked
  first = 0
  board.find(Tables.finder(model, asked))
  showPartitions()
}

search.addEventListener("input", () => find(search.value))
element("search-form", HTMLFormElement).addEventListener("submit", (event) => {
  event.preventDefault()
  const wanted = search.value.trim()
  const place = places()[0]
  const exact = model.list.ids.find((id) => id.toLowerCase() === wanted.toLowerCase())
  const id = exact ?? (place === undefined ? undefined : model.list.ids[place])
  if (wanted !== "" && id !== undefined) onPartition(id)
})
page.previous.addEventListener("click", () => {
  first -= Tables.pageSize
  showPartitions()
})
page.next.addEventListener("click", () => {
  first += Tables.pageSize
  showPartitions()
})
document.addEventListener("keydown", (event) => {
  const isTyping = event.target instanceof HTMLInputElement
  if (event.key !== "/" || isTyping || event.ctrlKey || event.metaKey || event.altKey) return
  event.preventDefault()
  search.focus()
})

/** @param {"live" | "lost"} state */
const connection = (state) => {
  if (page.connection.dataset["state"] === state) return
  page.connection.dataset["state"] = state
  page.connection.textContent = state === "live" ? "live" : "connection lost: shown is what was seen last"
}

/** @param {boolean} isWhole */
const taker =
  (isWhole) =>
  (/** @type {MessageEvent<string>} */ { data }) => {
    /** @type {Told} */
    const told = JSON.parse(data)
    const before = isWhole ? Model.empty : model
    const said = isWhole ? "" : Summary.news(model, told)
    model = Model.follow(before, told, Date.now())
    if (said !== "") announce(said)
    connection(model.facts?.isConnected === false ? "lost" : "live")
    // A lag stands beside the list that it was told for.
    if (hasLag && told.list !== undefined) {
      showLag([])
      void askForLag()
    }
    show()
  }

/** @param {ReadonlyArray<number | null>} told */
const showLag = (told) => {
  waiting = told
  board.showLag(told)
  showPartitions()
}

const askForLag = async () => {
  try {
    const response = await fetch("/lag")
    const told = await response.json()
    Summary.lag(response.ok ? "" : `The lag cannot be read: ${told.error}`)
    if (!response.ok || told.version !== model.list.version) return
    showLag(told.waiting)
  } catch {
    connection("lost")
  }
}

const begin = async () => {
  const about = await (await fetch("/about")).json()
  if (about.allowsActions) {
    token = Orders.token()
    Summary.orders(token !== null)
  }
  if (about.stream !== null) {
    Summary.hasLag()
    hasLag = true
    setInterval(() => void askForLag(), lagMs)
  }
  element("order-rebalance", HTMLButtonElement).addEventListener("click", () => void give("rebalance"))
  element("order-pause", HTMLButtonElement).addEventListener(
    "click",
    () => void give(model.facts?.isPaused === true ? "resume" : "pause")
  )
  const source = new EventSource("/state")
  source.addEventListener("whole", taker(true))
  source.addEventListener("change", taker(false))
  source.addEventListener("error", () => connection("lost"))
  setInterval(showAges, agesMs)
}

void begin()
