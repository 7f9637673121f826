/**
 * What the command line says.
 *
 * @since 0.1.0
 */
import { parseArgs } from "node:util"

/**
 * What may be chosen: each a whole number.
 *
 * @category models
 * @since 0.1.0
 */
export interface Arguments {
  readonly seconds: number
  readonly seed: number
  readonly workers: number
  readonly partitions: number
}

/**
 * A command line that was read: run, print a text, or refuse in one line with advice.
 *
 * @category models
 * @since 0.1.0
 */
export type Parsed =
  | { readonly _tag: "Run"; readonly chosen: Arguments }
  | { readonly _tag: "Help"; readonly text: string }
  | { readonly _tag: "Refused"; readonly advice: string }

interface Choice {
  readonly meaning: string
  readonly usual: number
  readonly least: number
  readonly most: number
}

const choices: Readonly<Record<keyof Arguments, Choice>> = {
  seconds: { meaning: "how long it plays", usual: 20, least: 8, most: 600 },
  seed: { meaning: "which script it plays: the same seed, the same script", usual: 1, least: 0, most: 2 ** 31 - 1 },
  workers: { meaning: "how many workers there are before one crashes and one leaves", usual: 5, least: 4, most: 24 },
  partitions: { meaning: "how many partitions they share", usual: 60, least: 1, most: 1000 }
}

const isChoice = (name: string): name is keyof Arguments => Object.hasOwn(choices, name)

/**
 * Reads the arguments after the name of the script. Of an option given twice, the last counts.
 *
 * @category parsing
 * @since 0.1.0
 */
export const parse = (argv: ReadonlyArray<string>): Parsed => {
  const text = { type: "string" } as const
  const { tokens } = parseArgs({
    args: [...argv],
    options: { seconds: text, seed: text, workers: text, partitions: text, help: { type: "boolean", short: "h" } },
    allowPositionals: true,
    strict: false,
    tokens: true
  })
  const chosen = { ...usual }
  for (const token of tokens) {
    if (token.kind === "positional") return refuse(`"${token.value}" is not expected; options look like --seconds 20`)
    if (token.kind === "option-terminator") continue
    if (token.name === "help") return { _tag: "Help", text: help }
    if (!isChoice(token.name)) return refuse(`there is no option ${token.rawName}; there are ${names} and --help`)
    const value = numberOf(token.value, choices[token.name])
    if (value === null) return refuse(faultOf(token.name, token.value))
    chosen[token.name] = value
  }
  return { _tag: "Run", chosen }
}

const usual: Arguments = {
  seconds: choices.seconds.usual,
  seed: choices.seed.usual,
  workers: choices.workers.usual,
  partitions: choices.partitions.usual
}

const names = Object.keys(choices)
  .map((name) => `--${name}`)
  .join(", ")

const refuse = (advice: string): Parsed => ({ _tag: "Refused", advice })

const numberOf = (text: string | undefined, { least, most }: Choice): number | null => {
  if (text === undefined || !/^\d{1,10}$/.test(text)) return null
  const value = Number(text)
  return value >= least && value <= most ? value : null
}

const faultOf = (name: keyof Arguments, text: string | undefined): string => {
  const { least, most, usual: example } = choices[name]
  const given = text === undefined ? "" : `, not ${JSON.stringify(text)}`
  return `--${name} takes a whole number from ${least} to ${most}${given}; try --${name} ${example}`
}

const help = [
  "A group of workers, live, on the embedded store: some join, one crashes, one leaves, one restarts.",
  "",
  ...Object.entries(choices).map(
    ([name, { least, meaning, most, usual: value }]) =>
      `  ${`--${name} N`.padEnd(16)}${meaning} (${least} to ${most}; usually ${value})`
  ),
  `  ${"--help".padEnd(16)}prints this`,
  "",
  "It ends by itself: with 0, or with 1 if two workers ever ran one partition, or if one is left without an owner."
].join("\n")
