import type { Clock, Deps } from '@outdial/dialing/deps'
import { readWorkload, type Workload } from '@outdial/dialing/sweep/workload'
import { gauge, type Registry } from '@outdial/service/metrics'

const metrics = {
  callsPending: ['outdial_calls_pending', 'Calls that are claimed or asked for and not dialed yet'],
  callsCalling: ['outdial_calls_calling', 'Calls that are being dialed or ring'],
  callsAnswered: ['outdial_calls_answered', 'Calls in conversation'],
  startLatenessSeconds: ['outdial_start_lateness_seconds', 'How late the oldest call is that should have started'],
  signalsUnapplied: ['outdial_signals_unapplied', 'Signals that wait to be applied'],
  signalsInTrouble: ['outdial_signals_in_trouble', 'Signals that could not be applied: look at signals.problem'],
  lanesSlowed: ['outdial_lanes_slowed', 'Trunks that rest because carrier or LiveKit refused calls'],
  campaignsRunning: ['outdial_campaigns_running', 'Campaigns that are running'],
  noticesUndelivered: ['outdial_notices_undelivered', 'Deliveries of notices to endpoints that are still to be made'],
  noticeEndpointsFailing: ['outdial_notice_endpoints_failing', 'Endpoints that take no notices at the moment'],
} as const satisfies Record<keyof Workload, readonly [name: string, help: string]>

/** One scrape reads the workload once, for all gauges. */
const sharedForMs = 500

/** What is in hand, read from the database when Prometheus asks. Every scheduler tells the same. */
export function registerWorkload(registry: Registry, deps: Pick<Deps, 'db'>, clock: Clock): void {
  let shared: { readAtMs: number; workload: Promise<Workload> } | undefined
  const read = () => {
    const nowMs = performance.now()
    if (!shared || nowMs - shared.readAtMs > sharedForMs) {
      shared = { readAtMs: nowMs, workload: readWorkload(deps, clock.now()) }
    }
    return shared.workload
  }
  for (const [field, [name, help]] of Object.entries(metrics)) {
    const collect = async (own: { set(value: number): void }) => own.set((await read())[field as keyof Workload])
    gauge(registry, { name, help, collect })
  }
}
