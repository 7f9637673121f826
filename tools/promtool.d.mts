/** The path of a promtool that is here already, or `undefined`. Fetches nothing. */
export declare const findPromtool: () => string | undefined
