/**
 * The configuration of a worker: what users write, parsed once into values whose relations hold.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import * as Result from "effect/Result"
import type { ConfigOptions, Preset } from "./ConfigOption.ts"
import * as ConfigRule from "./ConfigRule.ts"
import * as ConfigTable from "./ConfigTable.ts"
import * as WorkerId from "./WorkerId.ts"

type Optional<A> = { readonly [K in keyof A]?: A[K] | undefined }

/**
 * What users write. Everything but the group has a default; `undefined` stands for it too. All spans are numbers of
 * milliseconds.
 *
 * @category models
 * @since 0.1.0
 */
export interface PartiConfigInput extends Optional<ConfigOptions> {
  /** Which set of defaults the other options start from. Default: "balanced". */
  readonly preset?: Preset | undefined
}

/**
 * The parsed configuration. Its relations hold, and workers and the pool have names that are legal everywhere.
 *
 * @category models
 * @since 0.1.0
 */
export interface PartiConfig extends Omit<ConfigOptions, "workerId" | "workerIdPool"> {
  /** An explicit id, or `null` to draw one of `workerIds`. */
  readonly workerId: WorkerId.WorkerId | null
  /** The ids that may be drawn, in order. */
  readonly workerIds: ReadonlyArray<WorkerId.WorkerId>
}

/**
 * A rule that a configuration breaks: an option's own, which goes by the option's name, or a relation (C1, C2, …).
 *
 * @category models
 * @since 0.1.0
 */
export interface BrokenRule {
  readonly rule: string
  readonly message: string
}

/**
 * A configuration breaks rules: all of them are here, so that one look is enough to put it right.
 *
 * @category errors
 * @since 0.1.0
 */
export class ConfigInvalid extends Data.TaggedError("ConfigInvalid")<{ readonly broken: ReadonlyArray<BrokenRule> }> {
  override get message(): string {
    const lines = this.broken.map(({ message }) => `\n- ${message}`)
    return `the configuration breaks ${lines.length === 1 ? "a rule" : `${lines.length} rules`}:${lines.join("")}`
  }
}

/**
 * Checks every option and every relation, and fills in the defaults of the preset.
 *
 * **Details**
 *
 * A relation is checked when each option in it is in order by itself. Options that do not exist are refused, since they
 * are most likely misspelt.
 *
 * **Example**
 *
 * ```ts
 * import { PartiConfig } from "@parti/core"
 *
 * PartiConfig.parse({ group: "orders", preset: "development", expectedWorkers: 3 })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const parse = (input: PartiConfigInput): Result.Result<PartiConfig, ConfigInvalid> => {
  const preset = presets.find((one) => one === input.preset) ?? "balanced"
  const options = resolve(input, preset)
  const faulty = ConfigTable.names.filter((name) => !ConfigTable.table[name].accepts(options[name]))
  const broken = [
    ...unknownOptions(input),
    ...faulty.map((name) => ({ rule: name, message: faultOf(name, options[name]) })),
    ...ConfigRule.rules
      .filter((rule) => !ConfigRule.optionsOf(rule).some((name) => faulty.includes(name)) && !rule.holds(options))
      .map((rule) => ({ rule: rule.id, message: ConfigRule.explain(rule, options) }))
  ]
  return broken.length === 0 ? Result.succeed(build(options)) : Result.fail(new ConfigInvalid({ broken }))
}

const presets = ["development", "balanced", "production"] as const

const resolve = (input: PartiConfigInput, preset: Preset): ConfigOptions => {
  const { degradedPreset } = input
  const special =
    degradedPreset === "conservative" || degradedPreset === "aggressive"
      ? ConfigTable.degradedDefaults[degradedPreset]
      : undefined
  const chosen = ConfigTable.names.map((name) => {
    const given = input[name]
    if (given !== undefined) return [name, given]
    const isSpecial = name === "degradedAfterMs" || name === "recoverAfterMs"
    return [name, ((isSpecial ? special?.[name] : undefined) ?? ConfigTable.table[name].defaults)?.[preset]]
  })
  // Each name stands beside a value for it; what callers without types may have put there is checked next.
  return Object.fromEntries(chosen) as ConfigOptions
}

const show = (value: unknown): string => {
  switch (typeof value) {
    case "undefined":
      return "missing"
    case "string":
      return JSON.stringify(value.slice(0, 80))
    case "number":
    case "boolean":
    case "bigint":
      return String(value)
    case "symbol":
    case "function":
    case "object":
      return value === null ? "null" : `of type ${typeof value}`
  }
}

const faultOf = (name: keyof ConfigOptions, value: unknown): string =>
  `${name} is ${show(value)}; it takes ${ConfigTable.table[name].rule}`

const unknownOptions = (input: PartiConfigInput): ReadonlyArray<BrokenRule> => {
  const known = new Set<string>(["preset", ...ConfigTable.names])
  const strange = Object.keys(input).filter((name) => !known.has(name))
  const isPreset = input.preset === undefined || presets.some((one) => one === input.preset)
  const preset = `preset is ${show(input.preset)}; it takes ${presets.join(", ")}`
  return [
    ...strange.sort().map((name) => ({ rule: "unknown", message: `${show(name)} is not an option; is it misspelt?` })),
    ...(isPreset ? [] : [{ rule: "preset", message: preset }])
  ]
}

// Only called for options that are in order, so that no name is refused.
const workerIdOf = (name: string): WorkerId.WorkerId => Result.getOrThrow(WorkerId.parse(name))

const build = ({ workerId, workerIdPool, ...options }: ConfigOptions): PartiConfig => ({
  ...options,
  workerId: workerId === null ? null : workerIdOf(workerId),
  workerIds: Array.from({ length: workerIdPool.count }, (_, i) => workerIdOf(`${workerIdPool.prefix}-${i}`))
})
