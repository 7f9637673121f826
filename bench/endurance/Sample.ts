/**
 * What is measured while a group works: in its processes, and at its server.
 *
 * @since 0.1.0
 */
import type { JetStreamManager } from "@nats-io/jetstream"
import type { StreamNames } from "../../chaos/Group.ts"

/**
 * What a process says of itself, after garbage was collected. `handles`: what its event loop waits for besides `timers`:
 * sockets, above all.
 *
 * @category models
 * @since 0.1.0
 */
export interface HostSample {
  readonly heapBytes: number
  readonly bufferBytes: number
  readonly rssBytes: number
  readonly handles: number
  readonly timers: number
  readonly descriptors: number
}

/**
 * What the server and the group's streams have at one moment. `inMsgs`, `outMsgs` count from the server's start.
 *
 * @category models
 * @since 0.1.0
 */
export interface ServerSample {
  readonly at: number
  readonly inMsgs: number
  readonly outMsgs: number
  readonly memoryBytes: number
  readonly connections: number
  readonly subscriptions: number
  readonly consumers: number
  readonly liveMessages: number
  readonly liveBytes: number
  readonly planMessages: number
  readonly planBytes: number
  readonly decisionMessages: number
}

/**
 * Asks a server.
 *
 * @category getters
 * @since 0.1.0
 */
export const ofServer = async (
  monitorUrl: string,
  manager: JetStreamManager,
  names: StreamNames
): Promise<ServerSample> => {
  const varz = numbersOf(await (await fetch(`${monitorUrl}/varz`)).json())
  const at = performance.now()
  const [messages, live, plan] = await Promise.all([
    manager.streams.info(names.messages),
    manager.streams.info(names.live),
    manager.streams.info(names.plan, { subjects_filter: ">" })
  ])
  const ofDecisions = Object.entries(plan.state.subjects ?? {}).filter(([subject]) =>
    /\.(decision|evidence)\./.test(subject)
  )
  const decisionMessages = ofDecisions.reduce((sum, [, count]) => sum + count, 0)
  return {
    at,
    inMsgs: varz("in_msgs"),
    outMsgs: varz("out_msgs"),
    memoryBytes: varz("mem"),
    connections: varz("connections"),
    subscriptions: varz("subscriptions"),
    consumers: messages.state.consumer_count,
    liveMessages: live.state.messages,
    liveBytes: live.state.bytes,
    planMessages: plan.state.messages - decisionMessages,
    planBytes: plan.state.bytes,
    decisionMessages
  }
}

const numbersOf =
  (answer: unknown) =>
  (name: string): number => {
    const value: unknown = Object.entries(answer ?? {}).find(([key]) => key === name)?.[1]
    if (typeof value === "number") return value
    throw new Error(`the server does not tell its ${name}`)
  }
