/** How long until everything is handled again after a process was killed. */
import * as FleetJournal from "@parti/testkit/FleetJournal"
import * as NatsServer from "@parti/testkit/NatsServer"
import { Effect, References } from "effect"
import * as Group from "../../chaos/Group.ts"
import { ms, type Row, windowless } from "./Row.ts"

const partitions = 64

const rounds = 3

/**
 * One of three processes is killed at some moment between two renewals, and started again when all is well. Counted is the
 * time from the kill until each partition's next message has been handled.
 */
const crash = (whom: "worker" | "leader", leaseMs: number): Effect.Effect<Row, unknown> =>
  Effect.gen(function* () {
    const config = {
      ...windowless,
      leaseMs,
      heartbeatIntervalMs: leaseMs / 5,
      marginMs: leaseMs / 20,
      requestTimeoutMs: leaseMs / 5,
      fenceLeadMs: leaseMs / 10,
      degradedAfterMs: leaseMs / 2,
      recoverAfterMs: leaseMs / 5
    }
    const { url } = yield* NatsServer.make()
    const group = yield* Group.make({ servers: [url], partitions, config, patienceMs: 60_000 })
    yield* Effect.forEach(["a", "b", "c"], (name) => group.start(name))
    yield* group.progress
    const times: Array<number> = []
    for (let round = 0; round < rounds; round++) {
      yield* Effect.sleep((round * leaseMs) / 15)
      const leader = group.leader()
      const victim = group.running().find(({ life }) => (life === leader?.life) === (whom === "leader"))
      if (victim === undefined) return yield* Effect.die(new Error(`there is no ${whom}`))
      const killedAt = FleetJournal.now()
      yield* victim.kill
      yield* group.progress
      times.push(FleetJournal.now() - killedAt)
      yield* group.start(victim.name)
      yield* group.progress
    }
    return {
      what: `SIGKILL of a ${whom} until all ${partitions} partitions are consumed again, lease ${leaseMs / 1000} s`,
      value: ms(Math.max(...times)),
      aim: `≤ ${ms(leaseMs + 1_000)}`,
      note: `the worst of ${times.map((one) => ms(one)).join(", ")}; 3 processes`
    }
  }).pipe(Effect.scoped)

export const run: Effect.Effect<ReadonlyArray<Row>, unknown> = Effect.forEach([2_000, 6_000], (leaseMs) =>
  Effect.forEach(["worker", "leader"] as const, (whom) => crash(whom, leaseMs))
).pipe(
  Effect.map((rows) => rows.flat()),
  Effect.provideService(References.MinimumLogLevel, "None")
)
