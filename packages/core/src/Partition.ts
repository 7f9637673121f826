/**
 * The unit of work that has one owner.
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
