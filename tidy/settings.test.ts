import { expect, test } from 'vitest'
import { readSources } from './source.ts'

/** The names of variables that a file about settings reads: keys of schemas, `process.env` and commander's `env`. */
function variablesOf(text: string): string[] {
  const found = text.matchAll(/^\s*([A-Z][A-Z\d]*_[A-Z\d_]+|PORT|HOST):|\benv(?:\.|\(')([A-Z][A-Z\d_]+)/gm)
  return [...found].map((match) => match[1] ?? match[2] ?? '')
}

test('docs/configuration.md and docs/simulator.md name every variable that is read', async () => {
  const sources = await readSources()
  const pages = sources.filter(({ path }) => /^docs\/(configuration|simulator)\.md$/.test(path))
  const named = new Set(pages.flatMap(({ text }) => [...text.matchAll(/`([A-Z][A-Z\d_]+)`/g)].map((match) => match[1])))
  const read = sources.filter(({ path }) =>
    /^((apps|packages)\/.*\/(config|environment)|vitest\.config)\.ts$/.test(path),
  )
  const unnamed = read.flatMap(({ path, text }) =>
    variablesOf(text)
      .filter((name) => !named.has(name))
      .map((name) => `${path} reads ${name}; say in docs/configuration.md what it is for`),
  )
  expect(read.flatMap(({ text }) => variablesOf(text)).length).toBeGreaterThan(30)
  expect(unnamed).toEqual([])
})

test('variables are found wherever they are read', () => {
  const text = "  REDIS_URL: redisUrl,\n  PORT: port,\nprocess.env.LOG_LEVEL\nnew Option('x').env('SIMULATOR_SEED')"
  expect(variablesOf(text)).toEqual(['REDIS_URL', 'PORT', 'LOG_LEVEL', 'SIMULATOR_SEED'])
})
