import type { Brief } from './brief.ts'
import type { Line, Outcome, Report, Reporter, Transfer } from './reporter.ts'

export type Conclusion = {
  outcome: Exclude<Outcome, 'do_not_call' | 'voicemail'>
  summary: string
  callbackAt?: string
}

/** What is known of one call, and how it is told. It knows nothing of models, sound or rooms. */
export type Call = ReturnType<typeof beginCall>

/** A call that begins. Without a reporter it can be had all the same, and nobody hears of it. */
export function beginCall(brief: Brief, reporter: Reporter | null) {
  const answers: Record<string, string> = {}
  const lines: Line[] = []
  const telling = new Set<Promise<unknown>>()
  let conclusion: Pick<Report, 'outcome' | 'summary' | 'callbackAt'> = {}
  let ending: Promise<void> | undefined

  function tell(what: Promise<unknown> | undefined) {
    if (!what) return
    telling.add(what)
    void what.finally(() => telling.delete(what))
  }

  return {
    brief,
    canTransfer: reporter?.canTransfer ?? false,
    answers: () => ({ ...answers }),
    lines: () => [...lines],
    outcome: () => conclusion.outcome,

    /** Somebody has said something. */
    say(line: Line): void {
      lines.push(line)
      tell(reporter?.tellLine(`line-${lines.length}`, line))
    },

    saveAnswer(question: string, answer: string): void {
      answers[matchQuestion(brief.questions, question)] = answer
    },

    /** At once, while the call goes on: from here on nobody of the workspace calls this number. */
    async optOut(): Promise<void> {
      conclusion = { outcome: 'do_not_call', summary: 'Does not want to be called again.' }
      await reporter?.report('do-not-call', { outcome: 'do_not_call' })
    },

    /** What the conversation came to. A wish not to be called again is not taken back by it. */
    conclude({ outcome, summary, callbackAt }: Conclusion): void {
      const isFinal = conclusion.outcome === 'do_not_call' || conclusion.outcome === 'voicemail'
      const later = outcome === 'callback' && callbackAt && !Number.isNaN(Date.parse(callbackAt))
      conclusion = isFinal
        ? { ...conclusion, summary }
        : { outcome, summary, ...(later && { callbackAt: new Date(callbackAt).toISOString() }) }
    },

    machineAnswered(): void {
      conclusion = { outcome: 'voicemail', summary: 'A machine answered.' }
    },

    transfer: async (): Promise<Transfer> =>
      (await reporter?.transfer()) ?? { refused: 'This call names nobody to hand over to.' },

    /** Tells the whole, once, however often and from wherever it is asked for. Outdial waits ten seconds for it. */
    async end(): Promise<void> {
      ending ??= (async () => {
        if (lines.length === 0 && !conclusion.outcome) return
        // Beside lines that are still to be told: they may be repeated for longer than Outdial waits for this.
        await Promise.allSettled([...telling, reporter?.report('end', { transcript: lines, answers, ...conclusion })])
      })()
      await ending
    },
  }
}

/** The question as it was asked, where a model names it in other letters; else as the model names it. */
function matchQuestion(questions: string[], named: string): string {
  const bare = (text: string) =>
    text
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
      .trim()
  return questions.find((question) => bare(question) === bare(named)) ?? named
}
