/**
 * Any string as one token of a NATS subject.
 *
 * @since 0.1.0
 */

const escapeUnit = (unit: number): string =>
  unit < 0x80 ? `=${unit.toString(16).padStart(2, "0")}` : `=u${unit.toString(16).padStart(4, "0")}`

// What each ASCII character is written as: itself, or its escape.
const ascii = Array.from({ length: 0x80 }, (_, unit) => {
  const character = String.fromCharCode(unit)
  return /[A-Za-z0-9_-]/.test(character) ? character : escapeUnit(unit)
})

/**
 * Which ASCII characters do not stand for themselves: 1 for those.
 *
 * @category encoding
 * @since 0.1.0
 */
export const escaped = Uint8Array.from(ascii, (written) => Number(written.length > 1))

const needsEscape = (key: string): boolean => {
  for (let i = 0; i < key.length; i++) if (escaped[key.charCodeAt(i)] !== 0) return true
  return false
}

/**
 * Writes a string as one token: no two strings share one, and it is legal in a NATS subject and in a key of a KV bucket.
 *
 * **Details** ASCII letters, digits, `_` and `-` stand for themselves, other ASCII characters are written `=hh`, other
 * UTF-16 code units `=uhhhh`, and the empty string is `=`.
 *
 * @category encoding
 * @since 0.1.0
 */
export const escape = (text: string): string => {
  if (text === "") return "="
  if (!needsEscape(text)) return text
  let written = ""
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    written += ascii[unit] ?? escapeUnit(unit)
  }
  return written
}
