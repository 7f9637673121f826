/** What is said of numbers and times, in the same words everywhere. */

const second = 1000
const minute = 60 * second
const hour = 60 * minute

/**
 * A span of time: `0.4 s`, `12 s`, `3 min 20 s`, `2 h 5 min`.
 *
 * @param {number} ms
 * @returns {string}
 */
export const span = (ms) => {
  const left = Math.max(0, ms)
  if (left < 10 * second) return `${Math.floor(left / 100) / 10} s`
  if (left < minute) return `${Math.floor(left / second)} s`
  if (left < hour) return `${Math.floor(left / minute)} min ${Math.floor((left % minute) / second)} s`
  return `${Math.floor(left / hour)} h ${Math.floor((left % hour) / minute)} min`
}

const numbers = new Intl.NumberFormat("en")

/**
 * A number with its thousands apart.
 *
 * @param {number} value
 * @returns {string}
 */
export const number = (value) => numbers.format(value)

/**
 * So many of something.
 *
 * @param {number} value
 * @param {string} noun
 * @returns {string}
 */
export const count = (value, noun) => `${number(value)} ${noun}${value === 1 ? "" : "s"}`

const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" })

/**
 * A time of day, where the reader is.
 *
 * @param {number} wallMs
 * @returns {string}
 */
export const time = (wallMs) => clock.format(wallMs)

/** @type {Readonly<Record<string, string>>} */
const reasons = {
  cold_start: "cold start",
  restart: "mass restart",
  emergency: "a worker crashed",
  planned_scale: "planned change",
  requested: "requested"
}

/**
 * Why the group is in its phase.
 *
 * @param {string | null} reason
 * @returns {string}
 */
export const why = (reason) => (reason === null ? "" : (reasons[reason] ?? reason))
