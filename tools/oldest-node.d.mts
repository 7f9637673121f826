/** The oldest supported release. */
export declare const oldestNode: string

/** The path of a Node of that release that is here already, or `undefined`. Fetches nothing. */
export declare const findOldestNode: () => string | undefined
