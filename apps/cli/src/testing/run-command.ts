import { vi } from 'vitest'
import { runProgram } from '../program.ts'

export type Said = { code: number; stdout: string; stderr: string }

/** What the set-up commands read; the variables of whoever runs the tests must not get in. */
const cleared = [
  ...['TWILIO_ACCOUNT_SID', 'TWILIO_AUTH_TOKEN', 'TWILIO_PHONE_NUMBER', 'TWILIO_API_URL', 'TWILIO_TRUNKING_URL'],
  ...['LIVEKIT_URL', 'LIVEKIT_API_KEY', 'LIVEKIT_API_SECRET', 'SIP_AUTH_PASSWORD', 'LIVEKIT_SIP_OUTBOUND_TRUNK_ID'],
  ...['LIVEKIT_SIP_FROM_NUMBER', 'LIVEKIT_AGENT_NAME', 'LIVEKIT_SIP_URI', 'EXOTEL_CALLBACK_SECRET'],
  ...['ENABLED', 'S3_BUCKET', 'S3_ACCESS_KEY', 'S3_SECRET_KEY', 'S3_REGION', 'S3_ENDPOINT', 'S3_KEY_PREFIX'].map(
    (name) => `LIVEKIT_EGRESS_${name}`,
  ),
  ...['DATABASE_URL', 'REDIS_URL', 'OUTDIAL_URL', 'OUTDIAL_API_KEY', 'PUBLIC_URL', 'JWT_SECRET', 'JWKS_URL'],
]

/** What a command line says with this environment, without a process of its own. One at a time. */
export async function runCommand(args: string[], env: Record<string, string> = {}): Promise<Said> {
  const said = { stdout: '', stderr: '' }
  for (const name of cleared) vi.stubEnv(name, env[name])
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      said[name] += String(text)
      return true
    }),
  )
  try {
    const code = await runProgram(['node', 'outdial', ...args])
    return { code, ...said }
  } finally {
    for (const spy of spies) spy.mockRestore()
    vi.unstubAllEnvs()
  }
}
