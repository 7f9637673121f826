/**
 * Whether a worker can reach its store.
 *
 * **Example** (A status page that is not alarmed too soon)
 *
 * ```ts
 * import { Connection } from "@parti/core"
 *
 * const colours: Readonly<Record<Connection.AlertLevel, string>> = {
 *   none: "green",
 *   info: "green",
 *   warn: "yellow",
 *   error: "red",
 *   critical: "red"
 * }
 * const colourOf = (connection: Connection.Connection) =>
 *   colours[Connection.alertLevel(connection, Date.now(), "conservative")]
 * ```
 *
 * @since 0.1.0
 */
export { alertLevel, type AlertLevel, type Connection } from "./runtime/Connection.ts"
