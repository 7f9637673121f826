/**
 * A TCP proxy that treats the bytes it carries as badly as a network can.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { connect, createServer, type AddressInfo, type Socket } from "node:net"

/**
 * Which way bytes go: from the client to the server, back, or both.
 *
 * @category models
 * @since 0.1.0
 */
export type Direction = "toServer" | "toClient" | "both"

/**
 * A proxy and what can be done to its links, those that are there and those to come.
 *
 * **Details**
 *
 * - `cut`: what is sent that way is lost. The connections stay, as they do when a cable is pulled.
 * - `stall`: what is sent that way is held back, and delivered by `heal`.
 * - `delay`: what is sent that way arrives so many milliseconds later, in order.
 * - `heal`: back to normal. A connection that lost bytes is reset, unless `keepTorn` says to leave it: its two ends then
 *   disagree on what was said.
 * - `disconnect`: resets all connections; new ones are taken as before.
 *
 * @category models
 * @since 0.1.0
 */
export interface TcpProxy {
  readonly port: number
  readonly url: string
  readonly cut: (direction?: Direction) => Effect.Effect<void>
  readonly stall: (direction?: Direction) => Effect.Effect<void>
  readonly delay: (ms: number, direction?: Direction) => Effect.Effect<void>
  readonly heal: (options?: { readonly keepTorn?: boolean }) => Effect.Effect<void>
  readonly disconnect: Effect.Effect<void>
  /** How many connections are open. */
  readonly connectionCount: Effect.Effect<number>
  /** How many chunks have been lost so far, on all connections: to wait until a cut has taken effect. */
  readonly lostCount: Effect.Effect<number>
  /** How many chunks are held back at this moment. */
  readonly heldCount: Effect.Effect<number>
}

type Mode =
  | { readonly _tag: "Open" }
  | { readonly _tag: "Cut" }
  | { readonly _tag: "Stalled" }
  | { readonly _tag: "Delayed"; readonly ms: number }

type OneWay = Exclude<Direction, "both">

interface Pipe {
  readonly receive: (chunk: Buffer) => void
  /** Delivers what was held back. */
  readonly release: () => void
  /** The source has closed. */
  readonly finish: () => void
  readonly isTorn: () => boolean
  readonly heldCount: () => number
}

interface Link {
  readonly pipes: ReadonlyArray<Pipe>
  readonly reset: () => void
}

interface State {
  readonly modes: Record<OneWay, Mode>
  readonly links: Set<Link>
  lostCount: number
}

const ways = (direction: Direction): ReadonlyArray<OneWay> =>
  direction === "both" ? ["toServer", "toClient"] : [direction]

/**
 * A proxy on a free port of the loopback interface, in front of a port of the same interface.
 *
 * **Example** (A cable that is pulled, for one way or for both)
 *
 * ```ts
 * import { NatsConnection } from "@parti/nats-adapter"
 * import { NatsServer, TcpProxy } from "@parti/testkit"
 * import { Effect, Schedule } from "effect"
 *
 * const pull = (proxy: TcpProxy.TcpProxy, direction: TcpProxy.Direction) =>
 *   Effect.gen(function* () {
 *     yield* proxy.cut(direction)
 *     // Nothing has been done to anybody before the first byte is lost.
 *     yield* Effect.repeat(proxy.lostCount, { until: (count) => count > 0, schedule: Schedule.spaced("50 millis") })
 *     yield* Effect.sleep("10 seconds")
 *     yield* proxy.heal()
 *   })
 *
 * const program = Effect.gen(function* () {
 *   const server = yield* NatsServer.make()
 *   const proxy = yield* TcpProxy.make({ targetPort: server.port })
 *   yield* NatsConnection.make({ servers: proxy.url })
 *   yield* pull(proxy, "toServer")
 * })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (options: { readonly targetPort: number }): Effect.Effect<TcpProxy, never, Scope.Scope> =>
  Effect.gen(function* () {
    const modes: State["modes"] = { toServer: { _tag: "Open" }, toClient: { _tag: "Open" } }
    const links: State["links"] = new Set()
    const state: State = { modes, links, lostCount: 0 }
    const server = createServer((client) => join(client, options.targetPort, state))
    yield* Effect.callback<void>((resume) => void server.listen(0, "127.0.0.1", () => resume(Effect.void)))
    const disconnect = Effect.sync(() => {
      for (const link of links) link.reset()
    })
    yield* Effect.addFinalizer(() =>
      Effect.andThen(
        disconnect,
        Effect.callback<void>((resume) => void server.close(() => resume(Effect.void)))
      )
    )
    // A server that listens on a TCP port has such an address.
    const { port } = server.address() as AddressInfo
    const set =
      (mode: Mode) =>
      (direction: Direction = "both"): Effect.Effect<void> =>
        Effect.sync(() => {
          for (const way of ways(direction)) modes[way] = mode
        })
    return {
      port,
      url: `nats://127.0.0.1:${port}`,
      cut: set({ _tag: "Cut" }),
      stall: set({ _tag: "Stalled" }),
      delay: (ms, direction) => set({ _tag: "Delayed", ms })(direction),
      heal: ({ keepTorn = false } = {}) =>
        Effect.andThen(
          set({ _tag: "Open" })(),
          Effect.sync(() => {
            for (const link of links) {
              if (!keepTorn && link.pipes.some((pipe) => pipe.isTorn())) link.reset()
              else for (const pipe of link.pipes) pipe.release()
            }
          })
        ),
      disconnect,
      connectionCount: Effect.sync(() => links.size),
      lostCount: Effect.sync(() => state.lostCount),
      heldCount: Effect.sync(() =>
        [...links].flatMap(({ pipes }) => pipes).reduce((sum, pipe) => sum + pipe.heldCount(), 0)
      )
    }
  })

const join = (client: Socket, targetPort: number, state: State): void => {
  const { links } = state
  const server = connect(targetPort, "127.0.0.1")
  const toServer = makePipe(server, "toServer", state)
  const toClient = makePipe(client, "toClient", state)
  const sockets = [client, server]
  const link: Link = {
    pipes: [toServer, toClient],
    reset: () => {
      for (const socket of sockets) socket.resetAndDestroy()
    }
  }
  links.add(link)
  const carry = (source: Socket, pipe: Pipe): void => {
    source.setNoDelay(true)
    source.on("data", pipe.receive)
    // `close` follows.
    source.on("error", () => undefined)
    source.on("close", () => {
      pipe.finish()
      if (sockets.every((socket) => socket.destroyed)) links.delete(link)
    })
  }
  carry(client, toServer)
  carry(server, toClient)
}

const makePipe = (sink: Socket, way: OneWay, state: State): Pipe => {
  let held: Array<Buffer> = []
  let isTorn = false
  let isFinished = false

  const write = (chunks: ReadonlyArray<Buffer>): void => {
    for (const chunk of chunks) if (!sink.destroyed) sink.write(chunk)
  }

  /** The end of the connection goes behind what was sent before it. */
  const endAfterHeld = (): void => {
    if (isFinished && held.length === 0) sink.end()
  }

  const release = (): void => {
    write(held)
    held = []
    endAfterHeld()
  }

  /** What was held back before it goes first; after a `heal` there is nothing left to do. */
  const releaseThrough = (last: Buffer): void => {
    write(held.splice(0, held.indexOf(last) + 1))
    endAfterHeld()
  }

  const receive = (chunk: Buffer): void => {
    const current = state.modes[way]
    if (current._tag === "Cut") {
      isTorn = true
      state.lostCount += 1
      return
    }
    held.push(chunk)
    if (current._tag === "Delayed") setTimeout(() => releaseThrough(chunk), current.ms)
    if (current._tag === "Open") release()
  }

  const finish = (): void => {
    const { _tag } = state.modes[way]
    // Over a link that carries nothing the end of the connection is not heard of either.
    if (_tag === "Cut" || _tag === "Stalled") isTorn = true
    else {
      isFinished = true
      endAfterHeld()
    }
  }

  return { receive, release, finish, isTorn: () => isTorn, heldCount: () => held.length }
}
