import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'

export type { Registry }

/** What a metric is called and what it means; `labels` must stay few and small, never ids. */
export type MetricDefinition<Label extends string> = { name: string; help: string; labels?: readonly Label[] }

/** The registry of one process, with Node's own metrics; every line carries the role that wrote it. */
export function createRegistry(role: string): Registry {
  const registry = new Registry()
  registry.setDefaultLabels({ role })
  collectDefaultMetrics({ register: registry })
  return registry
}

export function counter<Label extends string = never>(registry: Registry, definition: MetricDefinition<Label>) {
  return new Counter<Label>(options(registry, definition))
}

/** A gauge; `collect` is called on every scrape and may set the value. */
export function gauge<Label extends string = never>(
  registry: Registry,
  { collect, ...definition }: MetricDefinition<Label> & { collect?: (gauge: Gauge<Label>) => void | Promise<void> },
) {
  return new Gauge<Label>({
    ...options(registry, definition),
    ...(collect && {
      collect() {
        return collect(this)
      },
    }),
  })
}

/** How far this host's clock is off. Nothing is decided by it, but tokens are: it should be near 0. */
export function tellHostClock(registry: Registry, time: { hostAheadMs(): number }): void {
  gauge(registry, {
    name: 'outdial_host_clock_ahead_seconds',
    help: 'How far the clock of this host is ahead of PostgreSQL’s; negative when it is behind',
    collect: (own) => own.set(time.hostAheadMs() / 1_000),
  })
}

function options<Label extends string>(registry: Registry, { name, help, labels = [] }: MetricDefinition<Label>) {
  return { name, help, labelNames: labels, registers: [registry] }
}
