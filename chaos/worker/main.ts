/**
 * A worker process: handles numbered messages, writes down all that it does, and stops when it is asked to.
 *
 * @since 0.1.0
 */
import type { Worker } from "@parti/core/Worker"
import { createWorker } from "@parti/nats-adapter/Worker"
import * as FleetJournal from "@parti/testkit/FleetJournal"
import * as FleetSink from "@parti/testkit/FleetSink"
import { setTimeout } from "node:timers/promises"
import * as WorkerSettings from "../WorkerSettings.ts"
import * as Handlers from "./Handlers.ts"

// `Group` wrote it.
const settings = JSON.parse(process.argv[2] ?? "null") as WorkerSettings.WorkerSettings
const journal = FleetJournal.ofProcess()
const sink = FleetSink.connect(settings.sinkPort)
const starting = new AbortController()

const handle: Handlers.Handle = async (effect, signal) => {
  try {
    const { handlerMs, heedsSignal } = settings
    if (handlerMs > 0) await setTimeout(handlerMs, undefined, heedsSignal ? { signal } : {})
    return (await sink.offer(effect)) ? "done" : "refused"
  } catch {
    return "failed"
  }
}

const block = (ms: number): void => {
  const until = journal.write({ _tag: "BlockBegan" }) + ms
  while (FleetJournal.now() < until);
  journal.write({ _tag: "BlockEnded" })
}

/** As a supervisor does it, who would have written this; but to this process alone, and not to what has started it. */
const die = (): void => {
  journal.write({ _tag: "ProcessKilled", life: journal.life })
  process.kill(process.pid, "SIGKILL")
}

const start = () =>
  createWorker({
    servers: settings.servers,
    group: settings.group,
    partitions: WorkerSettings.partitionIds(settings.partitions).map((id) => ({ keys: [id] })),
    config: settings.config,
    buckets: settings.buckets,
    stream: { name: settings.stream, subject: WorkerSettings.subjectOf(settings.stream, "{id}") },
    ...Handlers.make(journal, handle),
    signal: starting.signal
  })

/** Everybody tells of each plan: who knows it first is not known. */
const tellGroup = async (worker: Worker): Promise<void> => {
  for await (const { workers: _, ...group } of worker.groups()) {
    journal.write({ _tag: "Noted", what: "group", value: group })
  }
}

const obey = async (order: string, done: Promise<void>): Promise<void> => {
  try {
    await done
    journal.write({ _tag: "Noted", what: "order", value: order })
  } catch (error) {
    journal.write({ _tag: "ProblemArisen", name: "OrderFailed", text: `${order}: ${String(error)}` })
  }
}

const run = async (): Promise<void> => {
  const worker = await start()
  worker.on("state", ({ to }) => journal.write({ _tag: "StateChanged", state: to, worker: worker.id }))
  worker.on("leader", (isLeader) => journal.write({ _tag: "LeaderChanged", isLeader }))
  worker.on("error", (problem) => {
    const name = problem._tag === "ProblemReported" ? problem.report._tag : problem._tag
    journal.write({ _tag: "ProblemArisen", name, text: problem.message })
  })
  journal.write({ _tag: "StateChanged", state: worker.state, worker: worker.id })
  journal.write({ _tag: "LeaderChanged", isLeader: worker.isLeader })

  void tellGroup(worker)

  const stop = async (intent: "leave" | "restart"): Promise<void> => {
    journal.write({ _tag: "Stopping" })
    await worker.stop({ intent })
    sink.close()
    journal.write({ _tag: "Stopped" })
  }
  process.once("SIGTERM", () => {
    process.once("SIGTERM", () => process.exit(1))
    void stop("leave")
  })
  journal.onTold((text) => {
    const [order, value = ""] = text.split(" ")
    if (order === "block") block(Number(value))
    else if (order === "die") die()
    else if (order === "wall") journal.write({ _tag: "Noted", what: "wall", value: Date.now() })
    else if (order === "restart") void stop("restart")
    else if (order === "drain" || order === "undrain") void obey(text, worker[order](value))
    else journal.write({ _tag: "ProblemArisen", name: "OrderUnknown", text })
  })
  journal.write({ _tag: "Ready", worker: worker.id })
}

const abort = () => starting.abort()
process.once("SIGTERM", abort)
journal.write({ _tag: "Noted", what: "starting", value: null })
try {
  const running = run()
  await running
  process.off("SIGTERM", abort)
} catch (error) {
  sink.close()
  if (!starting.signal.aborted) throw error
  journal.write({ _tag: "Stopped" })
}
