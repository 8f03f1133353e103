import { expect, test } from 'vitest'
import { installEnvironment, productEnvironment } from './environment.mjs'
import { explainFailure } from './explain.mjs'
import { totalsOf } from './tests.mjs'

const npmRun = {
  npm_config_prefix: '/somewhere',
  npm_config_omit: 'dev',
  npm_config_registry: 'https://registry.example.org/',
  npm_config_https_proxy: 'http://proxy.example.org',
  npm_lifecycle_event: 'demo',
  NODE_ENV: 'production',
  NODE_OPTIONS: '--max-old-space-size=512',
  PATH: '/usr/bin',
  OUTDIAL_API_KEY: 'kept',
}

test('to install, only the settings of npm about the network are handed on', () => {
  const env = installEnvironment(npmRun)
  expect(env).toMatchObject({
    npm_config_registry: 'https://registry.example.org/',
    npm_config_https_proxy: 'http://proxy.example.org',
  })
  expect(Object.keys(env)).not.toEqual(expect.arrayContaining([expect.stringMatching(/prefix|omit|lifecycle/)]))
  expect(env).not.toHaveProperty('NODE_ENV')
  expect(env).not.toHaveProperty('NODE_OPTIONS')
})

test('the product gets what the user set, nothing of npm, and Node 24 first in the path', () => {
  const env = productEnvironment(npmRun)
  expect(env).toMatchObject({ OUTDIAL_API_KEY: 'kept', NODE_OPTIONS: '--max-old-space-size=512' })
  expect(Object.keys(env).filter((name) => name.startsWith('npm_'))).toEqual([])
  expect(env.PATH).toMatch(/^[^:]*node_modules\/\.bin:\/usr\/bin:/)
})

test.each([
  ['npm error code ENOTFOUND\nnpm error network request to https://…', 'cannot be reached'],
  ['× error sending request for url (https://registry.npmjs.org/pino)', 'cannot be reached'],
  ['npm error code ENOSPC', 'disk is full'],
  ['No space left on device (os error 28)', 'disk is full'],
  ['EACCES: permission denied, mkdir', 'cannot be written'],
  ['Error: ERR_PNPM_OUTDATED_LOCKFILE', 'pnpm-lock.yaml'],
  ['npm error code SELF_SIGNED_CERT_IN_CHAIN', 'certificate'],
])('after "%s" the user is told what to do', (output, advice) => {
  const message = explainFailure({ output, code: 1, root: '/clone' })
  expect(message).toContain(advice)
  expect(message).toContain('run the command again')
})

test('an unknown failure shows what was said', () => {
  expect(explainFailure({ output: 'first\nthe odd thing', code: 1, root: '/clone' })).toContain('the odd thing')
  expect(explainFailure({ output: '', code: 130, root: '/clone' })).toContain('interrupted')
})

test('tests are summed up, and what never ran counts as failed', () => {
  const report = (numPassedTests: number, statuses: string[], files: string[]) => ({
    numPassedTests,
    numFailedTests: statuses.filter((status) => status === 'failed').length,
    testResults: files.map((status, index) => ({
      status,
      assertionResults: index === 0 ? statuses.map((state) => ({ status: state })) : [],
    })),
  })
  expect(totalsOf(report(3, ['passed', 'passed', 'passed'], ['passed']), 0)).toEqual({ passed: 3, failed: 0 })
  expect(totalsOf(report(1, ['passed', 'failed'], ['failed']), 1)).toEqual({ passed: 1, failed: 1 })
  expect(totalsOf(report(1, ['passed'], ['passed', 'failed']), 1)).toEqual({ passed: 1, failed: 1 })
  expect(totalsOf(report(2, ['passed', 'passed'], ['passed']), 1)).toEqual({ passed: 2, failed: 1 })
  expect(totalsOf(undefined, 0)).toEqual({ passed: 0, failed: 1 })
})
