/**
 * What the command line says, after `--nats`.
 *
 * @since 0.1.0
 */
import { parseArgs } from "node:util"
import * as Arguments from "../../packages/nats-adapter/src/cli/demo/Arguments.ts"

/**
 * What may be chosen. `servers`: those to play on; none: one of its own.
 *
 * @category models
 * @since 0.1.0
 */
export interface Chosen extends Arguments.Arguments {
  readonly servers: ReadonlyArray<string>
}

const choices: Readonly<Record<keyof Arguments.Arguments, Arguments.Choice>> = {
  seconds: { meaning: "how long it plays, on a machine that keeps up", usual: 20, least: 5, most: 3600 },
  seed: { meaning: "which script it plays: the same seed, the same script", usual: 1, least: 0, most: 2 ** 31 - 1 },
  workers: { meaning: "how many worker processes there are at first", usual: 4, least: 2, most: 24 },
  partitions: { meaning: "how many partitions they share", usual: 64, least: 6, most: 512 }
}

const others = { "servers A,B": "plays on these servers, instead of one of its own", nats: "is what brought you here" }

const line: Arguments.CommandLine<keyof Arguments.Arguments> = {
  about:
    "Worker processes on a real nats-server, with a stream of numbered messages: one is killed with SIGKILL, two are\n" +
    "added, one is asked to leave and drains.",
  ending:
    "It ends by itself: with 0, or with 1 if a message was lost or out of order, or a partition was owned twice or by\n" +
    "nobody in the end.",
  choices,
  others
}

/**
 * Reads the arguments after the name of the script.
 *
 * @category parsing
 * @since 0.1.0
 */
export const parse = (argv: ReadonlyArray<string>): Arguments.Parsed<Chosen> => {
  const { tokens } = parseArgs({
    args: [...argv],
    options: { servers: { type: "string" }, nats: { type: "boolean" } },
    allowPositionals: true,
    strict: false,
    tokens: true
  })
  const taken = new Set<number>()
  let servers: ReadonlyArray<string> = []
  for (const token of tokens) {
    if (token.kind !== "option" || (token.name !== "servers" && token.name !== "nats")) continue
    taken.add(token.index)
    if (token.name === "nats") continue
    servers = (token.value ?? "").split(",").filter((server) => server !== "" && !server.startsWith("-"))
    if (servers.length === 0) {
      return { _tag: "Refused", advice: "--servers takes addresses; try --servers nats://127.0.0.1:4222" }
    }
    if (token.inlineValue === false) taken.add(token.index + 1)
  }
  const rest = argv.filter((_, index) => !taken.has(index))
  const parsed = Arguments.read(line, rest)
  return parsed._tag === "Run" ? { _tag: "Run", chosen: { ...parsed.chosen, servers } } : parsed
}
