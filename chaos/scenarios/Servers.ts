/**
 * What is done to servers, to what they keep, and to the links to them: killed, paused, deleted, cut, slowed.
 *
 * @since 0.1.0
 */
import type * as NatsServer from "@parti/testkit/NatsServer"
import type * as TcpProxy from "@parti/testkit/TcpProxy"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
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
    const once = group.during("ServerKilled", Effect.andThen(outage, group.progress))
    return Effect.as(Effect.repeat(once, { times: options.times - 1 }), {})
  }

/**
 * The only server is paused while there is work in every partition, for so long: once for each number.
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
        return Effect.andThen(group.progress, group.during("ServerPaused", Effect.andThen(outage, group.progress)))
      }),
      {}
    )

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
        yield* group.during("LinkCutShort", Effect.andThen(moment, group.progress))
        const long = Effect.andThen(proxy.cut(way), Effect.andThen(until("others have all", hasNothing), proxy.heal()))
        yield* group.during("LinkCutLong", Effect.andThen(long, group.progress))
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
  (servers: ReadonlyArray<NatsServer.NatsServerHandle>, which: "leader" | "follower" | "all"): Scenario.Act =>
  (group) =>
    Effect.gen(function* () {
      const info = yield* Effect.promise(() => group.manager.streams.info(group.names.plan))
      const leads = ({ name }: NatsServer.NatsServerHandle) => name === info.cluster?.leader
      const chosen =
        which === "all" ? servers : servers.filter((one) => leads(one) === (which === "leader")).slice(0, 1)
      for (const server of chosen) {
        const end = which === "all" ? server.stop : server.kill
        const outage = Effect.andThen(end, Effect.andThen(group.progress, server.start))
        yield* group.during("ServerOfThree", Effect.andThen(outage, Effect.andThen(server.healthy, group.progress)))
      }
      return {}
    })

/**
 * The first worker's link carries everything so much later, for a while: too little to lose a lease by. Each way or one, one after
 * the other.
 *
 * @category acts
 * @since 0.1.0
 */
export const linkSlowed =
  (
    proxy: TcpProxy.TcpProxy,
    options: { readonly ms: number; readonly forMs: number; readonly ways: ReadonlyArray<TcpProxy.Direction> }
  ): Scenario.Act =>
  (group) =>
    Effect.as(
      Effect.forEach(options.ways, (way) => {
        const slow = Effect.andThen(
          proxy.delay(options.ms, way),
          Effect.andThen(Effect.sleep(options.forMs), group.progress)
        )
        return group.during("LinkSlow", Effect.andThen(slow, Effect.andThen(proxy.heal(), group.progress)))
      }),
      {}
    )

/**
 * Buckets of the group are deleted under it, one set after the other. It makes them again, and goes on with the plan that
 * its workers know.
 *
 * @category acts
 * @since 0.1.0
 */
export const bucketsDeleted =
  (sets: ReadonlyArray<ReadonlyArray<"live" | "plan">>): Scenario.Act =>
  (group) =>
    Effect.as(
      Effect.forEach(sets, (buckets) => {
        const loss = Effect.forEach(
          buckets,
          (bucket) => Effect.promise(() => group.manager.streams.delete(group.names[bucket])),
          { concurrency: "unbounded" }
        )
        const isBack = Effect.forEach(buckets, (bucket) =>
          Effect.tryPromise(() => group.manager.streams.info(group.names[bucket])).pipe(
            Effect.retry(Schedule.spaced("50 millis"))
          )
        )
        const recovery = Effect.andThen(Effect.orDie(isBack), group.progress)
        return group.during("BucketsDeleted", Effect.andThen(loss, recovery))
      }),
      {}
    )

/**
 * Every consumer of the messages is deleted under its owner, so many times.
 *
 * @category acts
 * @since 0.1.0
 */
export const consumersDeleted =
  ({ times }: { readonly times: number }): Scenario.Act =>
  (group) =>
    Effect.gen(function* () {
      const { manager, names } = group
      const loss = Effect.promise(async () => {
        const found: Array<string> = []
        for await (const { name } of manager.consumers.list(names.messages)) found.push(name)
        // Its owner may have deleted one meanwhile, to make another.
        const gone = found.map((name) => manager.consumers.delete(names.messages, name).catch(() => false))
        return (await Promise.all(gone)).filter(Boolean).length
      })
      const deleted: Array<number> = []
      const once = Effect.tap(loss, (count) => Effect.sync(() => deleted.push(count)))
      // A partition is run before its consumer is made: where a message was handled there is one.
      yield* group.progress
      for (let i = 0; i < times; i++) {
        yield* group.during("ConsumersDeleted", Effect.andThen(once, group.progress))
      }
      return {
        breaches: deleted.includes(0) ? ["there were no consumers to be deleted"] : [],
        figures: { "consumers deleted": deleted.reduce((sum, count) => sum + count, 0) }
      }
    })
