/**
 * What arrived where tokens are checked.
 *
 * @since 0.1.0
 */
import type { Stamped } from "../FleetJournal.ts"

/**
 * An effect that bore a lower token than the highest that the sink had seen for its partition.
 *
 * @category models
 * @since 0.1.0
 */
export interface StaleEffect {
  readonly partition: string
  readonly sequence: number
  readonly token: number
  readonly highest: number
  readonly isAccepted: boolean
}

/**
 * What one sink did with the effects: takes them in, in the order in which they arrived.
 *
 * @category models
 * @since 0.1.0
 */
export interface Effects {
  readonly take: (entry: Extract<Stamped["entry"], { readonly _tag: "EffectTaken" }>) => void
  readonly stale: () => ReadonlyArray<StaleEffect>
  /** Refused, though their token was not stale. */
  readonly refusedWrongly: () => number
}

/**
 * Nothing has arrived.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (): Effects => {
  const highest = new Map<string, number>()
  const stale: Array<StaleEffect> = []
  let refusedWrongly = 0
  return {
    take: ({ isAccepted, partition, sequence, token }) => {
      const before = highest.get(partition) ?? 0
      if (token < before) stale.push({ partition, sequence, token, highest: before, isAccepted })
      else if (!isAccepted) refusedWrongly += 1
      highest.set(partition, Math.max(before, token))
    },
    stale: () => [...stale],
    refusedWrongly: () => refusedWrongly
  }
}
