import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { type CsvFile, csvFile } from './answers.ts'
import { type ApiClient, ApiError } from './client.ts'
import type { Part } from './multipart.ts'

export type Upload = {
  path: string
  country?: string | undefined
  /** The column with telephone numbers, where it is not recognised by itself. */
  phoneColumn?: string | undefined
  contactListId?: string | undefined
  /** Told how much of the file has left, from 0 to 1. */
  onProgress?: (share: number) => void
}

/**
 * Sends a contact file to the API as a browser does, and waits until all of it is taken over.
 * @throws ApiError with what the API says about a file that cannot be read
 */
export async function uploadContacts(client: ApiClient, upload: Upload): Promise<CsvFile> {
  const { path, country, phoneColumn, contactListId, onProgress = () => {} } = upload
  const { size } = await stat(path)
  const stream = countBytes(createReadStream(path), (bytes) => onProgress(Math.min(1, bytes / size)))
  const parts: Part[] = [
    ...(country ? [{ name: 'defaultCountry', value: country }] : []),
    ...(phoneColumn ? [{ name: 'mapping', value: JSON.stringify({ phoneNumber: phoneColumn }) }] : []),
    ...(contactListId ? [{ name: 'contactListId', value: contactListId }] : []),
    { name: 'file', fileName: basename(path), stream },
  ]
  const file = await client.upload('/csv-files', { parts, answer: csvFile })
  if (file.status === 'imported') return file
  throw new ApiError(file.error ?? `The import of ${path} did not end. Upload the file again.`)
}

async function* countBytes(stream: AsyncIterable<Uint8Array>, onBytes: (sum: number) => void) {
  let sum = 0
  for await (const chunk of stream) {
    sum += chunk.length
    onBytes(sum)
    yield chunk
  }
}
