/** Groups that have come to rest, for examples about one node among others. */
import type { PartiConfigInput } from "../../../src/model/PartiConfig.ts"
import * as Sample from "./Sample.ts"
import { World, type Listener, type Process } from "./World.ts"

export interface Group {
  readonly world: World
  readonly processes: ReadonlyArray<Process>
}

/** Starts a process that bears its own name. */
export const join = (world: World, name: string, change: Partial<PartiConfigInput> = {}): Process => {
  const config = Sample.config({ group: "sample", workerId: name, boot: name, ...change })
  return world.start(name, config, Sample.numbered(4))
}

/** Workers `w0`, `w1`, … after a minute: `w0` leads, the four partitions are dealt out, nothing is under way. */
export const settled = (count: number, change: Partial<PartiConfigInput> = {}, listener: Listener = {}): Group => {
  const world = new World(listener)
  const processes = Array.from({ length: count }, (_, i) => join(world, `w${i}`, change))
  world.run(60_000)
  return { world, processes }
}
