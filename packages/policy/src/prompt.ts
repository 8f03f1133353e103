/**
 * A name in one or two pairs of braces: `{first_name}`, `{{ First Name }}`. Quotes, colons and commas are not part of
 * names, so the braces of JSON stay as they are.
 */
const placeholder =
  /\{\{\s*([\p{L}_][\p{L}\p{M}\p{N} _.-]{0,63}?)\s*\}\}|\{\s*([\p{L}_][\p{L}\p{M}\p{N} _.-]{0,63}?)\s*\}/gu

/**
 * Fills placeholders from the values, else from the defaults, else with nothing. `missing` names each placeholder that
 * had no value, as it is written, also when a default stood in. What is filled in is not searched for placeholders.
 */
export function fillPrompt(
  template: string,
  values: Record<string, unknown>,
  defaults: Record<string, unknown> = {},
): { text: string; missing: string[] } {
  return promptFiller([values], defaults)(template)
}

/**
 * The same for several templates at once. Of several sources, each fills what those before it have nothing for. Reads
 * them when the first placeholder turns up: most templates have none.
 */
export function promptFiller(
  sources: readonly Record<string, unknown>[],
  defaults: Record<string, unknown> = {},
): (template: string) => { text: string; missing: string[] } {
  let given: Map<string, string> | undefined
  let standIns: Map<string, string> | undefined
  return (template) => {
    if (!template.includes('{')) return { text: template, missing: [] }
    const missing = new Map<string, string>()
    const text = template.replace(placeholder, (_, inTwo?: string, inOne?: string) => {
      const name = inTwo ?? inOne ?? ''
      const key = comparable(name)
      given ??= byComparableName(sources)
      const value = given.get(key)
      if (value !== undefined) return value
      if (!missing.has(key)) missing.set(key, name)
      standIns ??= byComparableName([defaults])
      return standIns.get(key) ?? ''
    })
    return { text, missing: [...missing.values()] }
  }
}

/** The names a prompt asks for, each once, as first written. */
export function placeholdersOf(template: string): string[] {
  const names = new Map<string, string>()
  for (const [, inTwo, inOne] of template.matchAll(placeholder)) {
    const name = inTwo ?? inOne ?? ''
    if (!names.has(comparable(name))) names.set(comparable(name), name)
  }
  return [...names.values()]
}

/** "First Name", "first_name" and "firstName" are one name: people do not type a column's name twice the same way. */
function comparable(name: string): string {
  return name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s_-]+/g, '')
}

function byComparableName(sources: readonly Record<string, unknown>[]): Map<string, string> {
  const texts = new Map<string, string>()
  for (const [name, value] of sources.flatMap((source) => Object.entries(source))) {
    const text = textOf(value)
    const key = comparable(name)
    if (text !== '' && !texts.has(key)) texts.set(key, text)
  }
  return texts
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value.trim()
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (value instanceof Date) return value.toISOString()
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : ''
}
