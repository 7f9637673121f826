/**
 * Columns of whole numbers as short text: `50*3,7,2*-1` is fifty threes, a seven, and twice minus one.
 *
 * @since 0.1.0
 */
import * as Result from "effect/Result"
import * as Codec from "./Codec.ts"

/**
 * Writes the runs of equal numbers.
 *
 * @category encoding
 * @since 0.1.0
 */
export const encode = (column: ReadonlyArray<number>): string => {
  const runs: Array<string> = []
  let start = 0
  for (let end = 1; end <= column.length; end++) {
    if (end < column.length && column[end] === column[start]) continue
    runs.push(end - start === 1 ? `${column[start]}` : `${end - start}*${column[start]}`)
    start = end
  }
  return runs.join(",")
}

/**
 * What the reader knows of a column beforehand: how many numbers it has, and between which bounds they lie.
 *
 * @category models
 * @since 0.1.0
 */
export interface Bounds {
  readonly length: number
  readonly minimum: number
  readonly maximum: number
}

/** Written in the one way in which `encode` writes it: no leading zeros, no plus, no spaces, no exponent. */
const run = /^(?:([1-9]\d{0,9})\*)?(0|-?[1-9]\d{0,15})$/

/**
 * Reads the runs; refuses everything that is not exactly as long, or not within the bounds.
 *
 * @category decoding
 * @since 0.1.0
 */
export const decode = (text: string, bounds: Bounds): Codec.Decoded<ReadonlyArray<number>> => {
  const column: Array<number> = []
  for (const written of text === "" ? [] : text.split(",")) {
    const [, times = "1", digits] = run.exec(written) ?? []
    if (digits === undefined) return Codec.undecodable(`${JSON.stringify(written.slice(0, 40))} is no run of numbers`)
    const value = Number(digits)
    if (value < bounds.minimum || value > bounds.maximum) {
      return Codec.undecodable(`${value} is not between ${bounds.minimum} and ${bounds.maximum}`)
    }
    const end = column.length + Number(times)
    if (end > bounds.length) return Codec.undecodable(`there are more than ${bounds.length} numbers`)
    while (column.length < end) column.push(value)
  }
  return column.length < bounds.length
    ? Codec.undecodable(`there are ${column.length} numbers, not ${bounds.length}`)
    : Result.succeed(column)
}
