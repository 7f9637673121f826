/** A guardian of a process that counts the signals it gets, and ends at SIGTERM. */
import * as Guardian from "@parti/nats-adapter/Guardian"
import { Effect, References } from "effect"

const counting = `
  let count = 0
  process.on("SIGINT", () => console.log("SIGINT", ++count))
  process.on("SIGTERM", () => process.exit(0))
  setInterval(() => {}, 1000)
  console.log("ready")
`

const { code } = await Effect.runPromise(
  Guardian.run({
    servers: "127.0.0.1:1",
    group: "g",
    command: process.execPath,
    args: ["-e", counting],
    evictTimeout: 50
  }).pipe(Effect.provideService(References.MinimumLogLevel, "None"))
)
process.exitCode = code ?? 1
