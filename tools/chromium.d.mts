/** The path of a Chromium that is here already. Throws, with advice, where there is none. */
export declare const findChromium: () => string

/** How it is started: without a window, without anything of its own on the network. */
export declare const chromiumArguments: Array<string>
