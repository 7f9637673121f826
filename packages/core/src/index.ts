/**
 * Partition assignment for groups of workers.
 *
 * @since 0.1.0
 */
export * as Connection from "./Connection.ts"
export * as CoordinationStore from "./CoordinationStore.ts"
export * as DeadProcess from "./DeadProcess.ts"
export * as Decision from "./Decision.ts"
export * as Errors from "./Errors.ts"
export * as GroupObserver from "./GroupObserver.ts"
export * as GroupView from "./GroupView.ts"
export * as MemoryStore from "./MemoryStore.ts"
export * as Metrics from "./Metrics.ts"
export * as Parti from "./Parti.ts"
export * as PartiConfig from "./PartiConfig.ts"
export * as Partition from "./Partition.ts"
export * as PartitionSource from "./PartitionSource.ts"
export * as Strategy from "./Strategy.ts"
export * as WorkerId from "./WorkerId.ts"
