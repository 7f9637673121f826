/**
 * Which epochs, versions and sessions something names.
 *
 * @since 0.1.0
 */

/**
 * All that something names, each kind in order; the same names are the same object. `remembered` are the sessions that are
 * only known to have ended.
 *
 * @category models
 * @since 0.1.0
 */
export interface NameSet {
  readonly id: number
  readonly epochs: ReadonlyArray<number>
  readonly versions: ReadonlyArray<number>
  readonly sessions: ReadonlyArray<string>
  readonly remembered: ReadonlyArray<string>
}

/**
 * All sets of names there are.
 *
 * @category models
 * @since 0.1.0
 */
export interface NameSets {
  readonly none: NameSet
  /** The set with what a field of this name holds. */
  readonly with: (set: NameSet, key: string, value: number | string) => NameSet
  readonly union: (one: NameSet, other: NameSet) => NameSet
}

type Kind = "epochs" | "versions" | "sessions" | "remembered"

/**
 * No sets but the empty one.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (): NameSets => {
  const byText = new Map<string, NameSet>()
  const unions = new Map<number, NameSet>()
  const keep = (names: Omit<NameSet, "id">): NameSet => {
    const text = [names.epochs, names.versions, names.sessions, names.remembered].map((list) => list.join()).join(";")
    const known = byText.get(text) ?? { ...names, id: byText.size }
    byText.set(text, known)
    return known
  }
  return {
    none: keep({ epochs: [], versions: [], sessions: [], remembered: [] }),
    with: (set, key, value) => {
      const kind = kindOf(key, value)
      if (kind === null) return set
      // Of its kind, as its kind says.
      const names = set[kind] as ReadonlyArray<number | string>
      return names.includes(value) ? set : keep({ ...set, [kind]: merged(names, [value]) })
    },
    union: (one, other) => {
      if (one === other || other.id === 0) return one
      if (one.id === 0) return other
      const pair = one.id * 2 ** 26 + other.id
      const known = unions.get(pair)
      if (known !== undefined) return known
      const union = keep({
        epochs: merged(one.epochs, other.epochs),
        versions: merged(one.versions, other.versions),
        sessions: merged(one.sessions, other.sessions),
        remembered: merged(one.remembered, other.remembered)
      })
      unions.set(pair, union)
      return union
    }
  }
}

/**
 * What a field of this name holds, if it holds a name at all. Where a field of such a name is an instant, it is not in the
 * future, and so no number that is looked at.
 *
 * @category combinators
 * @since 0.1.0
 */
export const kindOf = (key: string, value: number | string): Kind | null => {
  if (typeof value === "number") return value > 0 ? numberKind(key) : null
  if (!isSession(value)) return null
  return key === "left" || key === "crashed" ? "remembered" : "sessions"
}

const numberKinds = new Map<string, "epochs" | "versions" | null>()

const numberKind = (key: string): "epochs" | "versions" | null => {
  const known = numberKinds.get(key)
  if (known !== undefined) return known
  const kind = /^epoch$|Epoch$/.test(key)
    ? "epochs"
    : /^(?:version|token|started|opened|openedAt)$|Version$/.test(key)
      ? "versions"
      : null
  numberKinds.set(key, kind)
  return kind
}

const sessions = new Map<string, boolean>()

const isSession = (text: string): boolean => {
  const known = sessions.get(text)
  if (known !== undefined) return known
  const is = /^s\d+b\d+\.\d+$/.test(text)
  sessions.set(text, is)
  return is
}

const merged = <A extends number | string>(one: ReadonlyArray<A>, other: ReadonlyArray<A>): ReadonlyArray<A> =>
  [...new Set([...one, ...other])].sort((a, b) => (a < b ? -1 : 1))
