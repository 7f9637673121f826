/**
 * What is said of the whole group: the tiles, the notices, and what is announced to those who listen.
 *
 * @import { Model, Told } from "./Model.js"
 */
import { nobody, windowLeft } from "./Model.js"
import * as Words from "./Words.js"

/** @param {string} id */
const part = (id) => {
  const found = document.getElementById(id)
  if (found === null) throw new Error(`the page has no ${id}`)
  return found
}

/** @param {string} id @param {string} text */
const say = (id, text) => {
  const element = part(id)
  if (element.textContent !== text) element.textContent = text
}

/** @param {Model} model */
export const show = (model) => {
  const { facts, handoffs, history, list, owner, workers } = model
  if (facts === null) return
  say("group", facts.group)
  document.title = `${facts.group} · Parti`
  say("origin", `at ${facts.server}, nats-server ${facts.serverVersion}`)
  say("phase", facts.phase.tag)
  say("leader", facts.leader ?? "none")
  say("leader-note", facts.version === 0 ? "there is no plan" : `plan ${facts.version}`)
  const live = [...workers.values()].filter(({ standing }) => standing === "live").length
  say("workers-count", Words.number(workers.size))
  say("workers-note", live === workers.size ? "all live" : `${Words.number(live)} live`)
  say("partitions-count", Words.number(list.ids.length))
  say("partitions-note", typeof list.weights === "number" ? "all of one weight" : "of different weights")
  const unowned = owner.filter((seat) => seat === nobody).length
  part("unowned-tile").dataset["alarm"] = String(unowned > 0)
  say("unowned", Words.number(unowned))
  say("unowned-note", unowned > 0 ? "nobody may run them" : "all have an owner")
  say("moving", Words.number(handoffs.size))
  const last = history[0]
  say(
    "moving-note",
    last === undefined ? "" : `last: ${Words.number(last.moved)} moved, ${Words.number(last.minimum)} at least`
  )
  say("order-pause", facts.isPaused ? "Resume" : "Pause")
  notices([
    ...(facts.isConnected ? [] : ["The connection to NATS is lost; shown is what was seen last."]),
    ...(facts.isPaused ? ["The group is paused: no planned rebalance begins; crashes are still answered."] : []),
    ...drained(model),
    ...facts.unreadable.map((text) => `A record cannot be read: ${text}.`)
  ])
}

/** @param {Model} model */
const drained = ({ names, workers }) => {
  const found = [...workers.values()].filter(({ isDrained }) => isDrained).map(({ seat }) => names[seat] ?? "?")
  return found.length === 0 ? [] : [`By order, these give their partitions away: ${found.join(", ")}.`]
}

/**
 * What changes with time alone.
 *
 * @param {Model} model
 * @param {number} at
 */
export const ages = (model, at) => {
  const { phase, windowMs = null } = model.facts ?? {}
  const left = windowLeft(model, at)
  const progress = part("window")
  progress.hidden = left === null
  if (progress instanceof HTMLProgressElement && left !== null && windowMs !== null && windowMs > 0)
    progress.value = left / windowMs
  const why = Words.why(phase?.reason ?? null)
  say("phase-note", left === null ? why || "nothing to do" : `${why}, ${Words.span(left)} left`)
}

/** What is said besides what the group says. */
const own = { order: "", lag: "" }
/** @type {ReadonlyArray<string>} */
let ofGroup = []

/** @param {ReadonlyArray<string>} texts */
const notices = (texts) => {
  ofGroup = texts
  const all = [...ofGroup, own.lag, own.order].filter((text) => text !== "")
  const list = part("notices")
  const shown = [...list.children].map(({ textContent }) => textContent)
  if (shown.length === all.length && shown.every((text, index) => text === all[index])) return
  list.replaceChildren(
    ...all.map((text) => {
      const item = document.createElement("li")
      item.textContent = text
      return item
    })
  )
}

/** @param {string} text What came of an order. */
export const notice = (text) => {
  own.order = text
  notices(ofGroup)
}

/** @param {string} text Why there is no lag to be seen; empty if there is. */
export const lag = (text) => {
  own.lag = text
  notices(ofGroup)
}

/** @param {boolean} hasToken */
export const orders = (hasToken) => {
  part("orders").hidden = !hasToken
  part("orders-column").hidden = !hasToken
  if (!hasToken) notice("To give orders, open the address that `parti ui` has printed: it holds a token.")
}

export const hasLag = () => {
  part("lag-column").hidden = false
  part("legend-lag").hidden = false
}

/**
 * What is worth being told to somebody who does not see it; empty if nothing is.
 *
 * @param {Model} before
 * @param {Told} told
 * @returns {string}
 */
export const news = ({ facts, names, workers }, told) => {
  const all = [...names, ...(told.names ?? [])]
  const standings = (told.workers ?? [])
    .filter(({ seat, standing }) => workers.get(seat)?.standing !== standing)
    .map(({ seat, standing }) => `${all[seat] ?? "?"} is ${standing}.`)
  const gone = (told.gone ?? []).map((seat) => `${all[seat] ?? "?"} is gone.`)
  const phase = told.facts?.phase
  const isNew = phase !== undefined && phase.tag !== facts?.phase.tag
  const why = phase === undefined || phase.reason === null ? "" : `, ${Words.why(phase.reason)}`
  // More than a few at once are better looked up than listened to.
  const few = [...standings, ...gone].slice(0, 4)
  return [...(isNew ? [`The group is ${phase.tag}${why}.`] : []), ...few].join(" ")
}
