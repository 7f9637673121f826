import type { Scene } from "../../../src/cli/demo/Scene.ts"

/** A scene in the middle of a window, with something of everything. */
export const scene: Scene = {
  title: "Parti: 5 workers, 60 partitions, seed 1",
  atMs: 9340,
  lengthMs: 20_000,
  phase: { tag: "Scaling", reason: "planned_scale", leftMs: 800, windowMs: 1200 },
  leader: "worker-3",
  partitions: 60,
  running: 48,
  unowned: 0,
  handingOver: 3,
  most: 20,
  last: { reason: "emergency", moved: 15, minimum: 15 },
  facts: [],
  rows: [
    { process: "host-a", workerId: "worker-3", isLeader: true, status: "Scaling", mood: "busy", running: 20 },
    { process: "host-b", workerId: "worker-41", isLeader: false, status: "Scaling", mood: "busy", running: 15 },
    { process: "host-c", workerId: null, isLeader: false, status: "killed", mood: "gone", running: 0 },
    { process: "host-d", workerId: "worker-99", isLeader: false, status: "Stable", mood: "well", running: 13 }
  ],
  log: [
    { atMs: 40, text: "host-a starts", tone: "act" },
    { atMs: 62, text: "host-a is worker-3", tone: "plain" },
    { atMs: 1100, text: "cold_start: Scaling, for 2.5 s", tone: "plain" },
    { atMs: 7400, text: "host-c is killed", tone: "act" },
    { atMs: 9210, text: "worker worker-17 was evicted after 2112 ms of silence", tone: "alarm" },
    { atMs: 9260, text: "emergency: 15 moved, 15 had to", tone: "plain" }
  ]
}
