/** The rows of a table, changed where they differ and otherwise left alone, so that neither focus nor selection is lost. */

/**
 * What stands in a cell: a text, or an element that is kept as long as its text is the same.
 *
 * @typedef {string | { readonly text: string, readonly make: () => HTMLElement }} Content
 */

/**
 * One row. `kind` of each cell is a class of the style sheet.
 *
 * @typedef {object} Row
 * @property {string} key
 * @property {ReadonlyArray<Content>} cells
 * @property {string} [mark]
 */

/**
 * Shows the rows in a body of a table. The first cell of each is its head.
 *
 * @param {HTMLTableSectionElement} body
 * @param {ReadonlyArray<string>} kinds The class of each column.
 * @param {ReadonlyArray<Row>} rows
 */
export const show = (body, kinds, rows) => {
  const known = new Map([...body.rows].map((row) => [row.dataset["key"] ?? "", row]))
  rows.forEach((row, index) => {
    const element = known.get(row.key) ?? made(row.key)
    known.delete(row.key)
    extend(element, kinds)
    if (element.dataset["mark"] !== (row.mark ?? "")) element.dataset["mark"] = row.mark ?? ""
    row.cells.forEach((content, column) => fill(element.cells[column], content))
    if (body.rows[index] !== element) body.insertBefore(element, body.rows[index] ?? null)
  })
  for (const element of known.values()) element.remove()
}

/**
 * @param {string} key
 * @returns {HTMLTableRowElement}
 */
const made = (key) => {
  const row = document.createElement("tr")
  row.dataset["key"] = key
  return row
}

/**
 * Gives the row the cells that it lacks: a column may come later than the rows.
 *
 * @param {HTMLTableRowElement} row
 * @param {ReadonlyArray<string>} kinds
 */
const extend = (row, kinds) => {
  for (const kind of kinds.slice(row.cells.length)) {
    const isHead = row.cells.length === 0
    const cell = document.createElement(isHead ? "th" : "td")
    if (isHead) cell.scope = "row"
    if (kind !== "") cell.className = kind
    row.append(cell)
  }
}

/**
 * What stands in a cell now.
 *
 * @type {WeakMap<HTMLTableCellElement, string>}
 */
const shown = new WeakMap()

/**
 * @param {HTMLTableCellElement | undefined} cell
 * @param {Content} content
 */
const fill = (cell, content) => {
  const text = typeof content === "string" ? content : content.text
  if (cell === undefined || shown.get(cell) === text) return
  shown.set(cell, text)
  if (typeof content === "string") cell.textContent = content
  else cell.replaceChildren(content.make())
}

/**
 * A button that looks like a link or like a button.
 *
 * @param {string} text
 * @param {string} kind
 * @param {() => void} onClick
 * @param {string} [label] What it is called where its text is not enough.
 * @returns {Content}
 */
export const button = (text, kind, onClick, label) => ({
  text,
  make: () => {
    const element = document.createElement("button")
    element.type = "button"
    element.className = kind
    element.textContent = text
    if (label !== undefined) element.setAttribute("aria-label", label)
    element.addEventListener("click", onClick)
    return element
  }
})
