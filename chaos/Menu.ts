/**
 * What chaos can do, by name, and what it does in a round that is drawn from a seed.
 *
 * @since 0.1.0
 */
import type * as NatsServer from "@parti/testkit/NatsServer"
import type * as TcpProxy from "@parti/testkit/TcpProxy"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import * as FakeClock from "./FakeClock.ts"
import * as Scenario from "./Scenario.ts"
import * as Clocks from "./scenarios/Clocks.ts"
import * as Servers from "./scenarios/Servers.ts"
import * as Workers from "./scenarios/Workers.ts"
import type * as WorkerSettings from "./WorkerSettings.ts"

/**
 * Where a round takes place. The first worker's link goes through the proxy to the first of the servers: one, or a cluster of
 * three.
 *
 * @category models
 * @since 0.1.0
 */
export interface Place {
  readonly server: NatsServer.NatsServerHandle
  readonly servers: ReadonlyArray<NatsServer.NatsServerHandle>
  readonly proxy: TcpProxy.TcpProxy
}

/**
 * What is done to certain workers can only be done first: later they may be others, or more. `Alone`: see `Needs`. `Asked`: it
 * takes too long to be drawn.
 */
type Moment = "First" | "Any" | "Alone" | "Asked"

/**
 * What a round must be like for the sake of what happens in it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Needs {
  readonly workers?: number
  readonly handlerMs?: number
  readonly patienceMs?: number
  readonly cluster?: boolean
  readonly partitions?: number
  readonly perSecond?: number
  readonly config?: NonNullable<Scenario.Sizes["config"]>
}

interface Dish extends Needs {
  readonly moment: Moment
  /** How often it is done, unless somebody wants it otherwise. */
  readonly times: number
  /** Why it cannot be done on this machine. */
  readonly refusal?: string | null
  readonly act: (place: Place, times: number) => Scenario.Act
}

const any = (times: number, act: Dish["act"], needs: Needs = {}): Dish => ({ moment: "Any", times, act, ...needs })

/** The lease of `Scenario.quick`. */
const leaseMs = 2_000

/** Long enough for a process to end and to start again on a busy machine. */
const patient = { ...Scenario.quick, plannedWindowMs: 30_000 }

const settingsOf =
  (proxy: TcpProxy.TcpProxy, config: NonNullable<Scenario.Sizes["config"]>) =>
  (
    index: number
  ): { readonly servers?: ReadonlyArray<string>; readonly config: WorkerSettings.WorkerSettings["config"] } => ({
    ...(index === 0 ? { servers: [proxy.url] } : {}),
    config: { ...config, instance: `host-${index}` }
  })

const each = (times: number): ReadonlyArray<number> => Array.from({ length: times }, (_, i) => i)

const menu = {
  "leader-killed": any(3, (_, times) => Workers.leaderKilled({ times })),
  "leader-killed-often": any(12, (_, times) => Workers.leaderKilledEvery({ everyMs: 5_000, forMs: 5_000 * times })),
  "leader-left": any(1, () => Workers.leaderLeft),
  "leader-paused": any(2, (_, times) => Workers.paused({ times, whom: "leader" }), {
    handlerMs: 5,
    patienceMs: 60_000
  }),
  "worker-paused": any(3, (_, times) => Workers.paused({ times, whom: "follower" }), {
    handlerMs: 5,
    patienceMs: 60_000
  }),
  "worker-blocked": any(1, (_, times) => Workers.blocked({ forMs: each(times).flatMap(() => [500, 10_000]), leaseMs })),
  "all-killed": any(1, ({ proxy }, times) => Workers.allKilled({ times, settings: settingsOf(proxy, Scenario.quick) })),
  "rolling-update": {
    moment: "Alone",
    times: 1,
    workers: 10,
    config: patient,
    patienceMs: 90_000,
    act: ({ proxy }, times) => Workers.rolled({ times, settings: settingsOf(proxy, patient) })
  },
  churn: any(1, () => Workers.churn({ messages: 0 })),
  million: {
    moment: "Asked",
    times: 1_000_000,
    partitions: 64,
    // As much as two cores carry that run the server, the producer, the workers, and all their journals.
    perSecond: 2_500,
    patienceMs: 120_000,
    config: {
      ...Scenario.quick,
      leaseMs: 6_000,
      heartbeatIntervalMs: 1_200,
      marginMs: 300,
      requestTimeoutMs: 1_200,
      fenceLeadMs: 600,
      degradedAfterMs: 3_000,
      recoverAfterMs: 1_200
    },
    act: (_, times) => Workers.churn({ messages: times })
  },
  moves: { moment: "First", times: 4, workers: 2, act: (_, times) => Workers.moved({ times }) },
  "server-killed": any(2, ({ server }, times) => Servers.killed(server, { times, downMs: 1_000 })),
  "server-paused": any(1, ({ server }, times) =>
    Servers.paused(server, { forMs: each(times).flatMap(() => [1_000, 5_000]) })
  ),
  "server-away": {
    moment: "Alone",
    times: 1,
    act: ({ server }, times) => Servers.killed(server, { times, downMs: 30_000 })
  },
  "cluster-rolled": {
    moment: "Alone",
    times: 1,
    cluster: true,
    patienceMs: 60_000,
    act: ({ servers }) => Servers.clusterRolled(servers, "all")
  },
  "link-cut": {
    moment: "First",
    times: 1,
    act: ({ proxy }, times) =>
      Servers.linkCut(proxy, {
        ways: each(times).flatMap(() => ["toServer", "toClient", "both"] as const),
        shortMs: 500
      })
  },
  "link-slow": {
    moment: "First",
    times: 1,
    act: ({ proxy }, times) => Servers.linkSlowed(proxy, { ms: 100, forMs: 5_000, ways: each(times).map(() => "both") })
  },
  "link-slow-one-way": {
    moment: "First",
    times: 1,
    act: ({ proxy }, times) => {
      const ways = each(times).flatMap(() => ["toServer", "toClient"] as const)
      return Servers.linkSlowed(proxy, { ms: 200, forMs: 5_000, ways })
    }
  },
  "clock-apart": {
    moment: "First",
    times: 1,
    patienceMs: 60_000,
    refusal: FakeClock.library === null ? FakeClock.advice : null,
    act: ({ proxy }, times) => Clocks.apart(proxy, { times, settings: settingsOf(proxy, Scenario.quick) })
  },
  "buckets-deleted": any(1, (_, times) =>
    Servers.bucketsDeleted(each(times).flatMap(() => [["live"], ["plan"], ["live", "plan"]] as const))
  ),
  "consumers-deleted": any(2, (_, times) => Servers.consumersDeleted({ times }))
} satisfies Readonly<Record<string, Dish>>

/**
 * One thing that chaos does.
 *
 * @category models
 * @since 0.1.0
 */
export type Name = keyof typeof menu

/**
 * All of them.
 *
 * @category constants
 * @since 0.1.0
 */
export const names: ReadonlyArray<Name> = Object.keys(menu).filter((name): name is Name => name in menu)

const dish = (name: Name): Dish => menu[name]

/**
 * Why this machine cannot do it, and what to do about that; `null`: it can.
 *
 * @category getters
 * @since 0.1.0
 */
export const refusal = (name: Name): string | null => dish(name).refusal ?? null

/**
 * The settings of the workers of a round: the first is connected through the proxy, and each is known by a name.
 *
 * @category constructors
 * @since 0.1.0
 */
export const settings = (chosen: ReadonlyArray<Name>, { proxy }: Place): ReturnType<typeof settingsOf> =>
  settingsOf(proxy, needs(chosen).config ?? Scenario.quick)

/**
 * What happens in a round: what was asked for, or a few things that the round's own seed draws.
 *
 * @category constructors
 * @since 0.1.0
 */
export const draw = (scenario: Name | "mixed", seed: string): Effect.Effect<ReadonlyArray<Name>> => {
  if (scenario !== "mixed") return Effect.succeed([scenario])
  return Effect.gen(function* () {
    const at = (moment: Moment) => names.filter((name) => dish(name).moment === moment && refusal(name) === null)
    const dice = yield* Random.nextIntBetween(0, 8)
    if (dice === 0) return (yield* Random.shuffle(at("Alone"))).slice(0, 1)
    const first = dice <= 3 ? (yield* Random.shuffle(at("First"))).slice(0, 1) : []
    return [...first, ...(yield* Random.shuffle(at("Any"))).slice(0, 2)]
  }).pipe(Random.withSeed(seed))
}

/**
 * The acts of these names at a place. `times`: how often each is done, if somebody wants it otherwise.
 *
 * @category constructors
 * @since 0.1.0
 */
export const acts = (chosen: ReadonlyArray<Name>, place: Place, times: number | null): ReadonlyArray<Scenario.Act> =>
  chosen.map((name) => dish(name).act(place, times ?? dish(name).times))

/**
 * What a round with these must be like: partitions that are to move from one worker to the other, say, need two workers, and
 * no third.
 *
 * @category getters
 * @since 0.1.0
 */
export const needs = (chosen: ReadonlyArray<Name>): Needs => Object.assign({}, ...chosen.map(dish))
