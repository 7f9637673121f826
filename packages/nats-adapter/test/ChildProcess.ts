/** A process of its own that a test listens to. */
import { Effect, type Scope } from "effect"
import { type ChildProcess as Child, spawn } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"

export interface ChildProcess {
  readonly child: Child
  /** Waits until the words were printed; dies with all that was printed if the process ends without them. */
  readonly says: (words: RegExp) => Effect.Effect<void>
  /** Waits for the end, and gives the exit code; `null` for one that was killed. */
  readonly ended: Effect.Effect<number | null>
  readonly printed: () => string
}

export interface Program {
  readonly command: string
  readonly args: ReadonlyArray<string>
  readonly cwd: string
  /** In a process group of its own, as a shell starts it. */
  readonly detached?: boolean
}

const root = fileURLToPath(new URL("../../../", import.meta.url))

/** Runs a script, by its path from the root of the repository. Whatever happens, it ends with the scope. */
export const start = (
  script: string,
  env: Readonly<Record<string, string>>,
  argv: ReadonlyArray<string> = []
): Effect.Effect<ChildProcess, never, Scope.Scope> =>
  run({ command: process.execPath, args: ["--conditions=@parti/source", script, ...argv], cwd: root }, env)

/** Runs any program. Whatever happens, it ends with the scope. */
export const run = (
  program: Program,
  env: Readonly<Record<string, string>>
): Effect.Effect<ChildProcess, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => begin(program, env)),
    ({ child }) => Effect.sync(() => child.kill("SIGKILL"))
  )

const begin = (
  { args, command, cwd, detached = false }: Program,
  env: Readonly<Record<string, string>>
): ChildProcess => {
  const child = spawn(command, args, {
    cwd,
    detached,
    env: { ...process.env, ...env, NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"]
  })
  const closed = once(child, "close")
  let printed = ""
  const waiting = new Set<() => void>()
  for (const pipe of [child.stdout, child.stderr]) {
    pipe.on("data", (chunk: Buffer) => {
      printed += chunk.toString()
      for (const check of waiting) check()
    })
  }
  const listen = (words: RegExp) =>
    new Promise<void>((resolve, reject) => {
      const check = () => words.test(printed) && resolve()
      waiting.add(check)
      void closed.then(() => reject(new Error(`it has ended without a word of ${words}:\n${printed}`)))
      check()
    })
  return {
    child,
    says: (words) => Effect.promise(() => listen(words)),
    ended: Effect.map(
      Effect.promise(() => closed),
      () => child.exitCode
    ),
    printed: () => printed
  }
}
