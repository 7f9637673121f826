import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Queue, Schedule } from "effect"
import { connect, createServer, type AddressInfo, type Socket } from "node:net"
import * as TcpProxy from "@parti/testkit/TcpProxy"

/** A server that echoes, a proxy in front of it, and a client; what each of the two hears comes by a queue. */
const setUp = Effect.gen(function* () {
  const peers: Array<Socket> = []
  const heard = yield* Queue.unbounded<string>()
  const server = yield* Effect.acquireRelease(
    Effect.callback<ReturnType<typeof createServer>>((resume) => {
      const made = createServer((socket) => {
        peers.push(socket)
        socket.on("error", () => undefined)
        socket.on("data", (chunk) => void Queue.offerUnsafe(heard, chunk.toString()))
        socket.on("close", () => void Queue.offerUnsafe(heard, "the end"))
        socket.pipe(socket)
      })
      made.listen(0, "127.0.0.1", () => resume(Effect.succeed(made)))
    }),
    (made) =>
      Effect.callback<void>((resume) => {
        for (const peer of peers) peer.destroy()
        made.close(() => resume(Effect.void))
      })
  )
  const proxy = yield* TcpProxy.make({ targetPort: (server.address() as AddressInfo).port })
  const received = yield* Queue.unbounded<string>()
  const closed = yield* Deferred.make<void>()
  const client = yield* Effect.acquireRelease(
    Effect.sync(() => {
      const socket = connect(proxy.port, "127.0.0.1")
      socket.on("data", (chunk) => void Queue.offerUnsafe(received, chunk.toString()))
      socket.on("error", () => undefined)
      socket.on("close", () => void Deferred.doneUnsafe(closed, Effect.void))
      return socket
    }),
    (socket) => Effect.sync(() => socket.destroy())
  )
  const send = (text: string) => Effect.callback<void>((resume) => void client.write(text, () => resume(Effect.void)))
  const end = Effect.sync(() => void client.end())
  return { proxy, heard, received, closed, send, end }
})

const until = (count: Effect.Effect<number>) =>
  Effect.repeat(count, { until: (value) => value > 0, schedule: Schedule.spaced("1 millis") })

describe("A proxy", () => {
  it.live("carries bytes both ways", () =>
    Effect.gen(function* () {
      const { proxy, received, send } = yield* setUp
      yield* send("one")
      assert.strictEqual(yield* Queue.take(received), "one")
      assert.strictEqual(yield* proxy.connectionCount, 1)
    })
  )

  it.live("loses what is sent while the link is cut, and resets the connection when it heals", () =>
    Effect.gen(function* () {
      const { proxy, received, closed, send } = yield* setUp
      yield* send("one")
      yield* Queue.take(received)
      yield* proxy.cut("toClient")
      yield* send("two")
      yield* until(proxy.lostCount)
      yield* proxy.heal()
      yield* Deferred.await(closed)
      assert.strictEqual(yield* Queue.size(received), 0)
    })
  )

  it.live("keeps a torn connection when it is asked to", () =>
    Effect.gen(function* () {
      const { proxy, received, send } = yield* setUp
      yield* send("one")
      yield* Queue.take(received)
      yield* proxy.cut("toServer")
      yield* send("two")
      yield* until(proxy.lostCount)
      yield* proxy.heal({ keepTorn: true })
      yield* send("three")
      assert.strictEqual(yield* Queue.take(received), "three")
    })
  )

  it.live("delivers what was stalled, in order, when it heals", () =>
    Effect.gen(function* () {
      const { proxy, received, send } = yield* setUp
      yield* send("one")
      yield* Queue.take(received)
      yield* proxy.stall()
      yield* send("two")
      yield* send("three")
      yield* until(proxy.heldCount)
      assert.strictEqual(yield* Queue.size(received), 0)
      yield* proxy.heal()
      const text = yield* Queue.take(received)
      assert.strictEqual(text === "two" ? text + (yield* Queue.take(received)) : text, "twothree")
    })
  )

  it.live("delays by what it was told", () =>
    Effect.gen(function* () {
      const { proxy, received, send } = yield* setUp
      yield* send("one")
      yield* Queue.take(received)
      yield* proxy.delay(60, "toServer")
      const startedAt = performance.now()
      yield* send("two")
      assert.strictEqual(yield* Queue.take(received), "two")
      assert.isAtLeast(performance.now() - startedAt, 59)
    })
  )

  it.live("delays the end of a connection with what was sent before it", () =>
    Effect.gen(function* () {
      const { proxy, heard, received, send, end } = yield* setUp
      yield* send("one")
      yield* Queue.take(received)
      yield* proxy.delay(60, "toServer")
      yield* send("two")
      yield* end
      assert.deepStrictEqual([yield* Queue.take(heard), yield* Queue.take(heard)], ["one", "two"])
      assert.strictEqual(yield* Queue.take(heard), "the end")
    })
  )

  it.live("resets every connection on disconnect, and takes new ones", () =>
    Effect.gen(function* () {
      const { proxy, received, closed, send } = yield* setUp
      yield* send("one")
      yield* Queue.take(received)
      yield* proxy.disconnect
      yield* Deferred.await(closed)
      const again = connect(proxy.port, "127.0.0.1")
      yield* Effect.callback<void>((resume) => void again.once("connect", () => resume(Effect.void)))
      again.destroy()
    })
  )
})
