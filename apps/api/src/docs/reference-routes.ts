import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { OpenAPIHono } from '@hono/zod-openapi'
import { Scalar } from '@scalar/hono-api-reference'
import type { Handler } from 'hono'
import type { ApiEnv } from '../context.ts'
import { describeNotices } from '../notices/notice-webhooks.ts'
import { callbackTag } from './callback-routes.ts'

/** The page's one script, out of the npm package and not from a CDN: it has to work without the internet. */
const script = fileURLToPath(new URL('browser/standalone.js', import.meta.resolve('@scalar/api-reference')))

/** Scalar styles itself at run time and shows images of its own as data; nothing else comes from elsewhere. */
const contentSecurityPolicy =
  "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; " +
  "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'"

/** The API's own description: the document at /openapi.json and a page that shows it at /docs. */
export function addReference(app: OpenAPIHono<ApiEnv>, { publicUrl }: { publicUrl?: string }): void {
  app.openAPIRegistry.registerComponent('securitySchemes', 'apiKey', {
    type: 'apiKey',
    in: 'header',
    name: 'x-api-key',
    description: 'A key of a workspace, from `POST /api/v1/api-keys`.',
  })
  app.openAPIRegistry.registerComponent('securitySchemes', 'bearer', {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'A token with the claims `sub`, `workspace_id` and `exp`.',
  })

  describeNotices(app)

  let document: ReturnType<typeof describe> | undefined
  const describe = () =>
    app.getOpenAPI31Document({
      openapi: '3.1.0',
      info: { title: 'Outdial', version: '1', description },
      // The page calls the first one, which works under whatever address it was opened.
      servers: [{ url: '/' }, ...(publicUrl ? [{ url: publicUrl }] : [])],
      tags,
    })
  app.get('/openapi.json', (c) => {
    document ??= describe()
    return c.json(document)
  })
  app.get('/', (c) => c.json({ name: 'Outdial', reference: '/docs', openapi: '/openapi.json', api: '/api/v1' }))
  app.get('/docs/scalar.js', createScriptRoute())
  app.get('/docs', async (c, next) => {
    await next()
    c.res.headers.set('content-security-policy', contentSecurityPolicy)
  })
  app.get(
    '/docs',
    Scalar<ApiEnv>({
      url: '/openapi.json',
      cdn: '/docs/scalar.js',
      bundle: false,
      pageTitle: 'Outdial API',
      authentication: { preferredSecurityScheme: 'apiKey' },
      // Everything that would go to Scalar's own services.
      withDefaultFonts: false,
      telemetry: false,
      agent: { disabled: true },
      mcp: { disabled: true },
      showDeveloperTools: 'never',
      hideClientButton: true,
    }),
  )
}

/** Read when somebody asks for the first time: most processes never show the page. */
function createScriptRoute(): Handler<ApiEnv> {
  let reading: Promise<Buffer<ArrayBuffer>> | undefined
  return async (c) => {
    reading ??= readFile(script)
    const headers = { 'content-type': 'text/javascript; charset=utf-8', 'cache-control': 'public, max-age=3600' }
    return c.body(await reading, 200, headers)
  }
}

const description = `Outbound AI voice campaigns on LiveKit.

Every request below \`/api/v1\` needs an API key (\`x-api-key\`) or a JWT (\`Authorization: Bearer\`).
Errors are \`application/problem+json\` (RFC 9457) with a stable \`code\` and, for bad input, one entry per wrong field.
Lists come in pages: pass \`nextCursor\` of one page as \`cursor\` for the next.
A \`POST\` with an \`Idempotency-Key\` can be repeated safely for 24 hours.`

const tags = [
  { name: 'Campaigns', description: 'A list × an assistant × a trunk × rules for when, how fast and how often.' },
  { name: 'Contacts', description: 'Who can be called, and CSV files that say so.' },
  { name: 'Suppressions', description: 'Numbers that must not be called.' },
  { name: 'Calls', description: 'Attempts to reach one number.' },
  { name: 'Assistants', description: 'How the AI talks.' },
  { name: 'Trunks', description: 'The way out to the telephone network.' },
  { name: 'LiveKit', description: 'The parts of a call, one by one.' },
  {
    name: 'Moving over',
    description: 'Addresses and shapes of other dialers, for systems that were written for those.',
  },
  { name: 'Phone numbers', description: 'Numbers that people call, and who answers there.' },
  callbackTag,
  { name: 'Notices', description: 'What your systems are told: signed POSTs, and what became of them.' },
  { name: 'Workspace', description: 'The tenant and its API keys.' },
]
