/**
 * Preloaded into a process whose host's clock is wrong: `skewed-clock.ts?ms=2000` makes every `Date` of it run two
 * seconds ahead. Timers are not changed.
 */
const skewMs = Number(new URL(import.meta.url).searchParams.get('ms'))
if (!Number.isFinite(skewMs)) throw new Error('say by how much: skewed-clock.ts?ms=2000')

const TrueDate = Date

globalThis.Date = new Proxy(TrueDate, {
  construct: (target, args, newTarget): object =>
    Reflect.construct(target, args.length === 0 ? [TrueDate.now() + skewMs] : args, newTarget) as Date,
  get: (target, name, receiver): unknown =>
    name === 'now' ? () => TrueDate.now() + skewMs : Reflect.get(target, name, receiver),
})
