/**
 * A worker of a group, for programs written with promises.
 *
 * **Example** (A process that tells why it does not start, and what it is given)
 *
 * ```ts
 * import * as Parti from "@parti/core/Worker"
 *
 * const lasting: ReadonlyArray<Parti.Code> = ["ConfigInvalid", "StoreMisconfigured"]
 *
 * const work = async ({ id, isCurrent, signal, token }: Parti.HandlerContext) => {
 *   while (!signal.aborted && isCurrent()) await workOn(id, token)
 * }
 * const report = ({ message }: Parti.Events["error"]) => console.warn(message)
 *
 * export const main = async (store: Parti.GroupStore): Promise<void> => {
 *   const options: Parti.WorkerOptions = { group: "orders", partitions: [{ keys: ["eu"] }], store }
 *   try {
 *     const worker = await Parti.createWorker(options)
 *     worker.on("error", report)
 *     worker.forEachPartition(work)
 *   } catch (error) {
 *     if (!(error instanceof Parti.PartiError)) throw error
 *     console.error(`${error.message}; ${error.advice}`)
 *     // A restart does not cure what lasts.
 *     process.exitCode = lasting.some((code) => code === error.code) ? 78 : 75
 *   }
 * }
 * ```
 *
 * **Example** (The same answers as the health handler's, under a web framework)
 *
 * ```ts
 * import { type Health, metricsText, type Verdict, type Worker } from "@parti/core/Worker"
 *
 * const answer = ({ ok, reasons }: Verdict) => new Response(reasons.join("\n"), { status: ok ? 200 : 503 })
 *
 * const route = (path: string, worker: Worker): Response => {
 *   const health: Health = worker.health()
 *   if (path === "/readyz") return answer(health.ready)
 *   return path === "/metrics" ? new Response(metricsText()) : answer(health.live)
 * }
 * ```
 *
 * **Example** (What an adapter brings along)
 *
 * ```ts
 * import { MemoryStore } from "@parti/core"
 * import { createWorkerOn, type Foundation } from "@parti/core/Worker"
 * import { Effect } from "effect"
 *
 * const foundation: Effect.Effect<Foundation> = Effect.map(MemoryStore.make(), (store) => ({
 *   store,
 *   // Registered when the worker takes part in its group.
 *   begin: ({ forEachPartition }) => forEachPartition(({ id }) => Effect.andThen(Effect.log(id), Effect.never))
 * }))
 * const worker = createWorkerOn(foundation, { group: "orders", partitions: [{ keys: ["eu"] }] })
 * ```
 *
 * @since 0.1.0
 */
export { createGroupStore, type GroupStore } from "./runtime/GroupStore.ts"
export type { Health, Verdict } from "./runtime/Health.ts"
export { healthHandler, metricsText } from "./runtime/HealthHandler.ts"
export type { Events } from "./runtime/Listeners.ts"
export { type Code, PartiError } from "./runtime/PartiError.ts"
export { type HandlerContext, run as runHandler } from "./runtime/PromiseHandler.ts"
export {
  createWorker,
  createWorkerOn,
  type Foundation,
  type PromiseWorker as Worker,
  type WorkerOptions
} from "./runtime/PromiseWorker.ts"
