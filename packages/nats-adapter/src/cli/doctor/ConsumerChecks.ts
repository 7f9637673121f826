/**
 * Checks of the consumers of a stream.
 *
 * @since 0.1.0
 */
import * as Partition from "@parti/core/Partition"
import * as ConsumerLimit from "../../consume/ConsumerLimit.ts"
import * as ConsumerName from "../../consume/ConsumerName.ts"
import type { ConsumptionFacts } from "./Facts.ts"
import { type Check, error, note, warning } from "./Finding.ts"

type ConsumptionCheck = Check<ConsumptionFacts>

const own = ({ consumers, consumption }: ConsumptionFacts): ReadonlyArray<string> =>
  consumers.filter((name) => ConsumerName.prefixOf(consumption, name) !== null)

/** What the names of the consumers of listed partitions begin with, with the partition, and whether somebody owns it. */
const listed = ({ consumption, snapshot: { plan } }: ConsumptionFacts) =>
  new Map(
    plan?.list.partitions.map((partition, place) => {
      const id = Partition.id(partition)
      return [ConsumerName.prefix(consumption, id), { id, isOwned: (plan.owner[place] ?? -1) >= 0 }] as const
    })
  )

const some = (names: ReadonlyArray<string>): string =>
  names.length <= 3 ? names.join(", ") : `${names.slice(0, 3).join(", ")} and ${names.length - 3} more`

const orphans: ConsumptionCheck = {
  name: "orphaned-consumers",
  looksFor: "consumers of partitions that are listed no more",
  examine: (facts) => {
    const known = listed(facts)
    // Without a plan all of them would look so.
    if (facts.snapshot.plan === null) return []
    const found = own(facts).filter((name) => !known.has(ConsumerName.prefixOf(facts.consumption, name) ?? ""))
    if (found.length === 0) return []
    const problem = `${found.length} consumers of ${facts.stream} are of partitions that the plan does not list: ${some(found)}`
    return [
      facts.keepsForEver
        ? warning(problem, "`nats consumer rm`, if they do not come back: this stream keeps messages for them for ever")
        : note(problem, "nothing: the leader removes them an hour after their partitions have left")
    ]
  }
}

const absent: ConsumptionCheck = {
  name: "missing-consumers",
  looksFor: "owned partitions that nobody consumes",
  examine: (facts) => {
    const made = new Set(own(facts).map((name) => ConsumerName.prefixOf(facts.consumption, name)))
    const found = [...listed(facts)].flatMap(([prefix, { id, isOwned }]) => (isOwned && !made.has(prefix) ? [id] : []))
    if (found.length === 0) return []
    return [
      warning(
        `${found.length} owned partitions have no consumer on ${facts.stream}: ${some(found)}`,
        "look at the log of their owners; --consumption, if the consumption is not called after the group"
      )
    ]
  }
}

const tooLow: ConsumptionCheck = {
  name: "max-consumers",
  looksFor: "the stream takes too few consumers",
  examine: (facts) => {
    const { consumers, limit, snapshot, stream } = facts
    const partitions = snapshot.plan?.list.partitions.length ?? 0
    const needed = ConsumerLimit.needed(partitions, consumers.length - own(facts).length)
    if (limit === null || limit >= needed) return []
    const tell = consumers.length >= limit ? error : warning
    return [
      tell(
        `${stream} takes ${limit} consumers and may need ${needed}, two for each of ${partitions} partitions`,
        `set its max_consumers to ${needed} or more, or the option maxConsumers to "raise"`
      )
    ]
  }
}

/**
 * All of them.
 *
 * @category checks
 * @since 0.1.0
 */
export const checks: ReadonlyArray<ConsumptionCheck> = [tooLow, orphans, absent]
