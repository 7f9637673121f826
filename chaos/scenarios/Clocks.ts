/**
 * What is done to the clocks of worker processes.
 *
 * @since 0.1.0
 */
import type * as Fleet from "@parti/testkit/Fleet"
import * as FleetJournal from "@parti/testkit/FleetJournal"
import type * as TcpProxy from "@parti/testkit/TcpProxy"
import * as Effect from "effect/Effect"
import * as FakeClock from "../FakeClock.ts"
import type * as Group from "../Group.ts"
import type * as Scenario from "../Scenario.ts"

/**
 * Within what two margins of `Scenario.quick` allow: a worker follows its wall clock where that runs ahead. Clocks that go slower
 * than the monotonic one are not followed.
 */
const clocks = {
  fast: { seconds: 90, rate: 1.04 },
  slow: { seconds: -90, rate: 0.96 }
} as const satisfies Readonly<Record<string, FakeClock.Apart>>

/**
 * Two workers join whose wall clocks are a minute and a half ahead and behind, and run at other rates. Each leads in its turn,
 * and while it does, the first worker's link is cut until others run all that it had: by nobody's clock too early. `times`:
 * how often.
 *
 * @category acts
 * @since 0.1.0
 */
export const apart =
  (
    proxy: TcpProxy.TcpProxy,
    { settings, times }: { readonly times: number; readonly settings: (index: number) => Settings }
  ): Scenario.Act =>
  (group) =>
    Effect.gen(function* () {
      const { library } = FakeClock
      if (library === null) return { breaches: [FakeClock.advice] }
      const start = (name: string) => {
        const clock = Object.entries(clocks).find(([other]) => other === name)?.[1]
        return clock === undefined
          ? group.start(name, name === linked ? settings(0) : {})
          : group.start(name, {}, { env: FakeClock.variables(library, clock) })
      }
      const breaches: Array<string> = []
      for (const [name, clock] of Object.entries(clocks)) {
        const one = yield* start(name)
        yield* one.ready
        breaches.push(...(yield* faultsOf(group, one, clock)))
      }
      yield* group.working
      for (let i = 0; i < times; i++) {
        for (const name of Object.keys(clocks)) {
          yield* lead(group, name, start)
          yield* cut(group, proxy)
        }
      }
      const joined = group.running().filter(({ name }) => name in clocks)
      yield* Effect.forEach(joined, ({ terminate }) => terminate, { discard: true })
      yield* Effect.forEach(joined, ({ exited }) => exited, { discard: true })
      yield* group.progress
      return { breaches, figures: { "terms by clocks set apart": times * Object.keys(clocks).length } }
    })

type Settings = NonNullable<Parameters<Group.Group["start"]>[1]>

/** What its clocks tell: the wall clock must be apart, and that of its journal must not. */
const faultsOf = (
  { fleet }: Group.Group,
  { life, tell }: Fleet.FleetProcess,
  { seconds }: FakeClock.Apart
): Effect.Effect<ReadonlyArray<string>, Fleet.FleetError> =>
  Effect.gen(function* () {
    const answer = () =>
      fleet.events.find(({ by, entry }) => by === life && entry._tag === "Noted" && entry.what === "wall")
    const from = FleetJournal.now()
    yield* tell("wall")
    yield* fleet.until(`${life} tells the time`, () => answer() !== undefined)
    const told = answer()
    if (told === undefined || told.entry._tag !== "Noted") return []
    const [aheadMs, to] = [Number(told.entry.value) - Date.now(), FleetJournal.now()]
    return [
      ...(aheadMs / seconds > 500 ? [] : [`the wall clock of ${life} is ${aheadMs} ms ahead, and not ${seconds} s`]),
      ...(told.at >= from && told.at <= to ? [] : [`the journal of ${life} is stamped by a clock of its own`])
    ]
  })

/** Whoever is ready first leads next, and that is not always the same: so many terms without one of five are no chance. */
const mostTries = 100

/** Kills whoever leads, and starts it again, until one of this name does. */
const lead = (
  { fleet: { until }, leader, working }: Group.Group,
  name: string,
  start: (name: string) => Effect.Effect<unknown, Fleet.FleetError>
): Effect.Effect<void, Fleet.FleetError> =>
  Effect.gen(function* () {
    for (let tries = 0; tries < mostTries; tries++) {
      yield* until("somebody leads", () => leader() !== null)
      const found = leader()
      if (found?.name === name) return
      if (found === null) continue
      yield* found.kill
      yield* until("another leads", () => leader() !== null && leader()?.life !== found.life)
      yield* start(found.name)
      yield* working
    }
    return yield* Effect.die(new Error(`${name} was not to lead in ${mostTries} terms`))
  })

/** The first worker: its link goes through the proxy. */
const linked = "host-1"

const cut = (group: Group.Group, proxy: TcpProxy.TcpProxy): Effect.Effect<void, Fleet.FleetError> =>
  Effect.suspend(() => {
    const { judge, until } = group.fleet
    const victim = group.running().find(({ name }) => name === linked)
    const hasNothing = () => judge.running(victim?.life ?? "") === 0 && judge.running() === group.partitions
    const outage = Effect.andThen(proxy.cut("both"), Effect.andThen(until("others have all", hasNothing), proxy.heal()))
    return group.during("LinkCutLong", Effect.andThen(outage, group.progress))
  })
