/**
 * The parent of a worker process: its first argument says which group, as JSON, the others are the worker's command.
 *
 * @since 0.1.0
 */
import * as Guardian from "@parti/nats-adapter/Guardian"
import * as Effect from "effect/Effect"
import type * as WorkerSettings from "../WorkerSettings.ts"

const [about = "null", command = "", ...args] = process.argv.slice(2)
// `Guarded` wrote it.
const where = JSON.parse(about) as Pick<WorkerSettings.WorkerSettings, "group" | "servers">
const { code } = await Effect.runPromise(Guardian.run({ ...where, command, args }))
process.exitCode = code ?? 1
