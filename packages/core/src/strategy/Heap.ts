/**
 * A queue that gives the least first.
 *
 * An index in range always has a value; `?? 0` only says so to the compiler.
 *
 * @since 0.1.0
 */

/**
 * A binary heap of small whole numbers. When the order of the first one changes, `sink` restores it.
 *
 * @category models
 * @since 0.1.0
 */
export class Heap {
  private readonly items: Int32Array
  private readonly isLess: (a: number, b: number) => boolean
  private size: number

  constructor(items: ReadonlyArray<number>, isLess: (a: number, b: number) => boolean) {
    this.items = Int32Array.from(items)
    this.isLess = isLess
    this.size = items.length
    for (let place = (this.size >> 1) - 1; place >= 0; place--) this.sinkFrom(place)
  }

  /** The least, or -1 when there is none. */
  first(): number {
    return this.size === 0 ? -1 : (this.items[0] ?? -1)
  }

  /** Puts the first one where it belongs now. */
  sink(): void {
    this.sinkFrom(0)
  }

  /** Drops the first one. */
  drop(): void {
    this.size -= 1
    this.items[0] = this.items[this.size] ?? 0
    this.sinkFrom(0)
  }

  private sinkFrom(start: number): void {
    const item = this.items[start] ?? 0
    let place = start
    for (let child = 2 * place + 1; child < this.size; child = 2 * place + 1) {
      const right = child + 1
      if (right < this.size && this.isLess(this.items[right] ?? 0, this.items[child] ?? 0)) child = right
      if (!this.isLess(this.items[child] ?? 0, item)) break
      this.items[place] = this.items[child] ?? 0
      place = child
    }
    this.items[place] = item
  }
}
