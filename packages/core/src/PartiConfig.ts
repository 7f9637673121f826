/**
 * The configuration of a worker.
 *
 * **Example** (Options from the environment)
 *
 * ```ts
 * import { PartiConfig } from "@parti/core"
 * import { Result } from "effect"
 *
 * const isProduction = process.env["NODE_ENV"] === "production"
 * const preset: PartiConfig.Preset = isProduction ? "production" : "development"
 * const pool: PartiConfig.WorkerIdPool = { prefix: process.env["HOSTNAME"] ?? "worker", count: 50 }
 * const input: PartiConfig.PartiConfigInput = { group: "orders", preset, workerIdPool: pool }
 *
 * // One line for each rule, so that one look is enough.
 * const complaint = ({ broken }: PartiConfig.ConfigInvalid): string =>
 *   broken.map(({ message, rule }: PartiConfig.BrokenRule) => `${rule}: ${message}`).join("\n")
 *
 * const idsOf = ({ workerIds }: PartiConfig.PartiConfig) => workerIds.length
 * Result.match(PartiConfig.parse(input), { onSuccess: idsOf, onFailure: complaint })
 *
 * // What --help prints.
 * const help = PartiConfig.names.map((name) => `${name}: ${PartiConfig.describe(name)}`).join("\n")
 * ```
 *
 * @since 0.1.0
 */
export { type BrokenRule, ConfigInvalid, parse, type PartiConfig, type PartiConfigInput } from "./model/PartiConfig.ts"
export type { Preset, WorkerIdPool } from "./model/ConfigOption.ts"
export { describe, names } from "./model/ConfigTable.ts"
