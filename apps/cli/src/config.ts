import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chosenApiKey } from '@outdial/dialing/workspaces/workspaces'
import {
  clockOrigin,
  clockSpeed,
  clockStart,
  databaseUrl,
  livekitApiKey,
  livekitApiSecret,
  livekitUrl,
  logLevel,
  noticesAllowPrivate,
  port,
  publicUrl,
  readConfig,
  redisUrl,
} from '@outdial/service/config'
import { callDefaultsEnvironment, providerEnvironment, recordingEnvironment } from '@outdial/service/environment'
import { z } from 'zod'

const cacheFolder = fileURLToPath(new URL('../../../.cache', import.meta.url))

/** Where `outdial dev` and `outdial demo` keep their data, unless told otherwise. */
const dataDirectory = z.string().default(cacheFolder)

const jwtSecret = z.string().min(32, 'set it to a secret of at least 32 characters, the same as for the API')

/** Their own addresses and logs; shared by the commands that start all roles. */
const allRoles = z.object({
  PORT: port.optional(),
  SIMULATOR_PORT: port.optional(),
  /** Only this machine can reach it, unless somebody wants otherwise. */
  HOST: z.string().default('127.0.0.1'),
  LOG_LEVEL: logLevel.unwrap().default('warn'),
  OUTDIAL_DATA_DIRECTORY: dataDirectory,
})

const dev = allRoles.extend({
  ...providerEnvironment.shape,
  ...callDefaultsEnvironment.shape,
  ...recordingEnvironment.shape,
  OUTDIAL_API_KEY: chosenApiKey.optional(),
  DATABASE_URL: databaseUrl.optional(),
  REDIS_URL: redisUrl,
  LIVEKIT_URL: livekitUrl.optional(),
  LIVEKIT_API_KEY: livekitApiKey.optional(),
  LIVEKIT_API_SECRET: livekitApiSecret.optional(),
  PUBLIC_URL: publicUrl.optional(),
  JWT_SECRET: jwtSecret.optional(),
  JWKS_URL: z.url({ protocol: /^https?$/, error: 'set it to the address of a JSON Web Key Set' }).optional(),
  CLOCK_SPEED: clockSpeed,
  CLOCK_ORIGIN: clockOrigin,
  CLOCK_START: clockStart,
  NOTICES_ALLOW_PRIVATE: noticesAllowPrivate,
})
const livekitProject = z.object({
  LIVEKIT_URL: livekitUrl,
  LIVEKIT_API_KEY: livekitApiKey,
  LIVEKIT_API_SECRET: livekitApiSecret,
})

export type DevEnvironment = z.infer<typeof dev>

/** Settings of `outdial dev`. @throws ConfigError naming every wrong variable */
export function readDevEnvironment(): DevEnvironment {
  const env = readConfig(dev, process.env)
  if (env.LIVEKIT_URL) readConfig(livekitProject, process.env)
  return env
}

export type DemoEnvironment = z.infer<typeof allRoles> & { isDatabaseIgnored: boolean }

/** Settings of `outdial demo`, which never touches the database of a real installation. @throws ConfigError */
export function readDemoEnvironment(): DemoEnvironment {
  return { ...readConfig(allRoles, process.env), isDatabaseIgnored: Boolean(process.env.DATABASE_URL) }
}

/** @throws ConfigError */
export function readDatabaseEnvironment(): { DATABASE_URL: string; REDIS_URL?: string | undefined } {
  return readConfig(z.object({ DATABASE_URL: databaseUrl, REDIS_URL: redisUrl }), process.env)
}

/** @throws ConfigError */
export function readTokenEnvironment(): { JWT_SECRET: string } {
  return readConfig(z.object({ JWT_SECRET: jwtSecret }), process.env)
}

const client = z.object({
  OUTDIAL_URL: z
    .url({ protocol: /^https?$/, error: 'set it to the address of the API such as http://127.0.0.1:3000' })
    .default('http://127.0.0.1:3000')
    .transform((url) => url.replace(/\/+$/, '')),
  OUTDIAL_API_KEY: z
    .string('set it to an API key of your workspace; outdial dev prints one')
    .regex(/^[\x21-\x7e]+$/, 'set it to an API key: printable ASCII without spaces'),
})

/** For the commands that talk to a running installation. @throws ConfigError */
export function readClientEnvironment(): z.infer<typeof client> {
  return readConfig(client, process.env)
}

/** Where the embedded PostgreSQL of a command lives. */
export function postgresDirectory(dataDirectoryPath: string, command: 'dev' | 'demo'): string {
  return join(dataDirectoryPath, command, 'postgres')
}
