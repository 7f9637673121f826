/**
 * A process with several workers, for `bench/endurance.ts`: they come and go at its supervisor's word, and it measures itself.
 *
 * @since 0.1.0
 */
import type { StopIntent } from "@parti/core/Parti"
import type { Worker } from "@parti/core/Worker"
import { createWorker } from "@parti/nats-adapter/Worker"
import * as FleetJournal from "@parti/testkit/FleetJournal"
import { readdirSync } from "node:fs"
import { setTimeout } from "node:timers/promises"
import * as WorkerSettings from "../../chaos/WorkerSettings.ts"
import * as Handlers from "../../chaos/worker/Handlers.ts"
import type { HostSample } from "./Sample.ts"

// `Group` wrote it.
const settings = JSON.parse(process.argv[2] ?? "null") as WorkerSettings.WorkerSettings
const journal = FleetJournal.ofProcess()
const handlers = Handlers.make(journal, async () => "done")

interface Member {
  readonly instance: string
  readonly worker: Worker
}

/** The oldest first. */
const members: Array<Member> = []
let joined = 0

/** A server that is too busy to answer is asked again. */
const join = async (instance = `${journal.life}-${++joined}`): Promise<void> => {
  try {
    await start(instance)
  } catch (error) {
    journal.write({ _tag: "ProblemArisen", name: "NotStarted", text: String(error) })
    await setTimeout(1_000)
    await join(instance)
  }
}

const start = async (instance: string): Promise<void> => {
  const worker = await createWorker({
    servers: settings.servers,
    group: settings.group,
    partitions: WorkerSettings.partitionIds(settings.partitions).map((id) => ({ keys: [id] })),
    config: { ...settings.config, instance },
    buckets: settings.buckets,
    stream: { name: settings.stream, subject: WorkerSettings.subjectOf(settings.stream, "{id}") },
    logLevel: "Error",
    ...handlers
  })
  worker.on("error", (problem) => {
    journal.write({ _tag: "ProblemArisen", name: problem._tag, text: problem.message })
  })
  members.push({ instance, worker })
}

/** Which worker that was; another takes its place, or the same under its name. */
const change = async (intent: StopIntent): Promise<void> => {
  const oldest = members.shift()
  await oldest?.worker.stop({ intent })
  await join(intent === "restart" ? oldest?.instance : undefined)
}

const sample = (): HostSample => {
  if (globalThis.gc === undefined) throw new Error("start this program with --expose-gc")
  // The second takes what the finalizers of the first have let go.
  globalThis.gc()
  globalThis.gc()
  const { arrayBuffers, heapUsed, rss } = process.memoryUsage()
  const resources = process.getActiveResourcesInfo()
  const timers = resources.filter((kind) => kind === "Timeout" || kind === "Immediate").length
  return {
    heapBytes: heapUsed,
    bufferBytes: arrayBuffers,
    rssBytes: rss,
    handles: resources.length - timers,
    timers,
    descriptors: readdirSync("/proc/self/fd").length
  }
}

const orders: Readonly<Record<string, () => unknown>> = {
  sample,
  restart: () => change("restart"),
  replace: () => change("leave")
}

journal.onTold((text) => {
  const order = orders[text] ?? (() => Promise.reject(new Error("unknown")))
  const obeyed = Promise.resolve().then(order)
  obeyed.then(
    (value) => journal.write({ _tag: "Noted", what: text, value: value ?? null }),
    (error: unknown) => journal.write({ _tag: "ProblemArisen", name: text, text: String(error) })
  )
})

process.once("SIGTERM", () => {
  journal.write({ _tag: "Stopping" })
  void Promise.all(members.map(({ worker }) => worker.stop())).then(() => journal.write({ _tag: "Stopped" }))
})

await Promise.all(Array.from({ length: settings.workers }, () => join()))
journal.write({ _tag: "Ready", worker: null })
