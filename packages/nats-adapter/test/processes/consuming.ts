/** A worker in a process of its own, which logs its states, consumes a stream, and ends when it is asked to. */
import { createWorker } from "@parti/nats-adapter/Worker"

// Whatever the handlers do, they need so long.
const takesMs = Number(process.env["TAKES_MS"] ?? 0)

const starting = createWorker({
  servers: process.env["NATS_URL"] ?? "",
  group: "g",
  partitions: Array.from({ length: 4 }, (_, i) => ({ keys: [`p${i}`] })),
  config: { preset: "development" },
  logLevel: "Info",
  stopOn: ["SIGTERM"],
  stream: { name: "EV", subject: "ev.{id}" },
  onMessage: async (message, { signal }) => {
    console.log(`began ${message.string()}`)
    await new Promise((resolve) => setTimeout(resolve, takesMs))
    console.log(`ended ${message.string()}${signal.aborted ? ", though its time was up" : ""}`)
  }
})
// It listens to signals from here on.
console.log("starting")
await starting
