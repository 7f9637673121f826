/**
 * Subjects, and templates of them.
 *
 * @since 0.1.0
 */

// A subject travels with each message, and servers take at most 4,096 bytes for a whole line of their protocol.
const longest = 512

const placeholders = /\{(id|\d{1,2})\}/g

/**
 * Whether messages can be published to it.
 *
 * @category predicates
 * @since 0.1.0
 */
export const isLiteral = (subject: string): boolean => isFilter(subject) && !/[*>]/.test(subject)

/**
 * Whether messages can be filtered by it.
 *
 * @category predicates
 * @since 0.1.0
 */
export const isFilter = (subject: unknown): subject is string => {
  if (typeof subject !== "string" || subject.length > longest) return false
  const tokens = subject.split(".")
  return tokens.every((token, i) => isToken(token) || token === "*" || (token === ">" && i === tokens.length - 1))
}

/** Whether it is one part of a subject, and stands for itself. */
const isToken = (token: string): boolean => /^[^\s\p{C}.*>]+$/u.test(token)

/**
 * Whether it has placeholders for what tells partitions apart, and is legal once they are filled.
 *
 * @category predicates
 * @since 0.1.0
 */
export const isTemplate = (template: string): boolean => {
  const filled = template.replace(placeholders, "x")
  return filled !== template && !/[{}]/.test(filled) && isFilter(filled)
}

/**
 * Puts the id and the keys of a partition in their places; `null` if a key is missing or not legal there.
 *
 * @category rendering
 * @since 0.1.0
 */
export const fill = (template: string, id: string, keys: ReadonlyArray<string>): string | null => {
  let isLegal = true
  const filled = template.replace(placeholders, (_, name) => {
    // Ids are escaped: they have several parts, but no wildcards.
    if (name === "id") return id
    const key = keys[Number(name)] ?? ""
    isLegal &&= isToken(key)
    return key
  })
  return isLegal ? filled : null
}
