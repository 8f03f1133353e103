import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { root } from './environment.mjs'
import { Advice } from './say.mjs'

const wantedMajor = 24

/** Node 24: the one of the workspace, else the one we run on if it is new enough. */
export async function findNode(env) {
  const own = join(root, 'node_modules/.bin/node')
  const failures = []
  for (const candidate of [own, process.execPath]) {
    try {
      const { stdout } = await promisify(execFile)(candidate, ['--version'], { env, timeout: 30_000 })
      if (Number(/^v(\d+)/.exec(stdout)?.[1]) >= wantedMajor) return candidate
      failures.push(`${candidate} is ${stdout.trim()}`)
    } catch (error) {
      failures.push(`${candidate}: ${(error.stderr || error.message).trim()}`)
    }
  }
  throw new Advice(
    `Outdial runs on Node ${wantedMajor}, and none was found that works here:\n  ${failures.join('\n  ')}\n` +
      `If NODE_OPTIONS is named above, unset it. If the first file is missing, the install script of the npm package ` +
      `"node" was not allowed to run (ignore-scripts). Otherwise install Node ${wantedMajor} and run the command again.`,
  )
}
