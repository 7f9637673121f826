/**
 * The unit of work that has one owner.
 *
 * **Example** (A list that somebody else keeps)
 *
 * ```ts
 * import { Partition } from "@parti/core"
 * import { Result } from "effect"
 *
 * // Customers by their number of orders.
 * const inputOf = ([customer, orders]: readonly [string, number]): Partition.PartitionInput => ({
 *   keys: [customer],
 *   weight: orders
 * })
 *
 * // For whoever keeps the list: which line is wrong, rather than that one is.
 * const adviceOn = (error: Partition.PartitionInvalid | Partition.DuplicatePartition): string =>
 *   error._tag === "DuplicatePartition" ? `keep one line of ${error.id}` : `correct ${error.field} of ${error.keys.join()}`
 *
 * const parse = (lines: ReadonlyArray<readonly [string, number]>) =>
 *   Result.mapError(Partition.normalise(lines.map(inputOf)), adviceOn)
 *
 * // From an id, as logs have it, back to the customer.
 * const byId = (list: ReadonlyArray<Partition.Partition>): ReadonlyMap<Partition.PartitionId, Partition.Partition> =>
 *   new Map(list.map((partition) => [Partition.id(partition), partition]))
 * ```
 *
 * @since 0.1.0
 */
export { subjectPartition } from "./model/Hash.ts"
export {
  DuplicatePartition,
  id,
  make,
  normalise,
  type Partition,
  type PartitionId,
  type PartitionInput,
  PartitionInvalid
} from "./model/Partition.ts"
