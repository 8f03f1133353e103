export type Timer = { dueMs: number; order: number; isWaiting: boolean; action: (() => void) | undefined }

/** Timers by the time they are due, and by their order when that is the same. A canceled one stays without action. */
export class TimerHeap {
  #heap: Timer[] = []
  #canceled = 0
  #order = 0

  get size(): number {
    return this.#heap.length
  }

  first(): Timer | undefined {
    return this.#heap[0]
  }

  push(dueMs: number, action: () => void): Timer {
    const timer = { dueMs, order: this.#order, isWaiting: true, action }
    this.#order += 1
    this.#heap.push(timer)
    this.#rise(this.#heap.length - 1)
    return timer
  }

  pop(): Timer | undefined {
    const [first] = this.#heap
    const last = this.#heap.pop()
    if (last && this.#heap.length > 0) {
      this.#heap[0] = last
      this.#sink(0)
    }
    if (!first) return undefined
    first.isWaiting = false
    if (!first.action) this.#canceled -= 1
    return first
  }

  cancel(timer: Timer): void {
    if (!timer.isWaiting || !timer.action) return
    timer.action = undefined
    this.#canceled += 1
    // most long timers are canceled: without this they would pile up until they are due
    if (this.#canceled > 1000 && this.#canceled > this.#heap.length / 2) this.#sweep()
  }

  clear(): void {
    this.#heap = []
    this.#canceled = 0
  }

  #sweep() {
    this.#heap = this.#heap.filter(({ action }) => action).sort((a, b) => (isBefore(a, b) ? -1 : 1))
    this.#canceled = 0
  }

  #rise(start: number) {
    for (let index = start; index > 0; ) {
      const parent = (index - 1) >> 1
      if (!this.#swapIfBefore(index, parent)) return
      index = parent
    }
  }

  #sink(start: number) {
    for (let index = start; ; ) {
      const left = index * 2 + 1
      const [a, b] = [this.#heap[left], this.#heap[left + 1]]
      if (!a) return
      const child = b && isBefore(b, a) ? left + 1 : left
      if (!this.#swapIfBefore(child, index)) return
      index = child
    }
  }

  #swapIfBefore(lower: number, upper: number): boolean {
    const [a, b] = [this.#heap[lower], this.#heap[upper]]
    if (!a || !b || !isBefore(a, b)) return false
    this.#heap[lower] = b
    this.#heap[upper] = a
    return true
  }
}

function isBefore(a: Timer, b: Timer): boolean {
  return a.dueMs === b.dueMs ? a.order < b.order : a.dueMs < b.dueMs
}
