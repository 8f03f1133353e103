import { migrate } from '@outdial/database/migrate'
import { migrateQueue } from '@outdial/queue/queue'
import { Command } from 'commander'
import { readDatabaseEnvironment } from '../config.ts'

export function migrateCommand(): Command {
  return new Command('migrate')
    .summary('bring a database up to date')
    .description(
      'Creates or updates the tables of Outdial in the database of DATABASE_URL, and those of the queue unless ' +
        'REDIS_URL is set. Safe to run again and from several machines at once.',
    )
    .action(async () => {
      const { DATABASE_URL: databaseUrl, REDIS_URL: redisUrl } = readDatabaseEnvironment()
      await migrate(databaseUrl)
      await migrateQueue({ databaseUrl, ...(redisUrl && { redisUrl }) })
      process.stdout.write(`The database ${new URL(databaseUrl).pathname.slice(1)} is up to date.\n`)
    })
}
