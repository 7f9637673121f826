/**
 * A fixed number of partitions over any number of keys: the server hashes the keys into them.
 *
 * @since 0.1.0
 */
import type { SubjectTransformConfig } from "@nats-io/jetstream"
import type { Partition, PartitionInput } from "@parti/core/Partition"
import * as Subject from "./consume/Subject.ts"
import { type BrokenOption, ConsumptionInvalid } from "./ConsumptionError.ts"

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
 * import type { JetStreamManager } from "@nats-io/jetstream"
 * import { HashedPartitions, JetStreamPartitions } from "@parti/nats-adapter"
 * import { Effect } from "effect"
 *
 * const options: HashedPartitions.HashedPartitionsOptions = {
 *   count: 256,
 *   source: "orders.*.*",
 *   by: [1],
 *   prefix: "by-customer"
 * }
 * const orders = HashedPartitions.make(options)
 *
 * // "orders.ada.new" is stored as "by-customer.<number>.ada.new".
 * const makeStream = (manager: JetStreamManager, { transform }: HashedPartitions.HashedPartitions) =>
 *   manager.streams.add({ name: "ORDERS", subjects: [options.source], subject_transform: transform })
 *
 * const consume = JetStreamPartitions.forEachMessage({
 *   stream: "ORDERS",
 *   name: "billing",
 *   subject: orders.subject,
 *   handler: ({ subject }, { id }) => Effect.log(`${subject} in partition ${id} of ${orders.partitions.length}`)
 * })
 * ```
 *
 * **Gotchas**
 *
 * The server leaves a stream's transform out without an error if it is older than 2.10. Throws `ConsumptionInvalid` for options
 * that break a rule.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (options: HashedPartitionsOptions): HashedPartitions => {
  const broken = brokenIn(options)
  if (broken.length > 0) throw new ConsumptionInvalid({ broken })
  const { by, count, prefix, source } = options
  const rest = source.endsWith(".>") ? [">"] : []
  const values = [...wildcardsOf(source).map((_, i) => `{{wildcard(${i + 1})}}`), ...rest]
  return {
    partitions: Array.from({ length: count }, (_, i) => ({ keys: [String(i)] })),
    subject: ({ keys }) => `${prefix}.${keys[0] ?? ""}.>`,
    transform: { src: source, dest: [prefix, `{{partition(${[count, ...by].join(",")})}}`, ...values].join(".") }
  }
}

const maxCount = 100_000

const wildcardsOf = (source: string): ReadonlyArray<string> => source.split(".").filter((token) => token === "*")

const brokenIn = ({ by, count, prefix, source }: HashedPartitionsOptions): ReadonlyArray<BrokenOption> => {
  const isFilter = Subject.isFilter(source)
  const wildcards = isFilter ? wildcardsOf(source).length : 0
  const isPlace = (place: unknown) => Number.isInteger(place) && Number(place) >= 1 && Number(place) <= wildcards
  const isList = Array.isArray(by) && by.length > 0 && new Set(by).size === by.length && by.every(isPlace)
  const rules: ReadonlyArray<readonly [isKept: boolean, broken: BrokenOption]> = [
    [
      Number.isInteger(count) && count >= 1 && count <= maxCount,
      { field: "count", rule: "it is a whole number from 1 to 100,000", value: count }
    ],
    [
      isFilter && wildcards > 0,
      {
        field: "source",
        rule: "it is a legal subject of at most 512 characters with at least one *, for what decides",
        value: source
      }
    ],
    [
      isList || wildcards === 0,
      {
        field: "by",
        rule: `it is a list of one or more different wildcards of the source, from 1 to ${wildcards}`,
        value: by
      }
    ],
    [
      typeof prefix === "string" && Subject.isLiteral(prefix),
      { field: "prefix", rule: "it is a legal subject of at most 512 characters without wildcards", value: prefix }
    ]
  ]
  return rules.flatMap(([isKept, one]) => (isKept ? [] : [one]))
}
