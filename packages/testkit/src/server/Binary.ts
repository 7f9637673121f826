/**
 * Where the `nats-server` binary is.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import { execFile } from "node:child_process"
import { existsSync, readdirSync } from "node:fs"
import { homedir, tmpdir } from "node:os"
import { delimiter, join } from "node:path"

/**
 * No `nats-server` that is new enough could be found. Says where was looked and what to do.
 *
 * @category errors
 * @since 0.1.0
 */
export class NatsServerMissing extends Data.TaggedError("NatsServerMissing")<{ readonly reason: string }> {
  override get message(): string {
    const advice = `install nats-server ${oldest.join(".")} or newer, or let NATS_SERVER_BIN name one`
    return `${this.reason}; ${advice}`
  }
}

/**
 * A binary and the version it reports, such as `[2, 10, 27]`.
 *
 * @category models
 * @since 0.1.0
 */
export interface NatsServerBinary {
  readonly path: string
  readonly version: readonly [major: number, minor: number, patch: number]
}

const oldest = [2, 10] as const

/**
 * The binary that `NATS_SERVER_BIN` names, else the newest in the cache folder, else the newest on the `PATH`.
 *
 * **Gotchas**
 *
 * Downloads nothing. A binary that `NATS_SERVER_BIN` names and that is too old is an error, not a reason to look on.
 *
 * @category constructors
 * @since 0.1.0
 */
export const find: Effect.Effect<NatsServerBinary, NatsServerMissing> = Effect.suspend(() => {
  const named = process.env["NATS_SERVER_BIN"]
  if (named !== undefined && named !== "") return at(named)
  return Effect.gen(function* () {
    for (const candidates of [cached(), installed()]) {
      const found = yield* newest(candidates)
      if (found !== undefined) return found
    }
    const folders = [...cacheFolders(), "the PATH"].join(", ")
    return yield* new NatsServerMissing({ reason: `no nats-server was found in ${folders}` })
  })
})

/**
 * The binary at a path, once it has been seen to run and to be new enough.
 *
 * @category constructors
 * @since 0.1.0
 */
export const at = (path: string): Effect.Effect<NatsServerBinary, NatsServerMissing> =>
  Effect.flatMap(inspect(path), (binary) => {
    if (binary === undefined) return new NatsServerMissing({ reason: `${path} does not start` })
    if (isUsable(binary)) return Effect.succeed(binary)
    return new NatsServerMissing({ reason: `${path} is nats-server ${binary.version.join(".")}, which is too old` })
  })

const newest = (paths: ReadonlyArray<string>): Effect.Effect<NatsServerBinary | undefined> =>
  Effect.map(Effect.forEach(paths, inspect), (binaries) =>
    binaries
      .flatMap((binary) => (binary !== undefined && isUsable(binary) ? [binary] : []))
      .toSorted((left, right) => compare(right.version, left.version))
      .at(0)
  )

const inspect = (path: string): Effect.Effect<NatsServerBinary | undefined> =>
  Effect.callback<NatsServerBinary | undefined>((resume) => {
    execFile(path, ["--version"], (error, stdout) => {
      const [, major, minor, patch] = (error === null && /v(\d+)\.(\d+)\.(\d+)/.exec(stdout)) || []
      const version = [Number(major), Number(minor), Number(patch)] as const
      resume(Effect.succeed(patch === undefined ? undefined : { path, version }))
    })
  })

const isUsable = ({ version }: NatsServerBinary): boolean => compare(version, oldest) >= 0

const compare = (left: ReadonlyArray<number>, right: ReadonlyArray<number>): number => {
  const at = left.findIndex((part, index) => part !== (right[index] ?? part))
  return at === -1 ? 0 : (left[at] ?? 0) - (right[at] ?? 0)
}

const cacheFolders = (): ReadonlyArray<string> => {
  const { PARTI_CACHE_DIR: chosen, XDG_CACHE_HOME: xdg } = process.env
  return chosen ? [chosen] : [join(xdg || join(homedir(), ".cache"), "parti"), join(tmpdir(), "parti")]
}

const cached = (): ReadonlyArray<string> =>
  cacheFolders()
    .filter((folder) => existsSync(folder))
    .flatMap((folder) =>
      readdirSync(folder)
        .filter((name) => name.startsWith("nats-server-") && name.endsWith(`-${process.arch}`))
        .map((name) => join(folder, name, "nats-server"))
    )

const installed = (): ReadonlyArray<string> =>
  [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin"]
    .map((folder) => join(folder, "nats-server"))
    .filter((path) => existsSync(path))
