/** A worker that says all it can: a process of its own, so that whoever started it can read everything that is printed. */
import { PartiError } from "@parti/core/Worker"
import { createWorker, type WorkerOptions } from "@parti/nats-adapter/Worker"
import { inspect } from "node:util"

const everything = (value: unknown): string => inspect(value, { depth: 12, showHidden: true, getters: true })

// What the one who started this wrote there: the options that matter, as JSON.
const given = JSON.parse(process.env["WORKER_OPTIONS"] ?? "{}") as Pick<WorkerOptions, "servers" | "auth">

try {
  const worker = await createWorker({
    ...given,
    group: "secrets",
    partitions: [{ keys: ["p0"] }],
    config: { preset: "development" },
    connectTimeoutMs: 1_000,
    logLevel: "Debug"
  })
  worker.on("error", (problem) => console.error(everything(problem)))
  worker.on("state", (change) => console.error(everything(change)))
  console.log("started", everything(worker))
  process.once("SIGTERM", () => void worker.stop().then(() => console.log("stopped", everything(worker))))
} catch (error) {
  console.log("refused", error, everything(error), error instanceof PartiError ? error.advice : "")
  process.exitCode = 1
}
