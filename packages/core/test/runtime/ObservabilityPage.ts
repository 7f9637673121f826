/** The page about observability: its text, with the table that the code emits by. */
import * as MetricTable from "../../src/runtime/MetricTable.ts"

const sections: ReadonlyArray<readonly [scope: MetricTable.MetricScope, title: string, text: string]> = [
  [
    "worker",
    "Of each worker",
    "Labels of all: `group`, and `worker` once it has a name. A worker that ends, or gets another name, shows 0 in all gauges of the old one."
  ],
  [
    "leader",
    "Of the group, from its leader",
    "Labels as above. Whoever does not lead shows 0 or nothing, so add up over workers: `sum by (group) (parti_partitions_unowned)`."
  ],
  [
    "consumption",
    "Of the messages of a stream",
    "Labels of all: `stream`, and `consumption`, which is the group unless you say otherwise. Each process counts what it does itself."
  ]
]

const row = (name: MetricTable.MetricName): string => {
  const { description, kind, labels, unit } = MetricTable.entryOf(name)
  const shown = labels.map((label) => `\`${label}\``).join(", ")
  return `| \`${name}\` | ${kind} | ${unit} | ${shown === "" ? "–" : shown} | ${description} |`
}

const section = ([scope, title, text]: (typeof sections)[number]): string =>
  [
    `### ${title}`,
    "",
    text,
    "",
    "| metric | kind | unit | labels | what it says |",
    "| --- | --- | --- | --- | --- |",
    ...MetricTable.names.filter((name) => MetricTable.entryOf(name).scope === scope).map(row),
    ""
  ].join("\n")

const head = `# Observability

What a group tells about itself: metrics, health, traces, logs. All of it is derived in one place from what a worker has
seen and done, and nothing is decided by it; a logger that throws, or a collector that is away, harms no worker.

The tables of metrics are written from the one that the code emits by (\`packages/core/src/runtime/MetricTable.ts\`); a test
compares the two, and another drives a group until it has seen every one of them.

## From plain Node: Prometheus and health

\`\`\`ts
import { createServer } from "node:http"
import { createWorker, healthHandler, type Worker } from "@parti/core/Worker"

let worker: Worker | null = null
createServer(healthHandler(() => worker)).listen(9464, "127.0.0.1")
worker = await createWorker({ group: "orders", partitions: [{ keys: ["eu"] }, { keys: ["us"] }] })
\`\`\`

\`healthHandler\` answers \`/livez\`, \`/readyz\` and \`/metrics\`, and works before there is a worker. Inside a server that you have
already, use its parts: \`worker.health()\`, and \`metricsText()\` for the text that Prometheus reads. In Effect they are
\`parti.health\` and \`Metrics.text\`; \`examples/metrics/main.ts\` is the whole program. Nothing of it is protected: let it
listen where only your platform can ask.

## OpenTelemetry

Metrics and spans are Effect's own, so Effect's exporter has them, with units: \`examples/metrics/otlp.ts\` sends both to a
collector. Give it the address of yours.

\`\`\`ts
import { Effect, Layer } from "effect"
import { FetchHttpClient } from "effect/http"
import { Otlp } from "effect/observability"
import { MemoryStore, Parti } from "@parti/core"

const Telemetry = Otlp.layerJson({
  baseUrl: "http://127.0.0.1:4318",
  resource: { serviceName: "orders" }
}).pipe(Layer.provide(FetchHttpClient.layer))

const Group = Parti.layer({ group: "orders", partitions: [{ keys: ["eu"] }, { keys: ["us"] }] })
Effect.runFork(Layer.launch(Group.pipe(Layer.provide(MemoryStore.layer()), Layer.provide(Telemetry))))
\`\`\`

## Metrics

No label has a value for each partition, token or session: what grows with the work stays out of the names of series.
Times are in seconds; buckets of histograms go from a millisecond to two minutes, each twice as wide as the one before.
Counters without labels of their own, lost sessions, and those problems that the alarms ask for, stand at 0 from the beginning,
so that the first of something is an increase.
`

const rest = `### How to read them

| question | query |
| --- | --- |
| Does somebody lead? | \`sum by (group) (parti_is_leader)\` is 1; 0 or 2 for a moment when the leader changes |
| Does work stand still? | \`sum by (group) (rate(parti_unowned_partition_seconds_total[5m]))\`: how many partitions, on average, had no owner |
| Does it move too much? | \`sum by (group) (increase(parti_rebalance_moved_total[1h])) / sum by (group) (increase(parti_rebalance_minimum_total[1h]))\`: 1 is the best there is |
| How long does a mover stand still? | \`histogram_quantile(0.99, sum by (le) (rate(parti_handoff_duration_seconds_bucket[5m])))\` |
| Is a lease in danger? | \`histogram_quantile(0.99, sum by (le, worker) (rate(parti_lease_age_seconds_bucket[5m])))\`: a heartbeat is healthy; \`leaseMs\` − \`marginMs\` − \`fenceLeadMs\` stops handlers |
| Does the store answer? | \`histogram_quantile(0.99, sum by (le, operation) (rate(parti_store_latency_seconds_bucket[5m])))\` |

\`parti_imbalance_ratio\` and the costs of rebalances are worked out as if all workers had one capacity, since plans do not tell
capacities. \`parti_consumer_lag\` adds up what the last delivery of each partition said; a partition that was idle since then
counts as it was. What a crashed worker ran counts as without an owner from its last sign of life, once it is evicted.

## Dashboard and alarms

\`ops/grafana-dashboard.json\` is a dashboard for Grafana (import it, choose a data source), \`ops/prometheus-alerts.yml\` has the
alarms for Prometheus. A test reads both, and compares every metric, label and name of a problem with the code. Another gives the
alarms and every query of the dashboard to Prometheus' own \`promtool\`, and runs \`ops/prometheus-alerts.test.yml\`, where each alarm has a group
that deserves it and one that nearly does; run that after you have changed a threshold:

\`\`\`sh
promtool check rules ops/prometheus-alerts.yml && promtool test rules ops/prometheus-alerts.test.yml
\`\`\`

\`npm test\` fetches promtool on Debian, and takes the one that \`PROMTOOL_BIN\` names; where there is none it says why, and leaves this out.
Grafana itself is not started by any test: of the dashboard is checked what Grafana reads it by, not how it looks.

## Health

| what | live | ready |
| --- | --- | --- |
| the worker starts | yes | no |
| it takes part in its group, with partitions or without | yes | yes |
| the store is away, and its lease still holds | yes | yes |
| the store is away, and it holds on (\`onStoreLoss: "hold"\`) | yes | yes |
| its lease is over: nothing runs here until it is renewed | yes | no |
| it was evicted or fenced, and claims again | yes | no |
| it is stopping, or was stopped | yes | no |
| a mistake of the program has ended it, or it could not start | no | no |
| its loop has not turned for three full leases | no | no |

The rule behind it: **not live means that a restart would help.** While NATS is away a restart helps nobody. It would take
from each worker the id and the lease that it can have again when the store is back, and so make a mass restart of a pause.
Readiness is for whoever replaces workers one by one: the next one goes when this one takes part. Answers of 503 say why.

For Kubernetes: \`livenessProbe\` with \`failureThreshold: 3\` or more, since after a long block of the event loop the first question
may be answered before the loop has turned; \`startupProbe\` on \`/livez\`; \`readinessProbe\` on \`/readyz\`. A worker whose handler
is stuck stays live: \`onStuckHandler: "exit"\` is for that.

## A blocked event loop

Everything in Node shares one thread. While a handler computes for seconds without a pause, no lease is renewed, and a
worker that computes for longer than its lease looks exactly like one that is dead: it is evicted, and its partitions go to
others. So each worker measures how long its event loop is held up (\`parti_event_loop_delay_seconds\`, the longest delay of each
heartbeat). A renewal that is due at the worst moment can wait for \`leaseMs\` − \`marginMs\` − \`fenceLeadMs\` −
\`heartbeatIntervalMs\`, which is 6.5 s by default; at half of that the worker warns: a line of the log, the problem
\`EventLoopBlocked\` for the \`onError\` hook (\`worker.on("error", …)\`), and one more in \`parti_problems_total\`. From 50 ms on each renewal tells the delay to others, too: \`parti status\` shows it from a
tenth of the lease on, and \`parti doctor\` warns from a quarter of what the lease bears (\`leaseMs\` − \`marginMs\`) on.

What to do, the best first:

1. Cut the work into pieces, and give the loop a turn in between: \`await setImmediate()\` of \`node:timers/promises\`, or
   \`Effect.yieldNow\`. A few milliseconds a piece.
2. Move it to a worker thread or a process of its own, and wait for the answer in the handler.
3. If it cannot be helped, choose a longer \`leaseMs\`, and pay with a longer gap after each crash ([timing](timing.md)).
4. Long garbage collection and a machine that is short of processors look the same: give the process more memory, or a
   processor of its own.

Heartbeats from another thread are no cure ([why](decisions/0017-no-heartbeats-from-another-thread.md)). And handlers that were held up
should ask \`isCurrent()\` before each effect that no token guards.

## Traces

One trace for each rebalance, across all workers ([how they agree](decisions/0016-a-rebalance-has-a-place-among-traces.md)):

\`\`\`text
(the place of the rebalance: known to all, and a span of nobody)
├── parti.rebalance         the leader: from the order to write its first plan to the plan that ends it
│   ├── parti.decide        until that first plan was answered
│   └── parti.grant         each plan that grants, until it was answered
├── parti.revoke            each worker that gives something up: from the order to stop until all has ended
│   └── parti.acknowledge   until the store has accepted the acknowledgement
└── parti.start             each worker that gets something: the start of its handlers
    └── parti.first_message until the first message was handled
\`\`\`

Attributes are \`group\`, \`worker\`, \`version\`, \`reason\`, and how many \`partitions\`. Handlers of a stream end
\`parti.first_message\` by themselves; a handler of your own does it by running \`Parti.FirstWork\` when it has done its first piece of
work. A span whose end was not seen when the worker begins the next of its kind ends then, and has the attribute \`superseded\`.

## Logs

Through Effect's logger, with the annotations \`group\`, \`worker\`, \`state\`, \`epoch\` and \`version\`; from the interface of promises
to stderr, by \`logLevel\`. What each line means, and what to do: [troubleshooting](troubleshooting.md).
`

/** The whole page. */
export const page: string = [head, ...sections.map(section), rest].join("\n")
