/**
 * Whether a process has been brought to a stand by SIGSTOP.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import { execFile } from "node:child_process"
import { existsSync, readdirSync, readFileSync } from "node:fs"

/**
 * Asks whether every thread of a process stands: a signal takes a moment to reach them.
 *
 * @category getters
 * @since 0.1.0
 */
export const isStopped = (pid: number): Effect.Effect<boolean> => {
  const tasks = `/proc/${pid}/task`
  return Effect.callback<boolean>((resume) => {
    if (existsSync(tasks)) return resume(Effect.sync(() => allStand(tasks)))
    execFile("ps", ["-o", "state=", "-p", `${pid}`], (_, state) => resume(Effect.succeed(state.startsWith("T"))))
  })
}

const allStand = (tasks: string): boolean => {
  try {
    const stats = readdirSync(tasks).map((task) => readFileSync(`${tasks}/${task}/stat`, "utf8"))
    return stats.every((stat) => stateOf(stat) === "T")
  } catch (error) {
    if (!(error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ESRCH"))) throw error
    // A thread has ended between the listing and the reading: not all of them stood.
    return false
  }
}

const stateOf = (stat: string): string | undefined => stat.slice(stat.lastIndexOf(")") + 2).at(0)
