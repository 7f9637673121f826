import type { NodeView } from "../../src/protocol/View.ts"

/** What a worker shows of itself while nothing happens to it, and it has nothing. */
export const quiet: NodeView = {
  state: "Stable",
  entered: [],
  connection: { _tag: "Connected" },
  workerId: null,
  session: null,
  leaseUntil: null,
  isLeader: false,
  plan: null,
  running: [],
  ending: []
}
