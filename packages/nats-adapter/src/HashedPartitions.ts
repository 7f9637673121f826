/**
 * A fixed number of partitions over any number of keys: the server hashes the keys into them.
 *
 * @since 0.1.0
 */
import type { SubjectTransformConfig } from "@nats-io/jetstream"
import type { Partition, PartitionInput } from "@parti/core/Partition"
import * as Subjects from "./consume/Subjects.ts"
import { ConsumptionInvalid } from "./ConsumptionError.ts"

/**
 * Which subjects are shared out, and by what.
 *
 * **Details**
 *
 * - `count`: how many partitions; 256 to 1,000 a stream are a good number, since each has a consumer. Changing it later
 *   moves keys from partition to partition, and with them their place in the order.
 * - `source`: the subjects as they are published, with wildcards: `"orders.*.*"`.
 * - `by`: the wildcards, counted from 1, whose values decide; messages that agree in them keep their order.
 * - `prefix`: what the stored subjects begin with; the partition's number and the wildcards' values follow.
 *
 * @category models
 * @since 0.1.0
 */
export interface HashedPartitionsOptions {
  readonly count: number
  readonly source: string
  readonly by: ReadonlyArray<number>
  readonly prefix: string
}

/**
 * What follows from that: the list of partitions, the subjects of each, and the stream's `subject_transform`.
 *
 * @category models
 * @since 0.1.0
 */
export interface HashedPartitions {
  readonly partitions: ReadonlyArray<PartitionInput>
  readonly subject: (partition: Partition) => string
  readonly transform: SubjectTransformConfig
}

/**
 * Partitions `0` to `count - 1`.
 *
 * **Example** (Orders by customer)
 *
 * ```ts
 * import { HashedPartitions } from "@parti/nats-adapter"
 *
 * const { partitions, subject, transform } =
 *   HashedPartitions.make({ count: 256, source: "orders.*.*", by: [1], prefix: "by-customer" })
 *
 * // A stream with subjects ["orders.*.*"] and subject_transform: transform stores "orders.ada.new" as
 * // "by-customer.<number>.ada.new".
 * ```
 *
 * **Gotchas**
 *
 * An option that breaks its rule throws a `ConsumptionInvalid`, which names it.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (options: HashedPartitionsOptions): HashedPartitions => {
  const { by, count, prefix, source } = options
  const wildcards = source.split(".").filter((token) => token === "*")
  const fault = faultOf(options, wildcards.length)
  if (fault !== null) throw fault
  const rest = source.endsWith(".>") ? [">"] : []
  const values = [...wildcards.map((_, i) => `{{wildcard(${i + 1})}}`), ...rest]
  return {
    partitions: Array.from({ length: count }, (_, i) => ({ keys: [String(i)] })),
    subject: ({ keys }) => `${prefix}.${keys[0] ?? ""}.>`,
    transform: { src: source, dest: [prefix, `{{partition(${[count, ...by].join(",")})}}`, ...values].join(".") }
  }
}

const maxPartitions = 100_000

const faultOf = (
  { by, count, prefix, source }: HashedPartitionsOptions,
  wildcards: number
): ConsumptionInvalid | null => {
  const invalid = (option: string, is: unknown, rule: string) =>
    new ConsumptionInvalid({ option, is: JSON.stringify(is) ?? String(is), rule })
  if (!Number.isSafeInteger(count) || count < 1 || count > maxPartitions) {
    return invalid("count", count, `a whole number from 1 to ${maxPartitions}`)
  }
  if (!Subjects.isFilter(source)) return invalid("source", source, "a subject with a * for each value")
  if (!Subjects.isSubject(prefix)) return invalid("prefix", prefix, "a subject without wildcards")
  if (by.length === 0) return invalid("by", by, "at least one wildcard that decides")
  const strange = by.find((one) => !Number.isSafeInteger(one) || one < 1 || one > wildcards)
  return strange === undefined
    ? null
    : invalid("by", strange, `the numbers of wildcards in source, from 1 to ${wildcards}`)
}
