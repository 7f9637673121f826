/**
 * The demo in one process: a group of workers, live, on the store in memory.
 *
 * @since 0.1.0
 */
import * as Arguments from "../packages/nats-adapter/src/cli/demo/Arguments.ts"
import * as Performance from "./Performance.ts"
import * as Show from "../packages/nats-adapter/src/cli/demo/Show.ts"
import * as Summary from "../packages/nats-adapter/src/cli/demo/Summary.ts"

const parsed = Arguments.parse(process.argv.slice(2))
switch (parsed._tag) {
  case "Run": {
    const { chosen } = parsed
    const { faults, lines } = Summary
    process.exitCode = await Performance.give({ play: (screen) => Show.play(chosen, screen), lines, faults })
    break
  }
  case "Help":
    console.log(parsed.text)
    break
  case "Refused":
    console.error(parsed.advice)
    process.exitCode = 2
}
