/**
 * The end of a process that is known to be dead: its partitions need not wait for its lease.
 *
 * @since 0.1.0
 */
export { evict, sessionPrefix, variable } from "./runtime/DeadProcess.ts"
