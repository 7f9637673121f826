/**
 * `npm run bench` runs all benches, `npm run bench -- core` one, `npm run bench -- nats/crash` a part of one. Each answers with
 * a table, a row an object. `endurance` is a run of its own, with options.
 */
import { Effect } from "effect"
import { argv, exit } from "node:process"

type Table = ReadonlyArray<object>

interface Bench {
  readonly run: () => Table | Promise<Table>
}

const benches: Readonly<Record<string, () => Promise<Bench>>> = {
  core: () => import("./core.ts"),
  strategies: () => import("./strategies.ts"),
  simulation: () => import("./simulation.ts"),
  store: () => import("./store.ts"),
  nats: () => import("./nats.ts")
}

/** Single parts of `nats`. */
const parts: typeof benches = {
  "nats/throughput": async () => alone(await import("./nats/Throughput.ts")),
  "nats/moves": async () => alone(await import("./nats/Moves.ts")),
  "nats/crash": async () => alone(await import("./nats/Crash.ts")),
  "nats/traffic": async () => alone(await import("./nats/Traffic.ts"))
}

const alone = ({ run }: { readonly run: Effect.Effect<Table, unknown> }): Bench => ({
  run: () => Effect.runPromise(run)
})

const cell = (value: unknown): string =>
  typeof value === "number"
    ? String(Number(value.toPrecision(4)))
    : typeof value === "string"
      ? value
      : JSON.stringify(value)

const print = (table: Table): void => {
  const lines = [Object.keys(table[0] ?? {}), ...table.map((row) => Object.values(row).map(cell))]
  const widths = (lines[0] ?? []).map((_, i) => Math.max(...lines.map((line) => line[i]?.length ?? 0)))
  for (const line of lines) {
    const padded = line.map((text, i) => text.padEnd(widths[i] ?? 0))
    console.log(padded.join("  ").trimEnd())
  }
}

const names = Object.keys(benches)
const chosen = argv.slice(2)
if (chosen[0] === "endurance") exit(await (await import("./endurance.ts")).run(chosen.slice(1)))

const strange = chosen.find((name) => ![...names, ...Object.keys(parts)].includes(name))
if (strange !== undefined) {
  console.error(`there is no bench ${strange}; there are ${[...names, ...Object.keys(parts), "endurance"].join(", ")}`)
  exit(2)
}

for (const name of chosen.length === 0 ? names : chosen) {
  console.log(`\n${name}`)
  const bench = await (benches[name] ?? parts[name])?.()
  if (bench !== undefined) print(await bench.run())
}
