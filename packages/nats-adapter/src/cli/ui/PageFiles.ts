/**
 * The files of the page, as they ship with the package.
 *
 * @since 0.1.0
 */
import { readdirSync, readFileSync } from "node:fs"
import { extname } from "node:path"

/**
 * One file, as it is served.
 *
 * @category models
 * @since 0.1.0
 */
export interface PageFile {
  readonly type: string
  readonly body: Uint8Array
}

const types: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8"
}

/**
 * All files, by the path under which they are served. Nothing else of the disk can be asked for.
 *
 * @category constructors
 * @since 0.1.0
 */
export const read = (): ReadonlyMap<string, PageFile> => {
  // As far from the sources as from what is built of them.
  const folder = new URL("../../../ui/", import.meta.url)
  return new Map(
    readdirSync(folder).flatMap((name) => {
      const type = types[extname(name)]
      if (type === undefined) return []
      const path = name === "index.html" ? "/" : `/${name}`
      return [[path, { type, body: readFileSync(new URL(name, folder)) }] as const]
    })
  )
}
