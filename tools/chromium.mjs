// Finds the Chromium that tests and screenshots drive: the one CHROMIUM_BIN names, else the distribution's.
// `node tools/chromium.mjs` prints its path.

import { accessSync, constants } from "node:fs"
import { delimiter, join } from "node:path"
import { argv, env } from "node:process"
import { fileURLToPath } from "node:url"

const advice =
  "No Chromium was found. Install it (Debian: apt-get install chromium), or let CHROMIUM_BIN name one; " +
  "PARTI_NO_BROWSER=1 skips the tests that need it."

const names = ["chromium", "chromium-browser", "google-chrome"]

const isExecutable = (path) => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/**
 * The path of a Chromium that is here already. Throws, with advice, where there is none.
 */
export const findChromium = () => {
  const chosen = env.CHROMIUM_BIN
  if (chosen) {
    if (isExecutable(chosen)) return chosen
    throw new Error(`CHROMIUM_BIN=${chosen} cannot be run.`)
  }
  const folders = ["/usr/bin", ...(env.PATH ?? "").split(delimiter)]
  const found = folders.flatMap((folder) => names.map((name) => join(folder, name))).find(isExecutable)
  if (found === undefined) throw new Error(advice)
  return found
}

/** How it is started: without a window, without anything of its own on the network. */
export const chromiumArguments = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync"
]

if (argv[1] === fileURLToPath(import.meta.url)) {
  try {
    console.log(findChromium())
  } catch (error) {
    console.error(error.message)
    process.exitCode = 1
  }
}
