/**
 * What happens to the processes, and when: a function of the seed.
 *
 * @since 0.1.0
 */
import type { Arguments } from "../../packages/nats-adapter/src/cli/demo/Arguments.ts"
import { generator, shuffled } from "../../packages/nats-adapter/src/cli/demo/Script.ts"

/**
 * The script: who is there at first, who is killed, who joins, who leaves. Nothing happens before its time, nor before
 * what came before it is over.
 *
 * @category models
 * @since 0.1.0
 */
export interface Script {
  readonly lengthMs: number
  readonly first: ReadonlyArray<string>
  readonly killed: string
  readonly killAtMs: number
  readonly joiners: ReadonlyArray<string>
  readonly joinAtMs: number
  readonly leaver: string
  readonly leaveAtMs: number
}

/**
 * Writes the script.
 *
 * @category constructors
 * @since 0.1.0
 */
export const write = ({ seconds, seed, workers }: Arguments): Script => {
  const lengthMs = seconds * 1000
  const draw = generator(seed)
  const about = (part: number) => Math.round(lengthMs * (part + 0.04 * (draw() - 0.5)))
  const all = Array.from({ length: workers + 2 }, (_, i) => `host-${String.fromCharCode(97 + i)}`)
  const first = all.slice(0, workers)
  const [killed = "", leaver = ""] = shuffled(first, draw)
  return {
    lengthMs,
    first,
    killed,
    killAtMs: about(0.3),
    joiners: all.slice(workers),
    joinAtMs: about(0.55),
    leaver,
    leaveAtMs: about(0.75)
  }
}
