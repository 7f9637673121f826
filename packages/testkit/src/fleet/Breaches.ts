/**
 * What of an account is not as it must be, in words.
 *
 * @since 0.1.0
 */
import type { Account } from "../FleetJudge.ts"

const shown = 5

/**
 * What must never happen, whatever is done to the processes and the world around them.
 *
 * @category getters
 * @since 0.1.0
 */
export const ofSafety = (account: Account): ReadonlyArray<string> => {
  const overlaps = account.overlaps.filter(({ excuse }) => excuse === null)
  const accepted = account.staleEffects.filter(({ isAccepted }) => isAccepted)
  return [
    ...few(overlaps, ({ from, ms, newer, older, partition }) => {
      return `partition ${partition} was run by ${older} and by ${newer} for ${ms.toFixed(1)} ms from ${from.toFixed(1)}`
    }),
    ...few(account.tokens, ({ before, by, partition, token }) => {
      return `partition ${partition} was begun by ${by} with token ${token} after another had ${before}`
    }),
    ...few(account.disorders, ({ by, partition, sequence }) => {
      return `message ${sequence} of partition ${partition} was begun by ${by} before the one before it was handled`
    }),
    ...few(
      account.duplicates.filter(({ excuse }) => excuse === null),
      ({ again, first, partition, sequence }) => {
        return `message ${sequence} of partition ${partition} was handled by ${first} and again by ${again}, for no reason`
      }
    ),
    ...few(accepted, ({ highest, partition, sequence, token }) => {
      return `an effect of message ${sequence} of partition ${partition} was accepted with token ${token} after ${highest}`
    }),
    ...(account.wronglyRefused === 0 ? [] : [`${account.wronglyRefused} effects of the newest owner were refused`]),
    ...few(account.contradictions, (text) => text)
  ]
}

/**
 * What must not be left when all faults have ended and there was time to recover; and that anything was done at all.
 *
 * @category getters
 * @since 0.1.0
 */
export const ofLiveness = (account: Account): ReadonlyArray<string> => {
  const { handled, missing, missingCount, runs, unowned } = account
  const first = missing.slice(0, shown).map(({ partition, sequence }) => `${sequence} of ${partition}`)
  return [
    ...few(unowned.open, ({ cause, ms, partition }) => {
      return `partition ${partition} was left without an owner, for ${ms.toFixed(0)} ms by the end (${cause})`
    }),
    ...(missingCount === 0 ? [] : [`${missingCount} messages were lost, such as ${first.join(", ")}`]),
    ...(runs === 0 ? ["nobody ran anything: this run says nothing"] : []),
    ...(handled === 0 && account.published > 0 ? ["no message was handled"] : [])
  ]
}

const few = <A>(all: ReadonlyArray<A>, tell: (one: A) => string): ReadonlyArray<string> =>
  all.length <= shown
    ? all.map(tell)
    : [
        ...all.slice(0, shown - 1).map(tell),
        `and ${all.length - shown + 1} more like: ${all.slice(-1).map(tell).join()}`
      ]
