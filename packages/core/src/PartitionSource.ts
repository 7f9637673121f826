/**
 * Where a group's list of partitions comes from.
 *
 * @since 0.1.0
 */
export * from "./runtime/PartitionSource.ts"
