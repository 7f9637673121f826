/**
 * Ports on which a test server can be stopped and started again.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import { createServer } from "node:net"

// Below the ephemeral ranges of Linux and macOS: otherwise an outgoing connection may take the port while the server is
// down.
const lowest = 14_000
const highest = 31_999

const given = new Set<number>()

/**
 * A free port of the loopback interface that this process has not been given before.
 *
 * @category constructors
 * @since 0.1.0
 */
export const take: Effect.Effect<number> = Effect.gen(function* () {
  for (;;) {
    const port = lowest + Math.floor(Math.random() * (highest - lowest + 1))
    if (given.has(port)) continue
    given.add(port)
    if (yield* isFree(port)) return port
  }
})

const isFree = (port: number): Effect.Effect<boolean> =>
  Effect.callback<boolean>((resume) => {
    const probe = createServer()
    probe.once("error", () => resume(Effect.succeed(false)))
    probe.listen(port, "127.0.0.1", () => probe.close(() => resume(Effect.succeed(true))))
  })
