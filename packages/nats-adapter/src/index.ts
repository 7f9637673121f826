/**
 * Parti on NATS.
 *
 * @since 0.1.0
 */
export * as ConsumptionError from "./ConsumptionError.ts"
export * as Guardian from "./Guardian.ts"
export * as HashedPartitions from "./HashedPartitions.ts"
export * as JetStreamPartitions from "./JetStreamPartitions.ts"
export * as NatsAuth from "./NatsAuth.ts"
export * as NatsConnection from "./NatsConnection.ts"
export * as NatsError from "./NatsError.ts"
export * as NatsPermissions from "./NatsPermissions.ts"
export * as NatsStore from "./NatsStore.ts"
