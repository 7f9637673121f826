/**
 * The configuration of a worker.
 *
 * @since 0.1.0
 */
export { type BrokenRule, ConfigInvalid, parse, type PartiConfig, type PartiConfigInput } from "./model/PartiConfig.ts"
export type { Preset, WorkerIdPool } from "./model/ConfigOption.ts"
export { describe, names } from "./model/ConfigTable.ts"
