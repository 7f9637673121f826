/**
 * Worker processes under a guardian, which tells the group at once when one has died.
 *
 * @since 0.1.0
 */
import { fileURLToPath } from "node:url"
import type * as WorkerSettings from "./WorkerSettings.ts"

/**
 * The command that a worker process of a group is started by, so that it has a guardian. The order `die` kills the worker
 * alone; `kill` of the fleet's process kills both, as the loss of a machine does.
 *
 * @category constructors
 * @since 0.1.0
 */
export const wrapper = ({
  group,
  servers
}: Pick<WorkerSettings.WorkerSettings, "group" | "servers">): ReadonlyArray<string> => [
  process.execPath,
  "--conditions=@parti/source",
  fileURLToPath(new URL("guardian/main.ts", import.meta.url)),
  JSON.stringify({ group, servers })
]
