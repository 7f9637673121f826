import * as Mutants from "./mutants/Mutants.ts"
for (const m of Mutants.all.filter((m) => process.argv.slice(2).some((o) => m.name.includes(o)))) {
  const k = Mutants.hunt(m, { from: 1, seeds: 200, faultyMs: 180_000 })
  console.log(m.name, k === null ? "SURVIVES" : `${k.task.seed} ${k.violation?.message.slice(0, 200)}`)
}
