import { access, constants } from 'node:fs/promises'
import { join } from 'node:path'
import { goFolder, namedPrograms, pathFolders, programCache } from '../config.ts'

/** The programs that stand for reality. */
export const programNames = ['redis-server', 'livekit-server', 'livekit-sip', 'sipp'] as const

export type ProgramName = (typeof programNames)[number]

/** Paths of programs. */
export type Programs = Record<ProgramName, string>

/** A program that is needed is not on this machine. The message says how to get each. */
export class MissingProgramsError extends Error {
  override name = 'MissingProgramsError'
  readonly missing: readonly ProgramName[]

  constructor(missing: readonly ProgramName[]) {
    const lines = missing.map((name) => `  ${name}: ${howToGet[name]}`)
    super(`Missing: ${missing.join(', ')}.\n${lines.join('\n')}\nOr run: .ci/install-livekit (see ${page})`)
    this.missing = missing
  }
}

const page = 'docs/testing-with-livekit.md'

const howToGet: Record<ProgramName, string> = {
  'redis-server': 'Debian: apt-get install redis-server; macOS: brew install redis',
  'livekit-server':
    'go install github.com/livekit/livekit-server/cmd/server@v1.13.5, then LIVEKIT_SERVER_BIN=~/go/bin/server',
  'livekit-sip': `v1.8.0, built with Go, gcc, pkg-config, libopus-dev, libopusfile-dev and libsoxr-dev as ${page} says`,
  sipp: 'Debian: apt-get install sip-tester; macOS: brew install sipp',
}

/** Where to look: `named` wins, by the name of the program. */
export type Places = { named: Record<string, string | undefined>; folders: readonly string[] }

const usualPlaces: Places = { named: namedPrograms, folders: [...pathFolders, programCache, goFolder] }

/**
 * Looks where the environment says (`LIVEKIT_SERVER_BIN`, `LIVEKIT_SIP_BIN`, `SIPP_BIN`), then in `PATH`, in the cache
 * of `.ci/install-livekit`, and where `go install` puts things.
 */
export async function findPrograms(
  places: Places = usualPlaces,
): Promise<{ found: Partial<Programs>; missing: ProgramName[] }> {
  const paths = await Promise.all(programNames.map(async (name) => [name, await pathOf(name, places)] as const))
  return {
    found: Object.fromEntries(paths.filter(([, path]) => path !== undefined)),
    missing: paths.filter(([, path]) => path === undefined).map(([name]) => name),
  }
}

/** @throws MissingProgramsError that names every program of `names` that is not there */
export async function requirePrograms(
  names: readonly ProgramName[] = programNames,
  places: Places = usualPlaces,
): Promise<Programs> {
  const { found, missing } = await findPrograms(places)
  const needed = missing.filter((name) => names.includes(name))
  if (needed.length > 0) throw new MissingProgramsError(needed)
  return found as Programs
}

async function pathOf(name: ProgramName, { named, folders }: Places): Promise<string | undefined> {
  const own = named[name]
  const places = own ? [own] : folders.map((folder) => join(folder, name))
  for (const place of places) if (await isProgram(place)) return place
  return undefined
}

async function isProgram(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  )
}
