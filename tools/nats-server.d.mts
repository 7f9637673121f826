/** The path of a nats-server that is here already, or `undefined`. Fetches nothing. */
export declare const findNatsServer: () => string | undefined

/** The path of one of the oldest supported release that is here already, or `undefined`. Fetches nothing. */
export declare const findOldestNatsServer: () => string | undefined

/** The path of a nats-server: the one `NATS_SERVER_BIN` names, else a cached one, one on the PATH, or one fetched now. */
export declare const natsServer: () => string
