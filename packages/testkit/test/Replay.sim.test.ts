import { Effect } from "effect"
import type { Taken } from "@parti/core/Testing"
import { Node } from "@parti/core/Protocol"
import { assert, describe, it } from "vitest"
import * as SimulatedGroup from "../src/SimulatedGroup.ts"
import * as Seeds from "./simulation/Seeds.ts"

/** What a worker did at a step, as text: nothing can change it afterwards. */
interface Noted {
  readonly event: string
  readonly step: string
}

/** Every step of every worker of a simulation, by boot. */
const record = async (seed: number) => {
  const traces = new Map<string, { readonly config: Taken["config"]; readonly steps: Array<Noted> }>()
  const tap = ({ config, event, step }: Taken) => {
    const trace = traces.get(config.boot) ?? { config, steps: [] }
    traces.set(config.boot, trace)
    trace.steps.push({ event: JSON.stringify(event), step: JSON.stringify(step) })
  }
  const handler = SimulatedGroup.effectHandler(({ take, write }) => Effect.forever(Effect.flatMap(take, write)))
  await SimulatedGroup.run({ seed, handler, tap, stormMs: 10_000, calmMs: 5000, partitions: 4 })
  return traces
}

describe("What the runtime did", () => {
  it.each(Seeds.fromEnv({ count: 6 }))(
    "is what the pure reducers say of the same events (SIM_SEED=%i)",
    async (seed) => {
      const traces = await record(seed)
      // A process may crash as soon as it has started; some live.
      const busy = [...traces.values()].filter(({ steps }) => steps.length > 20)
      assert.isAtLeast(busy.length, 3)
      for (const [boot, { config, steps }] of traces) {
        let state = Node.initial(config)
        for (const [index, { event, step }] of steps.entries()) {
          // JSON knows nothing of types; that events survive it is part of what is tested.
          const again = Node.transition(config, state, JSON.parse(event) as Taken["event"])
          assert.strictEqual(JSON.stringify(again), step, `step ${index} of ${boot}: ${event} (SIM_SEED=${seed})`)
          state = again.state
        }
      }
    }
  )

  it("is the same again for the same seed", async () => {
    const [first, again] = [await record(8), await record(8)]
    assert.deepStrictEqual(
      [...again.values()].map(({ steps }) => steps),
      [...first.values()].map(({ steps }) => steps)
    )
  })
})
