/**
 * Processes whose wall clock is set apart, by the library that Debian's package `faketime` brings.
 *
 * @since 0.1.0
 */
import { existsSync, readdirSync } from "node:fs"
import { join } from "node:path"

/**
 * How a wall clock differs: by so many seconds from the start, and from then on it runs at another rate.
 *
 * @category models
 * @since 0.1.0
 */
export interface Apart {
  readonly seconds: number
  readonly rate: number
}

/** The one for programs with threads. Libraries are in a folder for the machine's architecture. */
const found = (): string | null => {
  const root = "/usr/lib"
  const folders = existsSync(root) ? ["", ...readdirSync(root)] : []
  const places = folders.map((folder) => join(root, folder, "faketime", "libfaketimeMT.so.1"))
  return places.find((place) => existsSync(place)) ?? null
}

/**
 * Where the library is; `null`: it is not installed.
 *
 * @category constants
 * @since 0.1.0
 */
export const library: string | null = found()

/**
 * What somebody is told who wants clocks set apart and has no library for it.
 *
 * @category constants
 * @since 0.1.0
 */
export const advice = "clocks are set apart by libfaketime, which is not there: apt-get install faketime"

/**
 * The variables under which a process has such a clock. Its monotonic clock stays the machine's: journals are stamped by it.
 *
 * @category constructors
 * @since 0.1.0
 */
export const variables = (path: string, { rate, seconds }: Apart): Readonly<Record<string, string>> => ({
  LD_PRELOAD: path,
  FAKETIME: `${seconds < 0 ? "" : "+"}${seconds}s x${rate}`,
  FAKETIME_DONT_FAKE_MONOTONIC: "1"
})
