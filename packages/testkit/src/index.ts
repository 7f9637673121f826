/**
 * Tools for testing what is built on `@parti/core`.
 *
 * The suites that register tests are not here, since they need vitest: import `@parti/testkit/CoordinationStoreTest`.
 *
 * @since 0.1.0
 */

export * as FaultyStore from "./FaultyStore.ts"
export * as Fleet from "./Fleet.ts"
export * as FleetJournal from "./FleetJournal.ts"
export * as FleetJudge from "./FleetJudge.ts"
export * as FleetSink from "./FleetSink.ts"
export * as NatsServer from "./NatsServer.ts"
export * as NatsServerCluster from "./NatsServerCluster.ts"
export * as SimulatedGroup from "./SimulatedGroup.ts"
export * as TcpProxy from "./TcpProxy.ts"
