/** What an idle group costs the server. */
import { CoordinationStore } from "@parti/core/CoordinationStore"
import * as Parti from "@parti/core/Parti"
import * as NatsConnection from "@parti/nats-adapter/NatsConnection"
import * as NatsStore from "@parti/nats-adapter/NatsStore"
import * as NatsServer from "@parti/testkit/NatsServer"
import { Effect, References } from "effect"
import { numbered, perSecond, type Row } from "./Row.ts"

const idleWorkers = 50
const idleSeconds = 20

/** Everything that the clients say and hear, in the default configuration. */
export const run: Effect.Effect<ReadonlyArray<Row>, unknown> = Effect.gen(function* () {
  const server = yield* NatsServer.make()
  const config = { coldStart: "eager", coldStartWindowMs: 0, plannedWindowMs: 0 } as const
  const group = yield* Effect.forEach(
    Array.from({ length: idleWorkers }),
    () =>
      Effect.gen(function* () {
        const nats = yield* NatsConnection.make({ servers: server.url })
        const store = yield* Effect.provideService(
          NatsStore.make({ group: "bench" }),
          NatsConnection.NatsConnection,
          nats
        )
        const parti = yield* Effect.provideService(
          Parti.make({ group: "bench", partitions: numbered(500), config }),
          CoordinationStore,
          store
        )
        return { nats, parti }
      }),
    { concurrency: 10 }
  )
  yield* Effect.sleep("5 seconds")
  const count = () =>
    group
      .map(({ nats }) => nats.connection.stats())
      .reduce((sum, { inMsgs, outMsgs }) => ({ heard: sum.heard + inMsgs, said: sum.said + outMsgs }), {
        heard: 0,
        said: 0
      })
  const before = count()
  yield* Effect.sleep(`${idleSeconds} seconds`)
  const after = count()
  return [
    {
      what: `${idleWorkers} idle workers: messages to the server`,
      value: perSecond((after.said - before.said) / idleSeconds),
      aim: "",
      note: "renewals, every 2 s and worker"
    },
    {
      what: "  and from it",
      value: perSecond((after.heard - before.heard) / idleSeconds),
      aim: "",
      note: "answers, renewals that others watch, a heartbeat each second and watch"
    }
  ]
}).pipe(Effect.scoped, Effect.provideService(References.MinimumLogLevel, "None"))
