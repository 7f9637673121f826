/**
 * One process of a fleet, from its start to its end.
 *
 * @since 0.1.0
 */
import { type ChildProcess, spawn } from "node:child_process"
import { closeSync, openSync } from "node:fs"

/**
 * How a process ended: one of the two is not `null`.
 *
 * @category models
 * @since 0.1.0
 */
export interface Ending {
  readonly code: number | null
  readonly signal: string | null
}

/**
 * A process that was started. `exited` resolves when it has ended, whoever ended it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Child {
  readonly pid: number
  readonly exited: Promise<Ending>
  readonly ending: () => Ending | null
  readonly signal: (signal: "SIGTERM" | "SIGKILL" | "SIGSTOP" | "SIGCONT") => void
  readonly tell: (text: string) => void
}

/**
 * What is started: a command with its arguments and environment; what it prints goes to a file.
 *
 * @category models
 * @since 0.1.0
 */
export interface Command {
  readonly path: string
  readonly args: ReadonlyArray<string>
  readonly env: Readonly<Record<string, string | undefined>>
  readonly logFile: string
}

const running = new Set<ChildProcess>()

/** All that a process has started is one group, so that a wrapper cannot survive what it wraps, nor the other way round. */
const signalGroup = ({ pid }: ChildProcess, signal: NodeJS.Signals): void => {
  if (pid === undefined) return
  try {
    process.kill(-pid, signal)
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error
    // It has ended just now: `exit` follows.
  }
}

const killAll = (): void => {
  for (const child of running) signalGroup(child, "SIGKILL")
}

/**
 * Starts a process. `null`: it did not start.
 *
 * @category constructors
 * @since 0.1.0
 */
export const start = ({ args, env, logFile, path }: Command): Child | null => {
  const log = openSync(logFile, "a")
  const child = spawn(path, [...args], { stdio: ["pipe", log, log], env, detached: true })
  closeSync(log)
  let ending: Ending | null = null
  if (running.size === 0) process.once("exit", killAll)
  running.add(child)
  // What is told to a process that has just ended is lost with it.
  child.stdin?.once("error", () => undefined)
  const exited = new Promise<Ending>((resolve) => {
    const end = (code: number | null, signal: string | null): void => {
      running.delete(child)
      if (running.size === 0) process.off("exit", killAll)
      ending = { code, signal }
      resolve(ending)
    }
    child.once("exit", end)
    child.once("error", () => end(null, "SIGKILL"))
  })
  const { pid } = child
  if (pid === undefined) return null
  return {
    pid,
    exited,
    ending: () => ending,
    signal: (signal) => {
      if (ending === null) signalGroup(child, signal)
    },
    tell: (text) => void child.stdin?.write(`${text}\n`)
  }
}
