/**
 * `npm start -- --nats`.
 *
 * @since 0.1.0
 */
import * as Performance from "../Performance.ts"
import { natsServer } from "../../tools/nats-server.mjs"
import * as CommandLine from "./CommandLine.ts"
import * as Show from "./Show.ts"
import * as Summary from "./Summary.ts"

/**
 * Does what the command line says; resolves to the exit code.
 *
 * @category running
 * @since 0.1.0
 */
export const start = async (argv: ReadonlyArray<string>): Promise<number> => {
  const parsed = CommandLine.parse(argv)
  switch (parsed._tag) {
    case "Run": {
      const { chosen } = parsed
      // Fetches one if there is none on this machine, as the tests do.
      if (chosen.servers.length === 0) process.env["NATS_SERVER_BIN"] = natsServer()
      const { faults, lines } = Summary
      return Performance.give({ play: (screen) => Show.play(chosen, screen), lines, faults })
    }
    case "Help":
      console.log(parsed.text)
      return 0
    case "Refused":
      console.error(parsed.advice)
      return 2
  }
}
