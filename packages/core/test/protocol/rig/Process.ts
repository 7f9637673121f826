/** One process, as the world sees it. */
import type { Partition, PartitionId } from "../../../src/model/Partition.ts"
import type { WatchScope, Write } from "../../../src/protocol/Command.ts"
import type { Config } from "../../../src/protocol/Config.ts"
import type { Fact } from "../../../src/protocol/Event.ts"
import * as Node from "../../../src/protocol/Node.ts"
import { frozen } from "./Frozen.ts"
import type { WriteCommand } from "./Store.ts"

/**
 * What becomes of the next write: `hold`, it stays on its way until released; `late`, it lands, and the answer stays on its
 * way; `lose`, it lands, and the answer is lost; `drop`, it is lost itself; `refuse`, the store does not take it.
 */
export type Fate = "hold" | "late" | "lose" | "drop" | "refuse"

/** One process. `runs`: what its handlers are running now, and under which token. */
export interface Process {
  readonly name: string
  readonly config: Config
  state: Node.State
  /** `Waking`: it has stood still, and has done nothing since. */
  status: "Running" | "Waking" | "Paused" | "Gone"
  timerAt: number | null
  scope: WatchScope | null
  serial: number
  source: ReadonlyArray<Partition> | null
  isLeader: boolean
  isSlow: boolean
  isCut: boolean
  readonly inbox: Array<Fact>
  readonly runs: Map<PartitionId, number>
  readonly ending: Map<PartitionId, number>
  readonly fates: Array<{ readonly purpose: Write["purpose"]; readonly fate: Fate }>
  readonly held: Array<Held>
}

/** A write or an answer on its way. */
export interface Held {
  readonly command: WriteCommand
  answer: Fact | null
  hasLanded: boolean
  isAnswered: boolean
}

export const make = (name: string, config: Config, source: ReadonlyArray<Partition> | null): Process => ({
  name,
  config: frozen(config),
  state: frozen(Node.initial(config)),
  status: "Running",
  timerAt: null,
  scope: null,
  serial: 0,
  source,
  isLeader: false,
  isSlow: false,
  isCut: false,
  inbox: [],
  runs: new Map(),
  ending: new Map(),
  fates: [],
  held: []
})

/** Takes nothing up. */
export const isStill = ({ status }: Process): boolean => status === "Paused" || status === "Gone"
