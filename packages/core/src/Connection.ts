/**
 * Whether a worker can reach its store.
 *
 * @since 0.1.0
 */
export { alertLevel, type AlertLevel, type Connection } from "./runtime/Connection.ts"
