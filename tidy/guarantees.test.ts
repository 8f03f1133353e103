import { expect, test } from 'vitest'
import { readSources } from './source.ts'

test('every test that docs/guarantees.md names is there', async () => {
  const sources = await readSources()
  const page = sources.find(({ path }) => path === 'docs/guarantees.md')
  const named = [...(page?.text ?? '').matchAll(/`(\S+\.test\.ts)`:\s+"([^"]+)"/g)]
  const missing = named.flatMap(([, path, title = '']) => {
    const file = sources.find((source) => source.path === path)
    return file?.text.includes(title.replaceAll(/\s+/g, ' ')) ? [] : [`${path} has no test "${title}"`]
  })
  expect(named.length).toBeGreaterThan(25)
  expect(missing).toEqual([])
})
