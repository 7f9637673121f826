/**
 * Who owns what.
 *
 * @since 0.1.0
 */
import type { GroupSnapshot } from "@parti/core/GroupObserver"
import * as Partition from "@parti/core/Partition"
import * as Table from "../Table.ts"

/**
 * One partition. `owner` may run it now, `next` is to run it; they differ while it changes hands. `token` is the fencing
 * token of its owner, and 0 if it never had one.
 *
 * @category models
 * @since 0.1.0
 */
export interface PartitionReport {
  readonly id: string
  readonly owner: string | null
  readonly next: string | null
  readonly standby: string | null
  readonly token: number
  readonly weight: number
}

/**
 * The partitions of a group, in canonical order: the JSON of `parti partitions`.
 *
 * @category models
 * @since 0.1.0
 */
export interface PartitionsReport {
  readonly group: string
  readonly version: number
  readonly partitions: ReadonlyArray<PartitionReport>
}

/**
 * The partitions that a worker owns or is to own; of all workers, if none is named.
 *
 * @category conversions
 * @since 0.1.0
 */
export const of = (group: string, { plan }: GroupSnapshot, worker: string | null): PartitionsReport => {
  if (plan === null) return { group, version: 0, partitions: [] }
  const named = (column: ReadonlyArray<number>, place: number) => plan.workers[column[place] ?? -1]?.id ?? null
  const partitions = plan.list.partitions.map((partition, place) => ({
    id: Partition.id(partition),
    owner: named(plan.owner, place),
    next: named(plan.next, place),
    standby: named(plan.standby ?? [], place),
    token: plan.token[place] ?? 0,
    weight: partition.weight
  }))
  const isMeant = ({ next, owner }: PartitionReport) => worker === null || owner === worker || next === worker
  return { group, version: plan.version, partitions: partitions.filter(isMeant) }
}

const columns = [
  Table.words("PARTITION"),
  Table.words("OWNER"),
  Table.words("NEXT"),
  Table.words("STANDBY"),
  Table.numbers("TOKEN"),
  Table.numbers("WEIGHT")
]

/**
 * The report in lines.
 *
 * @category rendering
 * @since 0.1.0
 */
export const render = ({ partitions }: PartitionsReport): ReadonlyArray<string> =>
  partitions.length === 0
    ? ["no partition is there"]
    : Table.render(
        columns,
        partitions.map(({ id, next, owner, standby, token, weight }) => [
          id,
          owner ?? "nobody",
          next === owner ? "" : (next ?? "nobody"),
          standby ?? "",
          String(token),
          String(weight)
        ])
      )
