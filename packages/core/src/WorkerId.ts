/**
 * The name of a worker in its group.
 *
 * @since 0.1.0
 */
export * from "./model/WorkerId.ts"
