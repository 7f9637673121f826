/**
 * One running `nats-server`, from its start to its end.
 *
 * @since 0.1.0
 */
import { type ChildProcess, spawn } from "node:child_process"
import { closeSync, openSync } from "node:fs"

/**
 * A process that was started. `exited` resolves when it has ended, whoever ended it.
 *
 * @category models
 * @since 0.1.0
 */
export interface NatsServerProcess {
  readonly pid: number
  readonly exited: Promise<void>
  readonly isRunning: () => boolean
  readonly signal: (signal: "SIGTERM" | "SIGKILL" | "SIGSTOP" | "SIGCONT") => void
}

// What still runs when this process ends is ended with it: a failing test must leave no server behind.
const running = new Set<ChildProcess>()

const killAll = (): void => {
  for (const child of running) child.kill("SIGKILL")
}

/**
 * Starts a server with a configuration file; what it prints is appended to `logFile`. `undefined`: it did not start.
 *
 * @category constructors
 * @since 0.1.0
 */
export const start = (binary: string, configFile: string, logFile: string): NatsServerProcess | undefined => {
  const log = openSync(logFile, "a")
  const child = spawn(binary, ["--config", configFile], { stdio: ["ignore", log, log] })
  closeSync(log)
  if (running.size === 0) process.once("exit", killAll)
  running.add(child)
  const exited = new Promise<void>((resolve) => {
    const end = (): void => {
      running.delete(child)
      if (running.size === 0) process.off("exit", killAll)
      resolve()
    }
    child.once("exit", end)
    child.once("error", end)
  })
  const { pid } = child
  if (pid === undefined) return undefined
  return {
    pid,
    exited,
    isRunning: () => running.has(child),
    signal: (signal) => void child.kill(signal)
  }
}
