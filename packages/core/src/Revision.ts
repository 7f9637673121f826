/**
 * The store's counter of writes to one key.
 *
 * @since 0.1.0
 */
export * from "./model/Revision.ts"
