import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'

/** Where programs that are named in the environment are: these win over everything else. */
export const namedPrograms: Record<string, string | undefined> = {
  'livekit-server': process.env.LIVEKIT_SERVER_BIN,
  'livekit-sip': process.env.LIVEKIT_SIP_BIN,
  sipp: process.env.SIPP_BIN,
}

export const pathFolders = (process.env.PATH ?? '').split(delimiter).filter(Boolean)

/** Outside of the checkout, so that what took minutes to build outlives it. */
export const programCache = join(process.env.OUTDIAL_CACHE ?? join(homedir(), '.cache', 'outdial'), 'livekit')

/** Where `go install` puts what it builds. */
export const goFolder = process.env.GOBIN ?? join(process.env.GOPATH ?? join(homedir(), 'go'), 'bin')
