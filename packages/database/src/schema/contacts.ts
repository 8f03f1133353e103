import { sql } from 'drizzle-orm'
import {
  bigint,
  check,
  index,
  integer,
  jsonb,
  pgEnum,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import { createdAt, id, instant } from './columns.ts'
import { workspaces } from './workspaces.ts'

export const contactLists = pgTable(
  'contact_lists',
  {
    id: id(),
    workspaceId: uuid()
      .notNull()
      .references(() => workspaces.id),
    name: text().notNull(),
    createdAt: createdAt(),
    archivedAt: instant(),
  },
  (t) => [index('contact_lists_workspace').on(t.workspaceId, t.id)],
)

export const csvFileStatus = pgEnum('csv_file_status', ['importing', 'imported', 'failed'])

export const csvFiles = pgTable(
  'csv_files',
  {
    id: id(),
    workspaceId: uuid()
      .notNull()
      .references(() => workspaces.id),
    contactListId: uuid()
      .notNull()
      .references(() => contactLists.id),
    fileName: text().notNull(),
    defaultCountry: text(),
    /** Column name of the file for each field of a contact; the rest become variables. */
    mapping: jsonb().$type<Record<string, string>>().notNull().default({}),
    columns: jsonb().$type<string[]>().notNull().default([]),
    encoding: text(),
    delimiter: text(),
    status: csvFileStatus().notNull().default('importing'),
    bytes: bigint({ mode: 'number' }).notNull().default(0),
    rows: integer().notNull().default(0),
    accepted: integer().notNull().default(0),
    duplicates: integer().notNull().default(0),
    invalid: integer().notNull().default(0),
    error: text(),
    createdAt: createdAt(),
    /** Moves with every chunk; an import that stands still was cut off. */
    progressedAt: createdAt(),
    finishedAt: instant(),
  },
  (t) => [
    index('csv_files_workspace').on(t.workspaceId, t.id),
    index('csv_files_importing').on(t.contactListId).where(sql`${t.status} = 'importing'`),
    check('csv_files_adds_up', sql`${t.rows} = ${t.accepted} + ${t.duplicates} + ${t.invalid}`),
    check('csv_files_finished', sql`(${t.status} = 'importing') = (${t.finishedAt} is null)`),
  ],
)

export const csvRejects = pgTable(
  'csv_rejects',
  {
    csvFileId: uuid()
      .notNull()
      .references(() => csvFiles.id, { onDelete: 'cascade' }),
    workspaceId: uuid()
      .notNull()
      .references(() => workspaces.id),
    lineNumber: integer().notNull(),
    code: text().notNull(),
    reason: text().notNull(),
    value: text().notNull(),
  },
  (t) => [primaryKey({ columns: [t.csvFileId, t.lineNumber] })],
)

export const contacts = pgTable(
  'contacts',
  {
    id: id(),
    workspaceId: uuid()
      .notNull()
      .references(() => workspaces.id),
    contactListId: uuid()
      .notNull()
      .references(() => contactLists.id),
    csvFileId: uuid().references(() => csvFiles.id),
    lineNumber: integer(),
    externalId: text(),
    phoneNumber: text().notNull(),
    country: text(),
    name: text(),
    /** '' where unknown; several IANA names joined by ',' where the number leaves a choice. */
    zoneKey: text().notNull().default(''),
    zoneSource: text().notNull().default('unknown'),
    /** Every other column of the file, by its own name. */
    variables: jsonb().$type<Record<string, string>>().notNull().default({}),
    createdAt: createdAt(),
  },
  (t) => [
    uniqueIndex('contacts_number').on(t.contactListId, t.phoneNumber),
    uniqueIndex('contacts_external_id').on(t.contactListId, t.externalId).where(sql`${t.externalId} is not null`),
    index('contacts_list').on(t.contactListId, t.id),
    index('contacts_csv_file').on(t.csvFileId, t.id).where(sql`${t.csvFileId} is not null`),
    index('contacts_workspace_number').on(t.workspaceId, t.phoneNumber),
    check('contacts_e164', sql`${t.phoneNumber} ~ '^\\+[1-9][0-9]{1,14}$'`),
    check('contacts_zone_source', sql`${t.zoneSource} in ('contact', 'number', 'unknown')`),
  ],
)

export const suppressions = pgTable(
  'suppressions',
  {
    id: id(),
    workspaceId: uuid()
      .notNull()
      .references(() => workspaces.id),
    phoneNumber: text().notNull(),
    reason: text().notNull().default(''),
    /** `api`, `import`, or the call in which the person asked. */
    source: text().notNull(),
    callId: uuid(),
    createdAt: createdAt(),
  },
  (t) => [
    uniqueIndex('suppressions_number').on(t.workspaceId, t.phoneNumber),
    check('suppressions_e164', sql`${t.phoneNumber} ~ '^\\+[1-9][0-9]{1,14}$'`),
  ],
)
