import type { HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'
import type { z } from 'zod'
import { parseJson } from '../parse-json.ts'
import { readBody } from '../read-body.ts'
import { invalidBody, problem } from './problem.ts'

const longestBody = 1024 * 1024

type SchemaOf<S> = S | ((body: unknown) => S)

/** The body as the schema has it, or the answer that says what is wrong with it. */
export async function readInput<S extends z.ZodType>(
  context: Context<{ Bindings: HttpBindings }>,
  schema: SchemaOf<S>,
): Promise<z.output<S> | Response> {
  const bytes = await readBody(context.env.incoming, longestBody)
  if (!bytes) return problem(413, { detail: `The request body is longer than ${longestBody} bytes.` })
  const body = parseJson(bytes.toString())
  const result = (typeof schema === 'function' ? schema(body) : schema).safeParse(body)
  return result.success ? result.data : invalidBody(result.error)
}
