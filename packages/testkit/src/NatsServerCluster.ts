/**
 * Three real servers that form one cluster.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as NatsServer from "./NatsServer.ts"
import type { NatsServerOptions } from "./server/Config.ts"
import * as Port from "./server/Port.ts"

/**
 * A cluster that has elected its leader, so that streams with three replicas can be made.
 *
 * **Gotchas**
 *
 * The servers elect in their own time: mostly within a second, now and then in five.
 *
 * **Example**
 *
 * ```ts
 * import { NatsServerCluster } from "@parti/testkit"
 * import { Effect } from "effect"
 *
 * const program = Effect.gen(function* () {
 *   const [first, ...others] = yield* NatsServerCluster.make()
 *   if (first !== undefined) yield* first.kill
 *   return others.map(({ url }) => url)
 * })
 * Effect.scoped(program)
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (
  options: Omit<NatsServerOptions, "port"> = {}
): Effect.Effect<ReadonlyArray<NatsServer.NatsServerHandle>, NatsServer.NatsServerError, Scope.Scope> =>
  Effect.gen(function* () {
    const routes = [yield* Port.take, yield* Port.take, yield* Port.take]
    const name = `c${routes[0]}`
    const servers = yield* Effect.forEach(routes, (routePort, index) =>
      Effect.gen(function* () {
        const port = yield* Port.take
        const monitorPort = yield* Port.take
        const cluster = { name, port: routePort, routes }
        return yield* NatsServer.prepare(options, { name: `${name}-${index}`, port, monitorPort, cluster })
      })
    )
    yield* Effect.forEach(servers, ({ start }) => start, { concurrency: "unbounded", discard: true })
    yield* Effect.forEach(servers, ({ healthy }) => healthy, { concurrency: "unbounded", discard: true })
    return servers
  })
