/** What groups and their messages cost on a real server; each row says what it should be. The store's own figures: `store.ts`. */
import { Effect } from "effect"
import * as Crash from "./nats/Crash.ts"
import * as Moves from "./nats/Moves.ts"
import type { Row } from "./nats/Row.ts"
import * as Throughput from "./nats/Throughput.ts"
import * as Traffic from "./nats/Traffic.ts"

/** All of it, each part on a server of its own. */
export const run = (): Promise<ReadonlyArray<Row>> =>
  Effect.runPromise(
    Effect.gen(function* () {
      return [...(yield* Throughput.run), ...(yield* Moves.run), ...(yield* Crash.run), ...(yield* Traffic.run)]
    })
  )
