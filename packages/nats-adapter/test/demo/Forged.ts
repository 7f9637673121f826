/** Ends as the demo does, upon journals that tell of what its argument names. */
import type { Entry, Stamped } from "@parti/testkit/FleetJournal"
import * as FleetJudge from "@parti/testkit/FleetJudge"
import * as Effect from "effect/Effect"
import * as Summary from "../../../../demo/nats/Summary.ts"
import * as Performance from "../../../../demo/Performance.ts"

const at = (time: number, by: string, entry: Entry): Stamped => ({ at: time, by, entry })

const turn = (by: string, token: number, from: number, to: number, sequence: number): ReadonlyArray<Stamped> => {
  const run = { partition: "p0", token }
  const handling = { ...run, sequence, attempt: 1 }
  return [
    at(from, by, { _tag: "RunBegan", ...run }),
    at(from + 1, by, { _tag: "MessageBegan", ...handling }),
    at(from + 2, by, { _tag: "MessageEnded", ...handling, outcome: "done" }),
    at(to, by, { _tag: "RunEnded", ...run })
  ]
}

/** Two owners with a message each; what is wrong is one number. */
const forged: Readonly<Record<string, ReadonlyArray<Stamped>>> = {
  sound: [...turn("one", 1, 0, 10, 1), ...turn("two", 2, 20, 30, 2)],
  overlap: [...turn("one", 1, 0, 21.5, 1), ...turn("two", 2, 20, 30, 2)],
  lost: [...turn("one", 1, 0, 10, 1), ...turn("two", 2, 20, 30, 1)],
  disorder: [...turn("one", 1, 0, 10, 2), ...turn("two", 2, 20, 30, 1)],
  unowned: [...turn("one", 1, 0, 10, 1), ...turn("two", 2, 20, 25, 2)],
  nothing: []
}

const records = [
  at(0, "supervisor", { _tag: "Published", partition: "p0", through: 2 }),
  ...(forged[process.argv[2] ?? ""] ?? []),
  at(30, "supervisor", { _tag: "Closing" })
]
const account = FleetJudge.judge(records, { partitions: ["p0"] })
const summary = { title: "Forged", lengthMs: 30, rebalances: [], account, failures: [] }
const { faults, lines } = Summary
process.exitCode = await Performance.give({ play: () => Effect.succeed(summary), faults, lines })
