/**
 * What the store's keys and patterns may look like, for those who write a store.
 *
 * @since 0.1.0
 */
export * from "./runtime/StoreKey.ts"
