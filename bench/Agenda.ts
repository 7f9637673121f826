/** What is to happen in a simulated world. */

interface Task {
  readonly at: number
  readonly act: () => void
}

/** What is to happen, earliest first; of equals, what was added first. A binary heap. */
export class Agenda {
  readonly #heap: Array<Task & { readonly order: number }> = []
  #order = 0

  add(task: Task): void {
    this.#heap.push({ ...task, order: (this.#order += 1) })
    this.#rise(this.#heap.length - 1)
  }

  /** The next task that is due by then. */
  take(untilMs: number): Task | null {
    const first = this.#heap[0]
    if (first === undefined || first.at > untilMs) return null
    const last = this.#heap.pop()
    if (last !== undefined && last !== first) {
      this.#heap[0] = last
      this.#sink(0)
    }
    return first
  }

  #isBefore(i: number, j: number): boolean {
    const [a, b] = [this.#heap[i], this.#heap[j]]
    if (a === undefined || b === undefined) return a !== undefined
    return a.at < b.at || (a.at === b.at && a.order < b.order)
  }

  #swap(i: number, j: number): void {
    const [a, b] = [this.#heap[i], this.#heap[j]]
    if (a === undefined || b === undefined) return
    this.#heap[i] = b
    this.#heap[j] = a
  }

  #rise(i: number): void {
    for (let child = i; child > 0;) {
      const parent = (child - 1) >>> 1
      if (!this.#isBefore(child, parent)) return
      this.#swap(child, parent)
      child = parent
    }
  }

  #sink(i: number): void {
    for (let parent = i; ;) {
      const [left, right] = [2 * parent + 1, 2 * parent + 2]
      const least = this.#isBefore(right, left) ? right : left
      if (least >= this.#heap.length || !this.#isBefore(least, parent)) return
      this.#swap(least, parent)
      parent = least
    }
  }
}
