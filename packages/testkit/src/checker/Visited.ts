/**
 * The forks that were reached, and how: five bytes each tell from where, and by which choice.
 *
 * @since 0.1.0
 */
import * as HashSet from "./HashSet.ts"

/**
 * The forks that were reached, numbered in the order in which they were.
 *
 * @category models
 * @since 0.1.0
 */
export interface Visited {
  /** Whether the fork is new. */
  readonly add: (row: Int32Array, parent: number, choice: number) => boolean
  readonly size: () => number
  /** The choices that lead to a fork, from the first on. */
  readonly pathTo: (fork: number) => ReadonlyArray<number>
}

/**
 * Nothing was reached yet.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (): Visited => {
  const known = HashSet.make()
  let parents = new Uint32Array(1 << 15)
  let choices = new Uint8Array(1 << 15)

  const grow = (): void => {
    const [oldParents, oldChoices] = [parents, choices]
    parents = new Uint32Array(oldParents.length * 2)
    parents.set(oldParents)
    choices = new Uint8Array(oldChoices.length * 2)
    choices.set(oldChoices)
  }

  return {
    add: (row, parent, choice) => {
      const index = known.size()
      if (!known.add(row)) return false
      if (choice > 255) throw new Error(`there are more choices than can be told apart: ${choice}`)
      if (index === parents.length) grow()
      parents[index] = parent
      choices[index] = choice
      return true
    },
    size: known.size,
    pathTo: (fork) => {
      const path: Array<number> = []
      for (let here = fork; here !== 0; here = parents[here] ?? 0) path.push(choices[here] ?? 0)
      return path.reverse()
    }
  }
}
