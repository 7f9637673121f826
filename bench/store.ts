/** What the store on NATS costs beside the key-value library that it does without, on one server, taken in turns. */
import { jetstream } from "@nats-io/jetstream"
import { type KV, Kvm } from "@nats-io/kv"
import type { CoordinationStore } from "@parti/core/CoordinationStore"
import * as NatsConnection from "@parti/nats-adapter/NatsConnection"
import * as NatsStore from "@parti/nats-adapter/NatsStore"
import * as NatsServer from "@parti/testkit/NatsServer"
import { Effect, Stream } from "effect"
import { argv } from "node:process"
import { fileURLToPath } from "node:url"

/** One figure of ours beside the same of the peer. */
export interface Figure {
  readonly name: string
  readonly unit: "ms" | "1/s"
  readonly ours: number
  readonly peer: number
}

type Store = CoordinationStore["Service"]

/** Compare-and-sets of one key, each after the answer to the one before. */
interface Subject {
  readonly put: (key: string, value: Uint8Array) => Promise<number>
  readonly update: (key: string, value: Uint8Array, revision: number) => Promise<number>
  /** Calls back for each change of the keys below `watched`. */
  readonly watch: (onChange: () => void) => Promise<() => void>
}

const value = new Uint8Array(200).fill(7)

const ofStore = (store: Store): Subject => ({
  put: (key, bytes) => Effect.runPromise(store.put("plan", key, bytes)),
  update: (key, bytes, expected) => Effect.runPromise(store.write("plan", key, bytes, { expected })),
  watch: (onChange) =>
    new Promise((resolve) => {
      const stop = Effect.runCallback(
        Stream.runForEach(store.watch("plan", ["watched.>"]), ({ _tag }) =>
          Effect.sync(() => (_tag === "Entry" ? onChange() : _tag === "Synced" ? resolve(() => stop()) : undefined))
        )
      )
    })
})

const ofLibrary = (kv: KV): Subject => ({
  put: (key, bytes) => kv.put(key, bytes),
  update: (key, bytes, revision) => kv.update(key, bytes, revision),
  watch: async (onChange) => {
    const changes = await kv.watch({ key: "watched.>" })
    void (async () => {
      for await (const _ of changes) onChange()
    })()
    return () => changes.stop()
  }
})

const quantile = (samples: ReadonlyArray<number>, at: number): number =>
  samples.toSorted((left, right) => left - right)[Math.floor(at * (samples.length - 1))] ?? Number.NaN

const latencies = async (subject: Subject, count: number): Promise<ReadonlyArray<number>> => {
  let arrived: () => void = () => undefined
  const stop = await subject.watch(() => arrived())
  const samples: Array<number> = []
  for (let i = 0; i < count; i++) {
    const shown = new Promise<void>((resolve) => (arrived = resolve))
    const startedAt = performance.now()
    const [, at] = await Promise.all([subject.put("watched.key", value), shown.then(() => performance.now())])
    samples.push(at - startedAt)
  }
  stop()
  return samples
}

/** Compare-and-sets per second, by so many writers that each have a key of their own. */
const rate = async (subject: Subject, writers: number, each: number): Promise<number> => {
  const startedAt = performance.now()
  const write = async (_: unknown, writer: number) => {
    let revision = await subject.put(`k${writer}`, value)
    for (let i = 1; i < each; i++) revision = await subject.update(`k${writer}`, value, revision)
  }
  await Promise.all(Array.from({ length: writers }, write))
  return (1_000 * writers * each) / (performance.now() - startedAt)
}

const measure = async (ours: Subject, peer: Subject): Promise<ReadonlyArray<Figure>> => {
  const rounds = 7
  const taken = { ours: rows(), peer: rows() }
  // The first round warms up; the two take turns, so that what else the machine does hurts both.
  for (let round = 0; round < rounds; round++) {
    for (const [subject, samples] of [
      [ours, taken.ours],
      [peer, taken.peer]
    ] as const) {
      const found = await latencies(subject, 300)
      const [one, many] = [await rate(subject, 1, 500), await rate(subject, 100, 20)]
      if (round === 0) continue
      samples.latencies.push(...found)
      samples.one.push(one)
      samples.many.push(many)
    }
  }
  const figure = (name: string, unit: Figure["unit"], pick: (samples: ReturnType<typeof rows>) => number): Figure => ({
    name,
    unit,
    ours: pick(taken.ours),
    peer: pick(taken.peer)
  })
  return [
    figure("put to watch, median", "ms", ({ latencies }) => quantile(latencies, 0.5)),
    figure("put to watch, 99th percentile", "ms", ({ latencies }) => quantile(latencies, 0.99)),
    figure("compare-and-sets of 1 writer", "1/s", ({ one }) => quantile(one, 0.5)),
    figure("compare-and-sets of 100 writers", "1/s", ({ many }) => quantile(many, 0.5))
  ]
}

const rows = () => ({ latencies: new Array<number>(), one: new Array<number>(), many: new Array<number>() })

/** Measures on a server of its own. */
export const run = (): Promise<ReadonlyArray<Figure>> =>
  Effect.gen(function* () {
    const server = yield* NatsServer.make()
    const connection = yield* NatsConnection.make({ servers: server.url })
    const store = yield* Effect.provideService(
      NatsStore.make({ group: "bench" }),
      NatsConnection.NatsConnection,
      connection
    )
    const kv = yield* Effect.promise(() => new Kvm(jetstream(connection.connection)).create("peer", { history: 1 }))
    return yield* Effect.promise(() => measure(ofStore(store), ofLibrary(kv)))
  }).pipe(Effect.scoped, Effect.runPromise)

if (argv[1] === fileURLToPath(import.meta.url)) {
  for (const { name, ours, peer, unit } of await run()) {
    console.log(
      `${name}: ${ours.toPrecision(3)} ${unit}, raw ${peer.toPrecision(3)} ${unit}, ratio ${(ours / peer).toFixed(2)}`
    )
  }
}
