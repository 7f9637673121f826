/**
 * The embedded store: a group's two buckets in the memory of one process.
 *
 * @since 0.1.0
 */
export * from "./runtime/MemoryStore.ts"
