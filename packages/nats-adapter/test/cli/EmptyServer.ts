/** A server with nothing on it, to see what a command leaves there. */
import { jetstreamManager, type JetStreamManager } from "@nats-io/jetstream"
import * as NatsConnection from "@parti/nats-adapter/NatsConnection"
import * as NatsServer from "@parti/testkit/NatsServer"
import { Effect } from "effect"

export const make = Effect.gen(function* () {
  const { url } = yield* NatsServer.make()
  const nats = yield* NatsConnection.make({ servers: url })
  const manager = yield* Effect.promise(() => jetstreamManager(nats.connection))
  return { url, nats, manager }
})

/** The names of the streams that are there now. */
export const streamsOf = (manager: JetStreamManager) =>
  Effect.promise(async () => (await manager.streams.names().next()).toSorted())
