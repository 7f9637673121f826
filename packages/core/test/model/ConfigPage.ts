/** The page about the configuration, written from the table of options. */
import type { ConfigOptions } from "../../src/model/ConfigOption.ts"
import * as ConfigRule from "../../src/model/ConfigRule.ts"
import * as ConfigTable from "../../src/model/ConfigTable.ts"

/** When to choose something else than the default. */
const reasons: Readonly<Record<keyof ConfigOptions, string>> = {
  group: "one for each kind of work; two groups on one store know nothing of each other",
  workerId: "the platform gives each process a name of its own, and gives it to no other while that one may still run",
  workerIdPool: "there may be more workers than ids; twice as many ids as workers let everybody start at once",
  instance:
    "always, where a process has a name that survives its restart, such as a StatefulSet's pod: then caches stay warm",
  capacity: "machines differ; only the ratio between workers matters",
  maxPartitions: "each partition takes something that the machine has only so much of, such as connections",
  zone: "the strategy keeps standbys, and there are several zones",
  version:
    "always, where releases are rolled out: `parti status` then shows who runs the old one still ([how](operations.md#a-rolling-update-with-stable-ids))",
  heartbeatIntervalMs: "the store's load matters more than how soon a crash is noticed, or the other way round",
  leaseMs: "crashes must be noticed sooner, and the store is never away for as long as that; or it is away for longer",
  marginMs: "clocks of virtual machines drift more than the ratio of margin and lease allows",
  fenceLeadMs: "handlers take longer to stop than that",
  requestTimeoutMs: "the store is far away: several round trips should fit",
  electionJitterMs: "hardly ever; it only spreads attempts",
  candidates: "whole racks fail at once: one candidate should be elsewhere",
  onStoreLoss: "a gap hurts more than two owners, and whatever handlers write to checks tokens",
  degradedPreset: "alarms come too often, or too late",
  degradedAfterMs: "the preset does not fit; the relations below limit it",
  recoverAfterMs: "the connection comes and goes, and each time somebody is told",
  coldStart: "the first worker should begin at once, and the moves when others come do not matter",
  coldStartWindowMs: "workers of a new group take longer to start than that",
  plannedWindowMs: "a deployment adds or restarts workers further apart than that; or joiners must not wait",
  restartWindowMs: "workers take longer to come back when most of them have crashed",
  drainWindowMs: "leavers come further apart than that, and each costs a rebalance",
  restartRatio: "half of the group often crashes by itself",
  minRebalanceIntervalMs: "rebalances disturb more than an imbalance does",
  settleAfterMs: "windows should end as soon as things are quiet",
  expectedWorkers: "the number of workers is known, and a cold start should end when they are there",
  gatherMs: "hardly ever; it trades writes of the plan for the gap of a mover",
  drainTimeoutMs: "a piece of work takes longer, and should not be aborted",
  revokeTimeoutMs: "drainTimeoutMs has grown",
  startupTimeoutMs: "ids are scarce and processes wait for each other's leases",
  shutdownTimeoutMs: "the platform kills sooner: it must be less than its grace period"
}

const sections: ReadonlyArray<readonly [title: string, text: string, first: keyof ConfigOptions]> = [
  ["Who a worker is", "", "group"],
  [
    "Leases and the store",
    "[Timing](timing.md) says how they fit together, and what a failure costs.",
    "heartbeatIntervalMs"
  ],
  ["Windows", "What is gathered before the group rebalances.", "coldStart"],
  ["Handing over, starting, stopping", "", "gatherMs"]
]

const cell = (text: string): string => text.replaceAll("|", "\\|")

const row = (name: keyof ConfigOptions): string => {
  const { defaults, description, rule, unit } = ConfigTable.table[name]
  const shown = (["development", "balanced", "production"] as const).map((preset) =>
    defaults === null ? "–" : `\`${JSON.stringify(defaults[preset])}\``
  )
  const one = new Set(shown).size === 1 ? (defaults === null ? "required" : (shown[0] ?? "")) : shown.join(" · ")
  return `| \`${name}\` | ${cell(description)} Takes ${cell(rule)}. | ${unit} | ${cell(one)} | ${cell(reasons[name])} |`
}

const section = (index: number): string => {
  const [title, text, first] = sections[index] ?? ["", "", "group"]
  const begin = ConfigTable.names.indexOf(first)
  const next = sections[index + 1]?.[2]
  const names = ConfigTable.names.slice(begin, next === undefined ? undefined : ConfigTable.names.indexOf(next))
  return [
    `## ${title}`,
    ...(text === "" ? [] : ["", text]),
    "",
    "| option | what it is | unit | default | change it when |",
    "| --- | --- | --- | --- | --- |",
    ...names.map(row)
  ].join("\n")
}

const head = `# Configuration

Every option of \`config\`. This page is written from the table that the code checks options against
(\`packages/core/src/model/ConfigTable.ts\`); a test compares the two. Where defaults differ between the presets they stand as
development · balanced · production; \`balanced\` is the default, \`development\` is for one machine and quick reactions,
\`production\` for a replicated store whose servers are restarted one after the other.

\`\`\`ts
import { createWorker } from "@parti/core/Worker"

const worker = await createWorker({
  group: "orders",
  partitions: [{ keys: ["eu"] }, { keys: ["us"] }],
  config: { preset: "production", instance: process.env["HOSTNAME"], expectedWorkers: 3 }
})
\`\`\`

All workers of a group should have the same options, except for who they are. An option that does not exist is refused, since
it is most likely misspelt; all that is wrong is told at once (\`ConfigInvalid\`).
`

const relations = `## How they must relate

| rule | what must hold | or else |
| --- | --- | --- |
${ConfigRule.rules.map(({ because, id, states }) => `| ${id} | ${cell(states)} | ${cell(because)} |`).join("\n")}
`

const degraded = `## Degraded

\`degradedPreset\` sets these, where they are not given:

| preset | \`degradedAfterMs\` | \`recoverAfterMs\` |
| --- | --- | --- |
${(["conservative", "aggressive"] as const)
  .map((preset) => {
    const { degradedAfterMs, recoverAfterMs } = ConfigTable.degradedDefaults[preset]
    const shown = [degradedAfterMs, recoverAfterMs].map(({ balanced, development, production }) =>
      [development, balanced, production].map((ms) => `\`${ms}\``).join(" · ")
    )
    return `| ${preset} | ${shown.join(" | ")} |`
  })
  .join("\n")}
`

/** The whole page. */
export const page: string = [head, ...sections.map((_, index) => `${section(index)}\n`), degraded, relations].join("\n")
