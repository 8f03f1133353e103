import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import {
  archiveContactList,
  contactListInput,
  createContactList,
  listContactLists,
  readContactList,
} from '@outdial/dialing/contacts/contact-lists'
import { addContacts, addContactsInput, listContacts } from '@outdial/dialing/contacts/contacts'
import type { ApiEnv, RouteDeps } from '../context.ts'
import { idPath, jsonAnswer, jsonBody, pageOf, pageQuery, problems, repeatable, security } from '../http/route-parts.ts'

const contactListAnswer = z
  .object({ id: z.uuid(), name: z.string(), createdAt: z.date(), archivedAt: z.date().nullable() })
  .openapi('ContactList')

const contactListWithCounts = contactListAnswer
  .extend({
    contacts: z.int().openapi({ description: 'How many contacts it has.' }),
    importing: z.int().openapi({ description: 'CSV files that are being imported into it right now.' }),
  })
  .openapi('ContactListWithCounts')

const contactAnswer = z
  .object({
    id: z.uuid(),
    contactListId: z.uuid(),
    csvFileId: z.uuid().nullable(),
    lineNumber: z.int().nullable().openapi({ description: 'Where it stands in the CSV file.' }),
    externalId: z.string().nullable(),
    phoneNumber: z.string(),
    country: z.string().nullable(),
    name: z.string().nullable(),
    zoneKey: z.string().openapi({
      description:
        'Codes of the calling-hour rules of its place and an @ (where there are rules), then the time zones it may live ' +
        'in, joined with commas: US-FL@America/New_York, Europe/Berlin; without zones if unknown.',
    }),
    zoneSource: z.string().openapi({ description: '`contact`, `number` or `unknown`.' }),
    variables: z.record(z.string(), z.string()),
    createdAt: z.date(),
  })
  .openapi('Contact')

const addedAnswer = z
  .object({
    accepted: z.int(),
    skipped: z.int().openapi({ description: 'Their number or external id is in the list already.' }),
    invalid: z.int(),
    contacts: z
      .array(
        z.union([
          z.object({ index: z.int(), status: z.literal('accepted'), id: z.uuid() }),
          z.object({ index: z.int(), status: z.enum(['skipped', 'invalid']), code: z.string(), reason: z.string() }),
        ]),
      )
      .openapi({ description: 'One entry per contact of the request, in its order.' }),
  })
  .openapi('AddedContacts')

const about = { tags: ['Contacts'], security }

const list = createRoute({
  method: 'get',
  path: '/contact-lists',
  ...about,
  operationId: 'listContactLists',
  summary: 'List contact lists, newest first',
  request: { query: pageQuery },
  responses: { 200: jsonAnswer('One page of lists.', pageOf(contactListAnswer)), ...problems() },
})

const create = createRoute({
  method: 'post',
  path: '/contact-lists',
  ...about,
  operationId: 'createContactList',
  summary: 'Create a contact list',
  request: { headers: repeatable, body: jsonBody(contactListInput) },
  responses: { 201: jsonAnswer('The new list.', contactListAnswer), ...problems(409, 413, 415) },
})

const read = createRoute({
  method: 'get',
  path: '/contact-lists/{id}',
  ...about,
  operationId: 'readContactList',
  summary: 'Read a contact list and how many contacts it has',
  request: { params: idPath },
  responses: { 200: jsonAnswer('The list.', contactListWithCounts), ...problems(404) },
})

const remove = createRoute({
  method: 'delete',
  path: '/contact-lists/{id}',
  ...about,
  operationId: 'deleteContactList',
  summary: 'Delete a contact list',
  description: 'Calls and results stay. Campaigns on it have to be stopped first.',
  request: { params: idPath },
  responses: { 204: { description: 'It is gone.' }, ...problems(404, 409) },
})

const listMembers = createRoute({
  method: 'get',
  path: '/contact-lists/{id}/contacts',
  ...about,
  operationId: 'listContacts',
  summary: 'List the contacts of a list, in the order in which they came',
  request: { params: idPath, query: pageQuery },
  responses: { 200: jsonAnswer('One page of contacts.', pageOf(contactAnswer)), ...problems(404) },
})

const addMembers = createRoute({
  method: 'post',
  path: '/contact-lists/{id}/contacts',
  ...about,
  operationId: 'addContacts',
  summary: 'Add up to 10,000 contacts to a list',
  description:
    'Repeated numbers and external ids are skipped. Campaigns that run on the list call the new ones as well.',
  request: { params: idPath, headers: repeatable, body: jsonBody(addContactsInput) },
  responses: { 201: jsonAnswer('What became of each contact.', addedAnswer), ...problems(404, 409, 413, 415) },
})

/** Who can be called. */
export function contactListRoutes(deps: RouteDeps) {
  const app = new OpenAPIHono<ApiEnv>()
  app.openapi(list, async (c) => c.json(await listContactLists(deps, c.var.who, c.req.valid('query')), 200))
  app.openapi(create, async (c) => c.json(await createContactList(deps, c.var.who, c.req.valid('json')), 201))
  app.openapi(read, async (c) => {
    const { id } = c.req.valid('param')
    return c.json(await readContactList(deps, c.var.who, { contactListId: id }), 200)
  })
  app.openapi(remove, async (c) => {
    await archiveContactList(deps, c.var.who, { contactListId: c.req.valid('param').id })
    return c.body(null, 204)
  })
  app.openapi(listMembers, async (c) => {
    const { id } = c.req.valid('param')
    return c.json(await listContacts(deps, c.var.who, { contactListId: id, ...c.req.valid('query') }), 200)
  })
  app.openapi(addMembers, async (c) => {
    const { id } = c.req.valid('param')
    return c.json(await addContacts(deps, c.var.who, { contactListId: id, ...c.req.valid('json') }), 201)
  })
  return app
}
