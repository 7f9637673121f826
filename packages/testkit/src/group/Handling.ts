/**
 * The two kinds of handlers that a simulated group runs.
 *
 * @since 0.1.0
 */
import type { HandlerOptions } from "@parti/core/Parti"
import * as Testing from "@parti/core/Testing"
import * as Cause from "effect/Cause"
import type * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Scope from "effect/Scope"
import * as Given from "./Given.ts"
import type * as Member from "./Member.ts"

/**
 * A handler that is an Effect.
 *
 * @category models
 * @since 0.1.0
 */
export interface EffectHandler {
  readonly run: (context: Given.EffectContext) => Effect.Effect<unknown, unknown, Scope.Scope>
  readonly options: HandlerOptions
}

/**
 * Makes a handler of a function that returns an Effect; provide it with what it needs first.
 *
 * **Example**
 *
 * ```ts
 * import * as SimulatedGroup from "@parti/testkit/SimulatedGroup"
 * import { Effect } from "effect"
 *
 * const handler = SimulatedGroup.effectHandler(({ ack, take, write }) =>
 *   Effect.forever(Effect.flatMap(take, (message) => Effect.andThen(write(message), ack(message))))
 * )
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const effectHandler = (run: EffectHandler["run"], options: HandlerOptions = {}): EffectHandler => ({
  run,
  options
})

/**
 * A handler as members of a group run it.
 *
 * @category conversions
 * @since 0.1.0
 */
export const of = (handler: ((context: Given.PromiseContext) => unknown) | EffectHandler): Member.Handler =>
  typeof handler === "function"
    ? {
        options: {},
        run: (context, tools, host) =>
          Effect.flatMap(Effect.context<never>(), (services) => {
            const given = Given.promiseTools(tools, host, context.revoked, (effect) => settle(host, services, effect))
            return Testing.runPromiseHandler((own) => untilKilled(host, handler({ ...own, ...given })), context)
          })
      }
    : { options: handler.options, run: (context, tools) => handler.run({ ...context, ...tools }) }

/** Never settles once the process is dead. */
const settle = <A>(host: Given.Host, services: Context.Context<never>, effect: Effect.Effect<A>): Promise<A> =>
  new Promise((resolve, reject) => {
    Effect.runForkWith(services)(effect).addObserver((exit) => {
      if (Deferred.isDoneUnsafe(host.killed)) return
      if (Exit.isSuccess(exit)) resolve(exit.value)
      else reject(Cause.squash(exit.cause))
    })
  })

/** The run of a handler ends with its process, though the handler's own promise may never settle. */
const untilKilled = ({ mourners }: Given.Host, handling: unknown): Promise<unknown> => {
  const { promise, resolve } = Promise.withResolvers<void>()
  mourners.add(resolve)
  return Promise.race([handling, promise]).finally(() => mourners.delete(resolve))
}
