/** The panel that explains a partition. */

/**
 * The opener of the panel. The browser keeps the focus in it, closes it with Escape, and gives the focus back.
 *
 * @param {HTMLDialogElement} dialog
 * @returns {(id: string) => Promise<void>}
 */
export const make = (dialog) => {
  const title = part(dialog, "#explain-title")
  const body = part(dialog, "#explain-body")
  let asked = 0
  part(dialog, "#explain-close").addEventListener("click", () => dialog.close())
  // A click beside the panel is on the dialog itself.
  dialog.addEventListener("click", ({ target }) => target === dialog && dialog.close())
  return async (id) => {
    const own = ++asked
    title.textContent = id
    body.replaceChildren(paragraph("", "Reading the log of decisions …"))
    body.setAttribute("aria-busy", "true")
    if (!dialog.open) dialog.showModal()
    const parts = await explanation(id)
    // Another may have been asked for meanwhile.
    if (own !== asked) return
    body.replaceChildren(...parts)
    body.setAttribute("aria-busy", "false")
  }
}

/**
 * @param {Element} root
 * @param {string} selector
 * @returns {HTMLElement}
 */
const part = (root, selector) => {
  const found = root.querySelector(selector)
  if (!(found instanceof HTMLElement)) throw new Error(`the page has no ${selector}`)
  return found
}

/**
 * @param {string} id
 * @returns {Promise<ReadonlyArray<HTMLElement>>}
 */
const explanation = async (id) => {
  try {
    const response = await fetch(`/explain?partition=${encodeURIComponent(id)}`)
    const told = await response.json()
    if (!response.ok) return [paragraph("fault", told.error)]
    return blocks(told.lines)
  } catch {
    return [paragraph("fault", "The dashboard's server does not answer. Is `parti ui` still running?")]
  }
}

/**
 * Lines, apart where one is empty: each move is a block, that begins with its number.
 *
 * @param {ReadonlyArray<string>} lines
 * @returns {ReadonlyArray<HTMLElement>}
 */
const blocks = (lines) => {
  const texts = lines.join("\n").split("\n\n")
  const list = document.createElement("ol")
  list.className = "history"
  list.setAttribute("aria-label", "Moves, the newest first")
  const moves = texts.filter((text) => text.startsWith("#"))
  const [first = "", ...rest] = texts.filter((text) => !text.startsWith("#"))
  for (const text of moves) {
    const [head = "", ...details] = text.split("\n")
    const item = document.createElement("li")
    item.append(paragraph("head", head.trim()), ...details.map((detail) => paragraph("detail", detail.trim())))
    list.append(item)
  }
  return [
    ...first.split("\n").map((line) => paragraph("lead", line)),
    ...(moves.length === 0 ? [] : [list]),
    ...rest.map((text) => paragraph("detail", text))
  ]
}

/**
 * @param {string} kind
 * @param {string} text
 */
const paragraph = (kind, text) => {
  const element = document.createElement("p")
  element.className = kind
  element.textContent = text
  return element
}
