/** How long until everything is handled again after a process was killed. */
import type * as Fleet from "@parti/testkit/Fleet"
import * as FleetJournal from "@parti/testkit/FleetJournal"
import * as NatsServer from "@parti/testkit/NatsServer"
import { Effect, References } from "effect"
import * as Group from "../../chaos/Group.ts"
import * as Guarded from "../../chaos/Guarded.ts"
import { ms, type Row, windowless } from "./Row.ts"

const partitions = 64

const rounds = 3

/** `Guarded`: a guardian sees the end of the worker process. `WithGuardian`: it is killed with it, as by the loss of a machine. */
type How = "Alone" | "Guarded" | "WithGuardian"

interface Case {
  readonly whom: "worker" | "leader"
  readonly how: How
  readonly leaseMs: number
}

/** The defaults at a lease of ten seconds, and in proportion to it. */
const configOf = (leaseMs: number) => ({
  ...windowless,
  leaseMs,
  heartbeatIntervalMs: leaseMs / 5,
  marginMs: leaseMs / 20,
  requestTimeoutMs: leaseMs / 5,
  fenceLeadMs: leaseMs / 10,
  degradedAfterMs: leaseMs / 2,
  recoverAfterMs: leaseMs / 5
})

const kill = (how: How, victim: Fleet.FleetProcess): Effect.Effect<void> =>
  how === "Guarded" ? victim.tell("die") : victim.kill

/**
 * One of three processes is killed at some moment between two renewals, and started again when all is well. Counted is the
 * time from the kill until each partition's next message has been handled.
 */
const crash = ({ how, leaseMs, whom }: Case): Effect.Effect<Row, unknown> =>
  Effect.gen(function* () {
    const { url } = yield* NatsServer.make()
    const group = yield* Group.make({ servers: [url], partitions, config: configOf(leaseMs), patienceMs: 60_000 })
    const wrapper = how === "Alone" ? [] : Guarded.wrapper({ group: group.names.messages, servers: [url] })
    const start = (name: string) => group.start(name, {}, { wrapper })
    yield* Effect.forEach(["a", "b", "c"], start)
    yield* group.progress
    const times: Array<number> = []
    for (let round = 0; round < rounds; round++) {
      yield* Effect.sleep((round * leaseMs) / 15)
      const leader = group.leader()
      const victim = group.running().find(({ life }) => (life === leader?.life) === (whom === "leader"))
      if (victim === undefined) return yield* Effect.die(new Error(`there is no ${whom}`))
      const killedAt = FleetJournal.now()
      yield* kill(how, victim)
      yield* group.fleet.until(`${victim.life} is dead`, () => isDead(group, victim))
      yield* group.progress
      times.push(FleetJournal.now() - killedAt)
      yield* start(victim.name)
      yield* group.progress
    }
    return {
      what: `SIGKILL of a ${whom}${words[how]} until all ${partitions} partitions are consumed again, lease ${leaseMs / 1000} s`,
      value: ms(Math.max(...times)),
      aim: `≤ ${ms(how === "Guarded" ? 1_000 : leaseMs + 1_000)}`,
      note: `the worst of ${times.map((one) => ms(one)).join(", ")}; 3 processes`
    }
  }).pipe(Effect.scoped)

const words: Readonly<Record<How, string>> = {
  Alone: "",
  Guarded: " under a guardian",
  WithGuardian: " with its guardian"
}

const isDead = ({ fleet: { events } }: Group.Group, { life }: Fleet.FleetProcess): boolean =>
  events.some(({ entry }) => entry._tag === "ProcessKilled" && entry.life === life)

const cases: ReadonlyArray<Case> = [
  ...[2_000, 6_000, 10_000].flatMap((leaseMs) =>
    (["Alone", "Guarded"] as const).flatMap((how) =>
      (["worker", "leader"] as const).map((whom) => ({ how, leaseMs, whom }))
    )
  ),
  { how: "WithGuardian", leaseMs: 2_000, whom: "worker" }
]

export const run: Effect.Effect<ReadonlyArray<Row>, unknown> = Effect.forEach(cases, crash).pipe(
  Effect.provideService(References.MinimumLogLevel, "None")
)
