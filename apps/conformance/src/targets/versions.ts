import { readFile } from 'node:fs/promises'
import { requirePrograms } from '../servers/programs.ts'

/** Programs built with Go know which modules they were built from; livekit-sip says nothing else about itself. */
export async function livekitVersions(): Promise<Record<string, string>> {
  const programs = await requirePrograms(['livekit-server', 'livekit-sip'])
  return {
    'livekit-server': await moduleVersion(programs['livekit-server'], 'github.com/livekit/livekit-server'),
    'livekit-sip': await moduleVersion(programs['livekit-sip'], 'github.com/livekit/sip'),
  }
}

async function moduleVersion(program: string, module: string): Promise<string> {
  const binary = await readFile(program)
  for (const kind of ['mod', 'dep']) {
    const at = binary.indexOf(`${kind}\t${module}\tv`)
    if (at < 0) continue
    const [line = ''] = binary
      .subarray(at, at + 200)
      .toString('latin1')
      .split('\n')
    const version = line.split('\t')[2]
    if (version) return version
  }
  return 'of unknown version'
}
