/**
 * A worker of a group on NATS, for programs written with promises.
 *
 * **Example** (A worker that tests start with options of their own)
 *
 * ```ts
 * import { type ConsumedStream, createWorker, type WorkerOptions } from "@parti/nats-adapter/Worker"
 *
 * const orders: ConsumedStream = {
 *   name: "ORDERS",
 *   subject: "orders.{id}.>",
 *   maxDeliver: 5,
 *   backoff: ["1 second", "1 minute"],
 *   deadLetterSubject: "dead.orders"
 * }
 *
 * // A test gives a group, a stream and servers of its own.
 * const start = (options: Partial<WorkerOptions> = {}) =>
 *   createWorker({
 *     group: "billing",
 *     partitions: [{ keys: ["eu"] }, { keys: ["us"] }],
 *     stream: orders,
 *     onMessage: (message, { id, token }) => bill(message.json(), id, token),
 *     ...options
 *   })
 * ```
 *
 * @since 0.1.0
 */
import type { NatsConnection as Connection } from "@nats-io/transport-node"
import { ConfigInvalid, parse as parseConfig } from "@parti/core/PartiConfig"
import * as Core from "@parti/core/Worker"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as JetStreamPartitions from "./JetStreamPartitions.ts"
import * as NatsAuth from "./NatsAuth.ts"
import * as NatsConnection from "./NatsConnection.ts"
import type { NatsConnectError } from "./NatsError.ts"
import * as NatsStore from "./NatsStore.ts"

/**
 * A stream whose messages are handled by the owners of their partitions.
 *
 * **Details**
 *
 * - `name`: the stream's; it must exist. `consumption`: names the consumption (default: the group's name).
 * - The rest is as `JetStreamPartitions` has it. Spans are numbers of milliseconds, or texts such as `"30 seconds"`.
 *
 * @category models
 * @since 0.1.0
 */
export interface ConsumedStream extends Omit<
  JetStreamPartitions.JetStreamPartitionsOptions<never, never>,
  "stream" | "name" | "handler"
> {
  readonly name: string
  readonly consumption?: string
}

/**
 * How a worker is to be.
 *
 * @category models
 * @since 0.1.0
 */
export interface WorkerOptions extends Omit<Core.WorkerOptions, "store"> {
  /** Addresses of one or several servers of one cluster. Default: `127.0.0.1:4222`. */
  readonly servers?: string | ReadonlyArray<string> | undefined
  /** Who this process is, for the server. */
  readonly auth?: NatsAuth.PlainAuth | undefined
  readonly tls?: NatsConnection.NatsConnectionOptions["tls"] | undefined
  /** For how long the start tries to connect. Default: 5,000. Once connected, reconnecting never ends. */
  readonly connectTimeoutMs?: number | undefined
  /** Where answers come to, for users who may not subscribe to `_INBOX.>`. */
  readonly inboxPrefix?: string | undefined
  /** A connection that is there already, instead of `servers`, `auth` and `tls`. It stays open when the worker stops. */
  readonly connection?: Connection | undefined
  /** How the two buckets of the group are made, or must be: storage, replicas, placement. */
  readonly buckets?: Pick<NatsStore.NatsStoreOptions, "storage" | "replicas" | "placement"> | undefined
  /** What `onMessage` is given. */
  readonly stream?: ConsumedStream | undefined
  /**
   * Handles each message of the partitions that this worker owns, in order. A message is acknowledged when the promise
   * resolves, and handled again when it rejects. The signal is aborted when the handler has not ended in time.
   */
  readonly onMessage?:
    | ((message: JetStreamPartitions.PartitionMessage, context: Core.HandlerContext) => unknown)
    | undefined
  /** Runs for each partition while this worker owns it: `forEachPartition` from the start. */
  readonly onPartition?: ((context: Core.HandlerContext) => unknown) | undefined
}

/**
 * Starts a worker on NATS; resolves when it takes part in its group, and rejects with a `PartiError` whose `code` is the
 * name of what went wrong: `NatsUnreachable`, `NatsCredentialsRefused`, `StreamUnusable`, `ConfigInvalid` and so on.
 *
 * **Example** (Orders, in order per region)
 *
 * ```ts
 * import { createWorker } from "@parti/nats-adapter/Worker"
 *
 * const worker = await createWorker({
 *   servers: "nats://127.0.0.1:4222",
 *   group: "billing",
 *   partitions: [{ keys: ["eu"] }, { keys: ["us"] }],
 *   stopOn: ["SIGTERM", "SIGINT"],
 *   stream: { name: "ORDERS", subject: "orders.{id}.>" },
 *   onMessage: async (message, { id, token }) => {
 *     console.log(id, token, message.subject, message.string())
 *   }
 * })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const createWorker = (options: WorkerOptions): Promise<Core.Worker> =>
  Core.createWorkerOn(foundation(options), options)

const foundation = (options: WorkerOptions): Effect.Effect<Core.Foundation, unknown, Scope.Scope> =>
  Effect.gen(function* () {
    const { group, onMessage, onPartition, stream } = options
    yield* checked(options)
    const { requestTimeoutMs } = yield* Effect.fromResult(parseConfig({ ...options.config, group }))
    const nats = yield* connected(options)
    const onNats = Effect.provideService(NatsConnection.NatsConnection, nats)
    const store = yield* onNats(NatsStore.make({ ...options.buckets, group, requestTimeout: requestTimeoutMs }))
    const consumer =
      stream === undefined || onMessage === undefined
        ? undefined
        : yield* onNats(JetStreamPartitions.make(consumption(group, stream, onMessage)))
    return {
      store,
      begin: (parti) =>
        Effect.gen(function* () {
          if (consumer !== undefined) yield* consumer.attach(parti)
          if (onPartition === undefined) return
          yield* parti.forEachPartition((context) => Core.runHandler(onPartition, context))
        })
    }
  })

const checked = ({ auth, connection, onMessage, servers, stream, tls }: WorkerOptions) => {
  const rules: ReadonlyArray<readonly [rule: string, isBroken: boolean, message: string]> = [
    [
      "stream",
      stream === undefined && onMessage !== undefined,
      "onMessage needs a `stream` that the messages come from"
    ],
    [
      "onMessage",
      stream !== undefined && onMessage === undefined,
      "stream needs an `onMessage` that handles its messages"
    ],
    [
      "connection",
      connection !== undefined && [servers, auth, tls].some((one) => one !== undefined),
      "connection takes the place of servers, auth and tls: give either"
    ]
  ]
  const broken = rules.filter(([, isBroken]) => isBroken).map(([rule, , message]) => ({ rule, message }))
  return broken.length === 0 ? Effect.void : Effect.fail(new ConfigInvalid({ broken }))
}

const connected = (
  options: WorkerOptions
): Effect.Effect<NatsConnection.NatsConnection["Service"], NatsConnectError, Scope.Scope> => {
  const { auth, connection, connectTimeoutMs: connectTimeout, group, inboxPrefix, servers, tls } = options
  const common = {
    ...(connectTimeout === undefined ? {} : { connectTimeout }),
    ...(inboxPrefix === undefined ? {} : { inboxPrefix })
  }
  if (connection !== undefined) return NatsConnection.from(connection, common)
  return NatsConnection.make({
    servers: servers ?? "127.0.0.1:4222",
    name: `parti ${group}`,
    ...common,
    ...(auth === undefined ? {} : { auth: NatsAuth.redacted(auth) }),
    ...(tls === undefined ? {} : { tls })
  })
}

const consumption = (
  group: string,
  { consumption: name = group, name: stream, ...rest }: ConsumedStream,
  onMessage: NonNullable<WorkerOptions["onMessage"]>
): JetStreamPartitions.JetStreamPartitionsOptions<unknown, never> => ({
  ...rest,
  stream,
  name,
  handler: (message, context) => Core.runHandler((given) => onMessage(message, given), context)
})
