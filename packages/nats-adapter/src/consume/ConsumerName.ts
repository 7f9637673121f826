/**
 * The names of the consumers of partitions.
 *
 * @since 0.1.0
 */
import { createHash } from "node:crypto"

/**
 * Who made a consumer: the owner that holds `token`, at its `run`-th start of the partition. A later one is higher.
 *
 * **Details**
 *
 * Every run has a consumer of its own, so that whatever an earlier one still has in hand is refused by the server.
 *
 * @category models
 * @since 0.1.0
 */
export interface Rank {
  readonly token: number
  readonly run: number
}

/**
 * What the names of a partition's consumers begin with. No two partitions, and no two consumptions, share it.
 *
 * @category rendering
 * @since 0.1.0
 */
export const prefix = (consumption: string, partition: string): string => {
  // A dot is not legal in a name, and `~` and `+` are in no id.
  const id = partition.replaceAll(".", "~")
  if (consumption.length + id.length <= longest) return `${consumption}+${id}+`
  const digest = createHash("sha256").update(partition).digest("hex").slice(0, 32)
  return `${consumption}+${id.slice(0, longest - consumption.length - digest.length - 2)}~~${digest}+`
}

// Servers keep a consumer's files in a folder of its name, and such names are limited to 255 characters.
const longest = 200

/**
 * The name of one consumer.
 *
 * @category rendering
 * @since 0.1.0
 */
export const render = (start: string, { run, token }: Rank): string => `${start}${token}+${run}`

/**
 * Who made the consumer of this name; `null` if it is of another partition.
 *
 * @category conversions
 * @since 0.1.0
 */
export const parse = (start: string, name: string): Rank | null => {
  if (!name.startsWith(start)) return null
  const match = /^(\d+)\+(\d+)$/.exec(name.slice(start.length))
  return match === null ? null : { token: Number(match[1]), run: Number(match[2]) }
}

/**
 * Which of two is higher: positive if it is the first.
 *
 * @category ordering
 * @since 0.1.0
 */
export const compare = (left: Rank, right: Rank): number => left.token - right.token || left.run - right.run

/**
 * What a consumer's name begins with, as `prefix` gives it, for whatever partition; `null` if it is of another consumption.
 *
 * @category accessors
 * @since 0.1.0
 */
export const prefixOf = (consumption: string, name: string): string | null => {
  if (!name.startsWith(`${consumption}+`)) return null
  const match = /^([^+]+\+)\d+\+\d+$/.exec(name.slice(consumption.length + 1))
  return match === null ? null : `${consumption}+${match[1]}`
}
