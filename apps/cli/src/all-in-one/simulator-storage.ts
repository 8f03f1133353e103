import type { DepsOptions } from '@outdial/dialing/open-deps'

/** Recordings that campaigns and calls ask for, into the simulator itself. What it keeps is gone with it. */
export function recordIntoSimulator(simulatorUrl: string): NonNullable<DepsOptions['recordings']> {
  const endpoint = `${simulatorUrl}/_s3`
  const key = { accessKey: 'simulator', secretKey: 'secret-of-the-simulators-storage', region: 'us-east-1' }
  return { when: 'on-request', bucket: { bucket: 'recordings', ...key, endpoint }, keyPrefix: '' }
}
