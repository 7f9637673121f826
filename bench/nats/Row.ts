/** What the benches on a real server share. */
import * as NatsConnection from "@parti/nats-adapter/NatsConnection"
import * as NatsStore from "@parti/nats-adapter/NatsStore"
import { CoordinationStore } from "@parti/core/CoordinationStore"
import * as Parti from "@parti/core/Parti"
import { Effect } from "effect"

/** One figure, with what it should be; an aim of "" says that there is none. */
export interface Row {
  readonly what: string
  readonly value: string
  readonly aim: string
  readonly note: string
}

export const quantile = (samples: ReadonlyArray<number>, at: number): number =>
  samples.toSorted((left, right) => left - right)[Math.floor(at * (samples.length - 1))] ?? Number.NaN

export const ms = (value: number): string => `${value.toFixed(value < 100 ? 1 : 0)} ms`

export const perSecond = (value: number): string => `${Math.round(value).toLocaleString("en")} /s`

/** No windows: what is left is work. */
export const windowless = {
  coldStart: "eager",
  coldStartWindowMs: 0,
  plannedWindowMs: 0,
  drainWindowMs: 0,
  minRebalanceIntervalMs: 0
} as const

/** A worker of the group `bench`, on a connection of its own. */
export const work = (servers: string, partitions: number, config: Parti.PartiOptions["config"]) =>
  Effect.gen(function* () {
    const nats = yield* NatsConnection.make({ servers })
    const store = yield* Effect.provideService(NatsStore.make({ group: "bench" }), NatsConnection.NatsConnection, nats)
    return yield* Effect.provideService(
      Parti.make({ group: "bench", partitions: numbered(partitions), config }),
      CoordinationStore,
      store
    )
  })

const numbered = (count: number) => Array.from({ length: count }, (_, i) => ({ keys: [String(i)] }))
