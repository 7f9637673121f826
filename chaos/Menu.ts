/**
 * What chaos can do, by name, and what it does in a round that is drawn from a seed.
 *
 * @since 0.1.0
 */
import type * as NatsServer from "@parti/testkit/NatsServer"
import type * as TcpProxy from "@parti/testkit/TcpProxy"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import type { Act } from "./Scenario.ts"
import * as Servers from "./scenarios/Servers.ts"
import * as Workers from "./scenarios/Workers.ts"

/**
 * Where a round takes place. The first worker's link goes through the proxy.
 *
 * @category models
 * @since 0.1.0
 */
export interface Place {
  readonly server: NatsServer.NatsServerHandle
  readonly proxy: TcpProxy.TcpProxy
}

/** What is done to certain workers can only be done first: later they may be others, or more. */
type Moment = "First" | "Any"

interface Dish {
  readonly moment: Moment
  readonly act: (place: Place) => Act
}

const any = (act: Dish["act"]): Dish => ({ moment: "Any", act })

const menu = {
  "leader-killed": any(() => Workers.leaderKilled({ times: 3 })),
  "leader-paused": any(() => Workers.paused({ times: 2, whom: "leader" })),
  "worker-paused": any(() => Workers.paused({ times: 3, whom: "follower" })),
  "all-killed": any(({ proxy }) => Workers.allKilled({ times: 1, settings: linkOf(proxy) })),
  churn: any(() => Workers.churn({ messages: 0 })),
  moves: { moment: "First", act: () => Workers.moved({ times: 4 }) },
  "server-killed": any(({ server }) => Servers.killed(server, { times: 2, downMs: 1_000 })),
  "server-paused": any(({ server }) => Servers.paused(server, { forMs: [1_000, 5_000] })),
  "server-away": any(({ server }) => Servers.killed(server, { times: 1, downMs: 30_000 })),
  "link-cut": {
    moment: "First",
    act: ({ proxy }) => Servers.linkCut(proxy, { ways: ["toServer", "toClient", "both"], shortMs: 500 })
  }
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

/**
 * The settings of the workers of a round: the first is connected through the proxy.
 *
 * @category constructors
 * @since 0.1.0
 */
export const linkOf =
  ({ url }: TcpProxy.TcpProxy) =>
  (index: number): { readonly servers?: ReadonlyArray<string> } =>
    index === 0 ? { servers: [url] } : {}

/**
 * What happens in a round: what was asked for, or a few things that the round's own seed draws.
 *
 * @category constructors
 * @since 0.1.0
 */
export const draw = (scenario: Name | "mixed", seed: string): Effect.Effect<ReadonlyArray<Name>> => {
  if (scenario !== "mixed") return Effect.succeed([scenario])
  return Effect.gen(function* () {
    const at = (moment: Moment) => names.filter((name) => menu[name].moment === moment && name !== "server-away")
    const first = (yield* Random.nextIntBetween(0, 2)) === 0 ? (yield* Random.shuffle(at("First"))).slice(0, 1) : []
    return [...first, ...(yield* Random.shuffle(at("Any"))).slice(0, 2)]
  }).pipe(Random.withSeed(seed))
}

/**
 * The acts of these names at a place.
 *
 * @category constructors
 * @since 0.1.0
 */
export const acts = (chosen: ReadonlyArray<Name>, place: Place): ReadonlyArray<Act> =>
  chosen.map((name) => menu[name].act(place))

/**
 * How many workers a round begins with: partitions that are to move from one to the other need two, and no third.
 *
 * @category getters
 * @since 0.1.0
 */
export const workers = (chosen: ReadonlyArray<Name>, wanted: number): number => (chosen.includes("moves") ? 2 : wanted)
