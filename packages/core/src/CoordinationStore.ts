/**
 * The one thing the runtime knows of the store, for those who write another one.
 *
 * @since 0.1.0
 */
export * from "./runtime/CoordinationStore.ts"
