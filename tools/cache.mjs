// Where programs are kept that tests need and that npm does not install with the rest.

import { accessSync, chmodSync, constants, copyFileSync, existsSync, mkdirSync, readdirSync, renameSync } from "node:fs"
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

/** Where versions of a program are kept for machines like this one. Whether they start is for others to see. */
export const keptPrograms = (name) =>
  cacheFolders()
    .filter((folder) => existsSync(folder))
    .flatMap((folder) =>
      readdirSync(folder)
        .filter((one) => one.startsWith(`${name}-`) && one.endsWith(`-${process.arch}`))
        .map((one) => join(folder, one, name))
    )

/**
 * Keeps a version of a program in a folder of its own, and answers its path. Whoever looks meanwhile sees all of it, or nothing.
 */
export const keepProgram = (binary, name, version) => {
  const kept = join(writableCache(), `${name}-${version}-${process.arch}`, name)
  mkdirSync(dirname(kept), { recursive: true })
  const half = `${kept}.${process.pid}`
  copyFileSync(binary, half)
  chmodSync(half, 0o755)
  renameSync(half, kept)
  return kept
}
