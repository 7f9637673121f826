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
export type Parsed<A = Arguments> =
  | { readonly _tag: "Run"; readonly chosen: A }
  | { readonly _tag: "Help"; readonly text: string }
  | { readonly _tag: "Refused"; readonly advice: string }

/**
 * One number that may be chosen: what it means, what it is if it is not chosen, and its bounds.
 *
 * @category models
 * @since 0.1.0
 */
export interface Choice {
  readonly meaning: string
  readonly usual: number
  readonly least: number
  readonly most: number
}

/**
 * What may be chosen, by name.
 *
 * @category constants
 * @since 0.1.0
 */
export const choices: Readonly<Record<keyof Arguments, Choice>> = {
  seconds: { meaning: "how long it plays", usual: 20, least: 8, most: 600 },
  seed: { meaning: "which script it plays: the same seed, the same script", usual: 1, least: 0, most: 2 ** 31 - 1 },
  workers: { meaning: "how many workers there are before one crashes and one leaves", usual: 5, least: 4, most: 24 },
  partitions: { meaning: "how many partitions they share", usual: 60, least: 1, most: 1000 }
}

/**
 * A command line that takes numbers. `about` and `ending` frame the help; `others` are options that somebody else has taken
 * out before, each with its meaning.
 *
 * @category models
 * @since 0.1.0
 */
export interface CommandLine<K extends string> {
  readonly about: string
  readonly ending: string
  readonly choices: Readonly<Record<K, Choice>>
  readonly others?: Readonly<Record<string, string>>
}

/**
 * Reads the arguments after the name of the script. Of an option given twice, the last counts.
 *
 * @category parsing
 * @since 0.1.0
 */
export const read = <K extends string>(
  line: CommandLine<K>,
  argv: ReadonlyArray<string>
): Parsed<Readonly<Record<K, number>>> => {
  const names = Object.keys(line.choices).filter((name): name is K => Object.hasOwn(line.choices, name))
  const text = { type: "string" } as const
  const { tokens } = parseArgs({
    args: [...argv],
    options: {
      ...Object.fromEntries(names.map((name) => [name, text])),
      help: { type: "boolean", short: "h" }
    },
    allowPositionals: true,
    strict: false,
    tokens: true
  })
  const chosen = new Map<string, number>()
  for (const token of tokens) {
    if (token.kind === "positional") return refuse(`"${token.value}" is not expected; options look like --seconds 20`)
    if (token.kind === "option-terminator") continue
    if (token.name === "help") return { _tag: "Help", text: helpOf(line) }
    const name = names.find((one) => one === token.name)
    if (name === undefined) return refuse(`there is no option ${token.rawName}; there are ${listed(line)} and --help`)
    const value = numberOf(token.value, line.choices[name])
    if (value === null) return refuse(faultOf(name, line.choices[name], token.value))
    chosen.set(name, value)
  }
  const valueOf = (name: K) => [name, chosen.get(name) ?? line.choices[name].usual] as const
  // One entry for each name.
  const all = Object.fromEntries(names.map(valueOf)) as Record<K, number>
  return { _tag: "Run", chosen: all }
}

/**
 * Reads the command line of the group in memory.
 *
 * @category parsing
 * @since 0.1.0
 */
export const parse = (argv: ReadonlyArray<string>): Parsed =>
  read(
    {
      about: "A group of workers, live, on the embedded store: some join, one crashes, one leaves, one restarts.",
      ending:
        "It ends by itself: with 0, or with 1 if two workers ever ran one partition, or if one is left without an owner.",
      choices
    },
    argv
  )

const listed = <K extends string>({ choices: numbers, others = {} }: CommandLine<K>): string =>
  [...Object.keys(numbers), ...Object.keys(others)].map((name) => `--${name}`).join(", ")

const refuse = (advice: string): Parsed<never> => ({ _tag: "Refused", advice })

const numberOf = (text: string | undefined, { least, most }: Choice): number | null => {
  if (text === undefined || !/^\d{1,10}$/.test(text)) return null
  const value = Number(text)
  return value >= least && value <= most ? value : null
}

/**
 * What is wrong with a number that was not taken, with advice.
 *
 * @category rendering
 * @since 0.1.0
 */
export const faultOf = (name: string, { least, most, usual: example }: Choice, text: string | undefined): string => {
  const given = text === undefined ? "" : `, not ${JSON.stringify(text)}`
  return `--${name} takes a whole number from ${least} to ${most}${given}; try --${name} ${example}`
}

const helpOf = <K extends string>({ about, choices: numbers, ending, others = {} }: CommandLine<K>): string =>
  [
    about,
    "",
    ...Object.entries<Choice>(numbers).map(
      ([name, { least, meaning, most, usual }]) =>
        `  ${`--${name} N`.padEnd(16)}${meaning} (${least} to ${most}; usually ${usual})`
    ),
    ...Object.entries(others).map(([name, meaning]) => `  ${`--${name}`.padEnd(16)}${meaning}`),
    `  ${"--help".padEnd(16)}prints this`,
    "",
    ending
  ].join("\n")
