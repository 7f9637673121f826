/**
 * A worker of a group, for programs written with promises.
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
