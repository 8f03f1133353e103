import { connect } from '@outdial/database/client'
import { createApiKey } from '@outdial/dialing/workspaces/api-keys'
import { createWorkspace, createWorkspaceInput } from '@outdial/dialing/workspaces/workspaces'
import { Command } from 'commander'
import { readDatabaseEnvironment } from '../config.ts'
import { UsageError } from '../usage-error.ts'

export function workspaceCommand(): Command {
  const workspace = new Command('workspace').summary('make workspaces').description('Makes workspaces (tenants).')
  workspace
    .command('create')
    .summary('make a workspace and its first API key')
    .description('Makes a workspace in the database of DATABASE_URL. Prints its id and an API key, shown only once.')
    .argument('<name>', 'what people call it')
    .action(async (name: string) => {
      const input = createWorkspaceInput.safeParse({ name })
      if (!input.success) throw new UsageError(`The name ${input.error.issues[0]?.message}.`)
      const { DATABASE_URL: url } = readDatabaseEnvironment()
      const database = connect({ url, role: 'engine', maxConnections: 1 })
      try {
        const by = { actor: 'cli', now: new Date() }
        const created = await createWorkspace(database, input.data, by)
        const key = await createApiKey(database, { workspaceId: created.id, ...by }, { name: 'First key' })
        process.stdout.write(`workspace  ${created.id}\nAPI key    ${key.secret}\n`)
      } finally {
        await database.close()
      }
    })
  return workspace
}
