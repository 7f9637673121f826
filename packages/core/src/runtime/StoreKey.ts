/**
 * What the store's keys and patterns may look like: what NATS takes, so that nothing works in memory alone.
 *
 * @since 0.1.0
 */

const legal = /^[-/_=.a-zA-Z0-9]+$/

const emptyToken = /^\.|\.\.|\.$/

const suffix = ".>"

/**
 * Says which rule a key breaks, or `null`. Keys are made by our own code, so a bad one is a defect, not an error that
 * somebody could handle.
 *
 * @category validation
 * @since 0.1.0
 */
export const fault = (key: string): string | null => {
  if (!legal.test(key)) return `key ${JSON.stringify(key)} may only have letters, digits and - / _ = .`
  if (emptyToken.test(key)) return `key ${JSON.stringify(key)} may not begin or end with a dot, nor have two in a row`
  return null
}

/**
 * Says which rule a watch's patterns break, or `null`.
 *
 * **Gotchas**
 *
 * No pattern at all is refused, because NATS would take it for all keys.
 *
 * @category validation
 * @since 0.1.0
 */
export const faultOfPatterns = (patterns: ReadonlyArray<string>): string | null => {
  if (patterns.length === 0) return "a watch needs at least one pattern"
  for (const pattern of patterns) {
    const found = fault(isPrefix(pattern) ? pattern.slice(0, -suffix.length) : pattern)
    if (found !== null)
      return `pattern ${JSON.stringify(pattern)} is neither a key nor a prefix that ends in .>: ${found}`
  }
  return null
}

/**
 * The patterns as a set in which no two match the same key, so that a watch shows a change once.
 *
 * @category patterns
 * @since 0.1.0
 */
export const disjoint = (patterns: ReadonlyArray<string>): ReadonlyArray<string> => {
  const distinct = [...new Set(patterns)]
  return distinct.filter((pattern) => !distinct.some((other) => other !== pattern && covers(other, pattern)))
}

/**
 * Every pattern that matches a key: the key itself, and a prefix for each of its dots.
 *
 * @category patterns
 * @since 0.1.0
 */
export const patternsOf = (key: string): ReadonlyArray<string> => {
  const patterns = [key]
  for (let dot = key.indexOf("."); dot !== -1; dot = key.indexOf(".", dot + 1)) {
    patterns.push(key.slice(0, dot) + suffix)
  }
  return patterns
}

const isPrefix = (pattern: string): boolean => pattern.endsWith(suffix)

const covers = (pattern: string, other: string): boolean =>
  isPrefix(pattern) && other.startsWith(pattern.slice(0, -1)) && other !== pattern
