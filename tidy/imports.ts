import { dirname, posix } from 'node:path'
import { parseSync } from 'oxc-parser'
import { isCode, isTest, type Source } from './source.ts'

const allPackages = ['policy', 'database', 'queue', 'telephony', 'dialing', 'service'].map((name) => `packages/${name}`)
/** Holds what happened against what was promised; no role runs it. */
const judgePackage = 'packages/judge'
const allRoles = ['api', 'scheduler', 'dial-worker', 'webhooks', 'simulator'].map((name) => `apps/${name}`)

/** Imports run one way. What is not listed here imports nothing of ours. */
const mayImport: Record<string, readonly string[]> = {
  'packages/database': ['packages/policy'],
  'packages/telephony': ['packages/policy'],
  'packages/dialing': ['packages/policy', 'packages/database', 'packages/queue', 'packages/telephony'],
  'apps/api': allPackages,
  'apps/scheduler': allPackages,
  'apps/dial-worker': allPackages,
  'apps/webhooks': allPackages,
  'apps/cli': [...allPackages, judgePackage, ...allRoles],
  // It starts the roles as processes and looks at them from outside.
  'apps/chaos': ['packages/dialing', 'packages/database', 'packages/queue', 'packages/service', judgePackage],
  // It holds the simulator, and whole installations, against the real LiveKit.
  'apps/conformance': ['packages/dialing', 'packages/telephony', judgePackage, 'apps/simulator', 'apps/chaos'],
}

/** Tests may go further: they need a database, and the telephone network that is simulated. */
const testsMayImport: Record<string, readonly string[]> = {
  'packages/queue': ['packages/database'],
  'packages/telephony': ['apps/simulator'],
  'packages/dialing': ['packages/service', 'apps/simulator'],
  'apps/api': ['apps/simulator'],
  'apps/webhooks': ['apps/simulator'],
  'apps/cli': ['apps/chaos'],
}

/** Type imports only: the console is typed by the API it talks to. */
const mayImportTypes: Record<string, readonly string[]> = { 'apps/console': ['apps/api'] }

type Import = { specifier: string; typeOnly: boolean }

/** Imports against the direction, imports past a package's exports, and LiveKit's SDK outside of telephony. */
export function findWrongImports(sources: Source[]): string[] {
  return sources.filter(isCode).flatMap((source) => {
    const unit = unitOf(source.path)
    return unit ? importsOf(source).flatMap((found) => judge(source, unit, found)) : []
  })
}

function judge(source: Source, unit: string, { specifier, typeOnly }: Import): string[] {
  if (specifier.startsWith('livekit-server-sdk')) {
    const allowed = unit === 'packages/telephony' || (unit === 'apps/simulator' && isTest(source))
    return allowed ? [] : [`${source.path} imports ${specifier}; only packages/telephony does`]
  }
  if (specifier.startsWith('.')) {
    const target = unitOf(posix.join(dirname(source.path), specifier))
    return target === unit ? [] : [`${source.path} imports ${specifier}; name the package instead of its files`]
  }
  const name = /^@outdial\/([^/]+)/.exec(specifier)?.[1]
  if (!name) return []
  const target = [...allPackages, judgePackage].find((each) => each === `packages/${name}`) ?? `apps/${name}`
  const allowed = [
    unit,
    ...(mayImport[unit] ?? []),
    ...(isTest(source) ? (testsMayImport[unit] ?? []) : []),
    ...(typeOnly ? (mayImportTypes[unit] ?? []) : []),
  ]
  return allowed.includes(target) ? [] : [`${source.path} imports ${specifier}; ${unit} may not import ${target}`]
}

const unitOf = (path: string) => /^(apps|packages)\/[^/]+/.exec(path)?.[0]

/** Every module a file names: imports, re-exports and import() of a literal. */
export function importsOf({ path, text }: Source): Import[] {
  const { module } = parseSync(path, text)
  const imported = module.staticImports.map(({ moduleRequest, entries }) => ({
    specifier: moduleRequest.value,
    typeOnly: entries.length > 0 && entries.every((entry) => entry.isType),
  }))
  const exported = module.staticExports.flatMap(({ entries }) =>
    entries.flatMap((entry) =>
      entry.moduleRequest ? [{ specifier: entry.moduleRequest.value, typeOnly: entry.isType }] : [],
    ),
  )
  const dynamic = module.dynamicImports.flatMap(({ moduleRequest }) => {
    const literal = /^['"`]([^'"`$]+)['"`]$/.exec(text.slice(moduleRequest.start, moduleRequest.end))
    return literal?.[1] ? [{ specifier: literal[1], typeOnly: false }] : []
  })
  return [...imported, ...exported, ...dynamic]
}
