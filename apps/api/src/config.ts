import { chosenApiKey } from '@outdial/dialing/workspaces/workspaces'
import { port, readConfig } from '@outdial/service/config'
import { callDefaultsEnvironment, recordingEnvironment, roleEnvironment } from '@outdial/service/environment'
import { z } from 'zod'

const environment = roleEnvironment
  .extend({
    ...recordingEnvironment.shape,
    PORT: port.default(3000),
    ...callDefaultsEnvironment.shape,
    /** Tokens are signed with this secret (HS256)… */
    JWT_SECRET: z
      .string()
      .min(32, 'set it to a secret of at least 32 characters, the same where tokens are minted')
      .optional(),
    /** …or with the private keys whose public ones are published here. */
    JWKS_URL: z.url({ protocol: /^https?$/, error: 'set it to the https address of a JSON Web Key Set' }).optional(),
    /** A key for the workspace Default; both are made if missing. */
    OUTDIAL_API_KEY: chosenApiKey.optional(),
    /** Per API key or user, in this process. */
    RATE_LIMIT_PER_MINUTE: z.coerce
      .number('set it to a whole number from 1 to 1000000')
      .int()
      .min(1)
      .max(1_000_000)
      .default(1_200),
  })
  .refine((env) => !(env.JWT_SECRET && env.JWKS_URL), {
    path: ['JWKS_URL'],
    error: 'JWT_SECRET is set as well: keep the one that signs the tokens',
  })

/** The settings of this process. @throws ConfigError naming every wrong variable */
export const readEnvironment = () => readConfig(environment, process.env)
