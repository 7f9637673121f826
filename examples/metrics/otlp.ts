import { NodeRuntime } from "@effect/platform-node"
import { MemoryStore, Parti } from "@parti/core"
import { Effect, Layer } from "effect"
import { FetchHttpClient } from "effect/http"
import { Otlp } from "effect/observability"

// Metrics, one trace for each rebalance, and the log, to a collector.
const Telemetry = Otlp.layerJson({
  baseUrl: process.env["OTEL_EXPORTER_OTLP_ENDPOINT"] ?? "http://127.0.0.1:4318",
  resource: { serviceName: "orders" },
  metricsExportInterval: "5 seconds"
}).pipe(Layer.provide(FetchHttpClient.layer))

const Group = Parti.layer({
  group: "orders",
  partitions: ["africa", "asia", "europe", "oceania"].map((region) => ({ keys: [region] })),
  config: { preset: "development" }
})

const Work = Layer.effectDiscard(
  Effect.gen(function* () {
    const parti = yield* Parti.Parti
    yield* parti.forEachPartition(({ id, token }) =>
      Effect.gen(function* () {
        yield* Effect.log(`runs ${id} under token ${token}`)
        // The first piece of work is done: the trace shows how long the partition stood still.
        yield* yield* Parti.FirstWork
      })
    )
  })
)

NodeRuntime.runMain(
  Layer.launch(Work.pipe(Layer.provide(Group), Layer.provide(MemoryStore.layer()), Layer.provide(Telemetry)))
)
