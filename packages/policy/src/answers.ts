import { fillPrompt } from './prompt.ts'

/** An agent's answers, told apart by the question each belongs to. */
export type SortedAnswers = {
  /** One per question; empty where nothing was answered. */
  answers: string[]
  /** What belongs to none of the questions, under the agent's own names. */
  others: Record<string, string>
}

/**
 * Finds the question that each answer belongs to. Agents name them as they like: by the question as they asked it, with
 * its placeholders filled or not, in other case and punctuation, or by its number (`1`, `q1`, `question_1`). Of several
 * answers to one question the first counts, and one by its wording before one by its number.
 */
export function answerSorter(questions: readonly string[]): (told: Record<string, unknown>) => SortedAnswers {
  const exact = new Map<string, number>()
  for (const [index, question] of questions.entries()) {
    const key = comparable(question)
    if (!exact.has(key)) exact.set(key, index)
  }
  const patterns = questions.map(patternOf)
  const questionOf = (name: string): number => {
    const key = comparable(name)
    const same = exact.get(key)
    if (same !== undefined) return same
    const number = numberIn(key)
    if (number !== null && questions[number - 1] !== undefined) return number - 1
    if (key === 'question' && questions.length === 1) return 0
    return patterns.findIndex((pattern) => pattern?.(key) ?? false)
  }
  return (told) => {
    const answers = questions.map(() => '')
    const others: [string, string][] = []
    const byNumber = ([name]: [string, unknown]) => (numberIn(comparable(name)) === null ? 0 : 1)
    for (const [name, value] of Object.entries(told).toSorted((a, b) => byNumber(a) - byNumber(b))) {
      const text = answerText(value)
      const index = questionOf(name)
      if (answers[index] === '') answers[index] = text
      else if (text !== '') others.push([name, text])
    }
    // Also right for an answer to a question that is called __proto__.
    return { answers, others: Object.fromEntries(others) }
  }
}

function numberIn(key: string): number | null {
  const digits = /^(?:(?:q|question|answer) ?)?(\d{1,3})$/.exec(key)?.[1]
  return digits === undefined ? null : Number(digits)
}

/** An answer as one text: lists with commas, anything deeper as JSON. */
export function answerText(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'string') return value.trim()
  if (typeof value !== 'object') return JSON.stringify(value)
  const isPlainList = Array.isArray(value) && value.every((each) => typeof each !== 'object' || each === null)
  return isPlainList ? value.map(answerText).join(', ') : JSON.stringify(value)
}

const gap = '\u0000'

/** Whether a name could be the question with its placeholders filled; undefined for one without placeholders. */
function patternOf(question: string): ((key: string) => boolean) | undefined {
  const names = fillPrompt(question, {}).missing
  if (names.length === 0) return undefined
  const marked = fillPrompt(question, Object.fromEntries(names.map((name) => [name, gap]))).text
  const parts = marked.split(gap).map(comparable)
  // Where all of it is placeholders, anything would fit.
  return parts.some((part) => part !== '') ? (key) => containsInOrder(key, parts) : undefined
}

/** Plain searching instead of a pattern with gaps, which would take long for some questions. */
function containsInOrder(key: string, parts: string[]): boolean {
  const first = parts[0] ?? ''
  const last = parts.at(-1) ?? ''
  if (!key.startsWith(first) || !key.endsWith(last)) return false
  let from = first.length
  for (const part of parts.slice(1, -1)) {
    const at = key.indexOf(part, from)
    if (at < 0) return false
    from = at + part.length
  }
  return from <= key.length - last.length
}

/** "Do you live in Rome?" and "do_you_live_in_rome" are one question. */
function comparable(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s\p{P}\p{S}]+/gu, ' ')
    .trim()
}
