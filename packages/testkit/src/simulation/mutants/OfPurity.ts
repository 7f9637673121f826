/**
 * Reducers that are not pure.
 *
 * @since 0.1.0
 */
import * as Mutant from "./Mutant.ts"

/**
 * Chance, hidden memory, and changes to what was given.
 *
 * @category constants
 * @since 0.1.0
 */
export const mutants: ReadonlyArray<Mutant.Mutant> = [
  {
    name: "reducer remembers outside its state",
    wrap: (right) => {
      let count = 0
      return Mutant.withState((after) => ({ ...after, controlWrites: count++ }))(right)
    }
  },
  {
    name: "reducer changes its input",
    wrap: Mutant.withState((after, { before }) => {
      Object.assign(before, { hasNews: true })
      return after
    })
  },
  {
    name: "state holds what JSON cannot",
    wrap: Mutant.withState((after) => ({ ...after, unsureUntil: Number.POSITIVE_INFINITY }))
  }
]
