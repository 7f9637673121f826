// Where programs are kept that tests need and that npm does not install with the rest.

import { accessSync, constants, mkdirSync } from "node:fs"
import { homedir, tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { env } from "node:process"
import { fileURLToPath } from "node:url"

/** In the order in which they are looked at. */
export const cacheFolders = () => {
  const repository = join(dirname(fileURLToPath(import.meta.url)), "..", ".cache")
  const user = join(env.XDG_CACHE_HOME || join(homedir(), ".cache"), "parti")
  return env.PARTI_CACHE_DIR ? [env.PARTI_CACHE_DIR] : [user, repository, join(tmpdir(), "parti")]
}

/** The first of them that takes files. */
export const writableCache = () => {
  for (const folder of cacheFolders()) {
    try {
      mkdirSync(folder, { recursive: true })
      accessSync(folder, constants.W_OK)
      return folder
    } catch {
      continue // The next one may do.
    }
  }
  throw new Error(`None of these folders can be written: ${cacheFolders().join(", ")}. Set PARTI_CACHE_DIR.`)
}
