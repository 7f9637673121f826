/**
 * How many consumers a stream takes.
 *
 * @since 0.1.0
 */

/** What newer servers allow where the stream says nothing, unless they are configured otherwise. */
const unsaidLimit = 1_000

/**
 * The limit of a stream with this `max_consumers` on a server of this version; `null`: no limit.
 *
 * @category accessors
 * @since 0.1.0
 */
export const of = (maxConsumers: number, version: string): number | null => {
  if (maxConsumers > 0) return maxConsumers
  const [major = 0, minor = 0] = version.split(".").map(Number)
  return major > 2 || (major === 2 && minor >= 15) ? unsaidLimit : null
}

/**
 * How many consumers a stream must take for a consumption, besides those of others: a partition that moves has two for a
 * moment.
 *
 * @category accessors
 * @since 0.1.0
 */
export const needed = (partitions: number, others: number): number => others + 2 * partitions
