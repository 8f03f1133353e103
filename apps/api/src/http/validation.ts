import type { Hook } from '@hono/zod-openapi'
import type { z } from 'zod'
import type { ApiEnv } from '../context.ts'
import { invalidRequest, Problem, type WrongField } from './problem.ts'

/** Turns what the schemas find into one problem that names every field. */
export const refuseInvalid: Hook<unknown, ApiEnv, string, unknown> = (result) => {
  if (result.success) return
  // An id that cannot exist is an id that does not exist.
  if (result.target === 'param') {
    throw new Problem(404, 'not_found', { detail: 'There is nothing with this id in this workspace. Check the id.' })
  }
  throw invalidRequest(wrongFields(result.error.issues))
}

/** For what no validator of a route has seen, such as the fields of an upload. */
export function parseOrRefuse<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw invalidRequest(wrongFields(parsed.error.issues))
}

export function wrongFields(issues: readonly z.core.$ZodIssue[], at: readonly PropertyKey[] = []): WrongField[] {
  return issues.flatMap((issue) => {
    const path = [...at, ...issue.path]
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownField([...path, key]))
    const field = fieldName(path)
    if (issue.code === 'invalid_key')
      return [{ field, code: 'invalid_key', message: issue.issues[0]?.message ?? issue.message }]
    if (issue.code === 'custom') return [{ field, code: customCode(issue.params?.code), message: issue.message }]
    if (isMissing(issue)) return [{ field, code: 'required', message: 'is required' }]
    return [{ field, code: issue.code, message: issue.message.replace(/^Invalid input: /, '') }]
  })
}

function unknownField(path: readonly PropertyKey[]): WrongField {
  const field = fieldName(path)
  return { field, code: 'unknown_field', message: 'unknown field: leave it out, or check how it is written' }
}

/** Our own checks may say more than that something is wrong. */
function customCode(code: unknown): string {
  return typeof code === 'string' ? code : 'invalid'
}

function isMissing(issue: z.core.$ZodIssue): boolean {
  return issue.code !== 'custom' && issue.input === undefined && issue.message.endsWith('received undefined')
}

function fieldName(path: readonly PropertyKey[]): string {
  return path.map(String).join('.') || 'body'
}
