/**
 * What handlers write to, with a memory for tokens: it refuses whoever comes with a lower one than it has seen.
 *
 * **Example** (A handler that writes under its token, and a test that wants to see one refused)
 *
 * ```ts
 * import { FleetSink } from "@parti/testkit"
 *
 * // In the worker process. What nobody can know is handled again.
 * const write = async (sink: FleetSink.Client, effect: FleetSink.Offered): Promise<"done" | "refused" | "failed"> => {
 *   try {
 *     return (await sink.offer(effect)) ? "done" : "refused"
 *   } catch {
 *     return "failed"
 *   }
 * }
 *
 * // In the supervisor, after it has paused an owner for longer than the lease: the test met what it is about.
 * const hasRefused = (sink: FleetSink.FleetSink): boolean => {
 *   const { accepted, taken } = sink.counts()
 *   return taken > accepted
 * }
 * ```
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { type AddressInfo, connect as connectTo, createServer, type Socket } from "node:net"
import { createInterface } from "node:readline"
import type { Writer } from "./FleetJournal.ts"

/**
 * An effect that is to be had under a token.
 *
 * @category models
 * @since 0.1.0
 */
export interface Offered {
  readonly partition: string
  readonly sequence: number
  readonly token: number
}

/**
 * A sink. It listens on the loopback interface.
 *
 * @category models
 * @since 0.1.0
 */
export interface FleetSink {
  readonly port: number
  /** The highest token that it has seen for a partition; 0 if none. */
  readonly highest: (partition: string) => number
  /** How many effects it has taken, and how many of them it has accepted. */
  readonly counts: () => { readonly taken: number; readonly accepted: number }
}

/**
 * Makes a sink that writes to a journal: the first effect under each token, and every one that is stale.
 *
 * **Details**
 *
 * `checks: false` makes one that accepts everything, to show what the check is good for.
 *
 * **Example**
 *
 * ```ts
 * import { FleetJournal, FleetSink } from "@parti/testkit"
 * import { Effect } from "effect"
 *
 * const program = Effect.gen(function* () {
 *   const sink = yield* FleetSink.make({ journal: FleetJournal.open("sink.jsonl") })
 *   return sink.counts()
 * })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (options: {
  readonly journal: Pick<Writer, "write">
  readonly checks?: boolean
}): Effect.Effect<FleetSink, never, Scope.Scope> =>
  Effect.gen(function* () {
    const highest = new Map<string, number>()
    let taken = 0
    let accepted = 0

    const take = ({ partition, sequence, token }: Offered): boolean => {
      const before = highest.get(partition) ?? 0
      const isStale = token < before
      const isAccepted = !isStale || options.checks === false
      taken += 1
      if (isAccepted) accepted += 1
      highest.set(partition, Math.max(before, token))
      if (token !== before) options.journal.write({ _tag: "EffectTaken", partition, sequence, token, isAccepted })
      return isAccepted
    }

    const sockets = new Set<Socket>()
    const server = createServer((socket) => {
      sockets.add(socket)
      socket.setNoDelay(true)
      socket.once("close", () => sockets.delete(socket))
      onLines(socket, (line) => {
        const offered = parse(line)
        if (offered === null) socket.destroy()
        else if (!socket.destroyed) socket.write(take(offered) ? "1\n" : "0\n")
      })
    })
    yield* Effect.callback<void>((resume) => void server.listen(0, "127.0.0.1", () => resume(Effect.void)))
    yield* Effect.addFinalizer(() =>
      Effect.callback<void>((resume) => {
        server.close(() => resume(Effect.void))
        for (const socket of sockets) socket.destroy()
      })
    )
    // A server that listens on a TCP port has such an address.
    const { port } = server.address() as AddressInfo
    return { port, highest: (partition) => highest.get(partition) ?? 0, counts: () => ({ taken, accepted }) }
  })

const onLines = (socket: Socket, listener: (line: string) => void): void => {
  socket.on("error", gone)
  createInterface({ input: socket }).on("error", gone).on("line", listener)
}

/** `close` follows. */
const gone = (): void => undefined

const render = ({ partition, sequence, token }: Offered): string => `${token} ${sequence} ${partition}\n`

const parse = (line: string): Offered | null => {
  const match = /^(\d+) (\d+) (.+)$/.exec(line)
  return match?.[3] === undefined ? null : { token: Number(match[1]), sequence: Number(match[2]), partition: match[3] }
}

/**
 * A worker's way to a sink. `offer` resolves to whether the effect was accepted, and rejects if nobody can know.
 *
 * @category models
 * @since 0.1.0
 */
export interface Client {
  readonly offer: (effect: Offered) => Promise<boolean>
  readonly close: () => void
}

/**
 * Connects to a sink.
 *
 * **Example**
 *
 * ```ts
 * import { FleetSink } from "@parti/testkit"
 *
 * const sink = FleetSink.connect(4000)
 * const isAccepted = await sink.offer({ partition: "eu", sequence: 1, token: 7 })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const connect = (port: number): Client => {
  const socket = connectTo(port, "127.0.0.1")
  socket.setNoDelay(true)
  const waiting: Array<PromiseWithResolvers<boolean>> = []
  let isClosed = false
  socket.once("close", () => {
    isClosed = true
    for (const each of waiting.splice(0)) each.reject(new Error("the sink has gone"))
  })
  // Answers come in the order of the questions.
  onLines(socket, (line) => waiting.shift()?.resolve(line === "1"))
  return {
    offer: (effect) => {
      if (isClosed) return Promise.reject(new Error("the sink has gone"))
      const answer = Promise.withResolvers<boolean>()
      waiting.push(answer)
      socket.write(render(effect))
      return answer.promise
    },
    close: () => void socket.end()
  }
}
