import { Command, InvalidArgumentError } from 'commander'
import { z } from 'zod'
import { readTokenEnvironment } from '../config.ts'
import { wholeNumber } from '../options.ts'
import { signJwt } from '../sign-jwt.ts'

type Options = { workspace: string; subject: string; hours: number }

export function tokenCommand(): Command {
  return new Command('token')
    .summary('mint a token (JWT) for the API')
    .description('Prints a token for the API, signed with JWT_SECRET (HS256), for a person or program of a workspace.')
    .requiredOption('--workspace <id>', 'the workspace that it opens (UUID)', uuid)
    .requiredOption('--subject <name>', 'who uses it; named in the audit log')
    .option('--hours <n>', 'how long it is valid', wholeNumber({ min: 1, max: 24 * 365 }), 12)
    .action(({ workspace, subject, hours }: Options) => {
      const { JWT_SECRET: secret } = readTokenEnvironment()
      const issuedAt = Math.floor(Date.now() / 1000)
      const claims = { sub: subject, workspace_id: workspace, iat: issuedAt, exp: issuedAt + hours * 3_600 }
      process.stdout.write(`${signJwt(claims, secret)}\n`)
    })
}

function uuid(text: string): string {
  if (z.uuid().safeParse(text).success) return text
  throw new InvalidArgumentError('Use the id of a workspace; outdial workspace create prints it.')
}
