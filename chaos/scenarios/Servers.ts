/**
 * What is done to servers and to the links to them: killed, paused, cut.
 *
 * @since 0.1.0
 */
import type { JetStreamManager } from "@nats-io/jetstream"
import type * as Fleet from "@parti/testkit/Fleet"
import type * as NatsServer from "@parti/testkit/NatsServer"
import type * as TcpProxy from "@parti/testkit/TcpProxy"
import * as Effect from "effect/Effect"
import type * as Group from "../Group.ts"
import type * as Scenario from "../Scenario.ts"

/**
 * The only server is killed and started again on its store: so many times. `downMs`: for how long it is away.
 *
 * @category acts
 * @since 0.1.0
 */
export const killed =
  (server: NatsServer.NatsServerHandle, options: { readonly times: number; readonly downMs: number }): Scenario.Act =>
  (group) => {
    const outage = Effect.andThen(server.kill, Effect.andThen(Effect.sleep(options.downMs), server.start))
    const once = group.during("ServerKilled", Effect.andThen(outage, progress(group)))
    return Effect.as(Effect.repeat(once, { times: options.times - 1 }), {})
  }

/**
 * The only server is paused for so long, once for each number.
 *
 * @category acts
 * @since 0.1.0
 */
export const paused =
  (server: NatsServer.NatsServerHandle, options: { readonly forMs: ReadonlyArray<number> }): Scenario.Act =>
  (group) =>
    Effect.as(
      Effect.forEach(options.forMs, (ms) => {
        const outage = Effect.andThen(server.pause, Effect.andThen(Effect.sleep(ms), server.resume))
        return group.during("ServerPaused", Effect.andThen(outage, progress(group)))
      }),
      {}
    )

/** Waits until all partitions are run, and a message that is published from now on has been handled in each. */
const progress = ({ fleet, producer, working }: Group.Group): Effect.Effect<void, Fleet.FleetError> =>
  Effect.gen(function* () {
    yield* producer.publish(1)
    yield* fleet.refresh
    const { published } = fleet.judge.progress()
    yield* working
    yield* fleet.until("messages are handled again", () => fleet.judge.progress().handled >= published)
  })

/**
 * The first worker's link is cut, in each of the ways one after the other: first for a moment, which changes nothing, then
 * until others run all that it had.
 *
 * @category acts
 * @since 0.1.0
 */
export const linkCut =
  (
    proxy: TcpProxy.TcpProxy,
    options: { readonly ways: ReadonlyArray<TcpProxy.Direction>; readonly shortMs: number }
  ): Scenario.Act =>
  (group) =>
    Effect.gen(function* () {
      const { judge, until } = group.fleet
      const [victim] = group.running()
      if (victim === undefined) return { breaches: ["there was no worker"] }
      const hasNothing = () => judge.running(victim.life) === 0 && judge.running() === group.partitions
      for (const way of options.ways) {
        const moment = Effect.andThen(proxy.cut(way), Effect.andThen(Effect.sleep(options.shortMs), proxy.heal()))
        yield* group.during("LinkCutShort", Effect.andThen(moment, progress(group)))
        const long = Effect.andThen(proxy.cut(way), Effect.andThen(until("others have all", hasNothing), proxy.heal()))
        yield* group.during("LinkCutLong", Effect.andThen(long, progress(group)))
      }
      return {}
    })

/**
 * Servers of a cluster end and come back, one after the other: the one that leads the group's plan or one that does not is
 * killed, or all are stopped in turn.
 *
 * @category acts
 * @since 0.1.0
 */
export const clusterRolled =
  (
    servers: ReadonlyArray<NatsServer.NatsServerHandle>,
    manager: JetStreamManager,
    which: "leader" | "follower" | "all"
  ): Scenario.Act =>
  (group) =>
    Effect.gen(function* () {
      const info = yield* Effect.promise(() => manager.streams.info("KV_chaos-plan"))
      const leads = ({ name }: NatsServer.NatsServerHandle) => name === info.cluster?.leader
      const chosen =
        which === "all" ? servers : servers.filter((one) => leads(one) === (which === "leader")).slice(0, 1)
      for (const server of chosen) {
        const end = which === "all" ? server.stop : server.kill
        const outage = Effect.andThen(end, Effect.andThen(progress(group), server.start))
        yield* group.during("ServerOfThree", Effect.andThen(outage, Effect.andThen(server.healthy, progress(group))))
      }
      return {}
    })
