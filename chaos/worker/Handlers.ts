/**
 * What a worker does with partitions and messages: it writes down when each began and ended.
 *
 * @since 0.1.0
 */
import type { WorkerOptions } from "@parti/nats-adapter/Worker"
import type * as FleetJournal from "@parti/testkit/FleetJournal"
import type * as FleetSink from "@parti/testkit/FleetSink"

/**
 * What becomes of one message.
 *
 * @category models
 * @since 0.1.0
 */
export type Handle = (effect: FleetSink.Offered, signal: AbortSignal) => Promise<"done" | "refused" | "failed">

/**
 * Handlers that write to a journal. What is not done is handled again.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (
  journal: Pick<FleetJournal.Writer, "write">,
  handle: Handle
): Required<Pick<WorkerOptions, "onPartition" | "onMessage">> => ({
  onPartition: async ({ id: partition, signal, token }) => {
    journal.write({ _tag: "RunBegan", partition, token })
    const { promise, resolve } = Promise.withResolvers<void>()
    if (signal.aborted) resolve()
    else signal.addEventListener("abort", () => resolve(), { once: true })
    await promise
    journal.write({ _tag: "RunStopping", partition, token })
    journal.write({ _tag: "RunEnded", partition, token })
  },
  onMessage: async (message, { id: partition, signal, token }) => {
    const sequence = Number(message.string())
    const handling = { partition, token, sequence, attempt: message.info.deliveryCount }
    journal.write({ _tag: "MessageBegan", ...handling })
    const outcome = await handle({ partition, sequence, token }, signal)
    const isLate = outcome === "done" && signal.aborted
    journal.write({ _tag: "MessageEnded", ...handling, outcome: isLate ? "late" : outcome })
    // What was not done must come again. What was done late does: nobody waits for the answer any more.
    if (outcome !== "done") throw new Error(`message ${sequence} of partition ${partition}: ${outcome}`)
  }
})
