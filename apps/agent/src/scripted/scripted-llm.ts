import { llm } from '@livekit/agents'
import { type Event, nextTurn, soundsLikeMachine, type Turn } from './script.ts'

type ChatOptions = Parameters<llm.LLM['chat']>[0]

/** The script in the place of a language model: the framework asks it for the next turn as it would ask one. */
export class ScriptedLlm extends llm.LLM {
  readonly #questions: string[]

  constructor(questions: string[]) {
    super()
    this.#questions = questions
  }

  override label(): string {
    return 'scripted'
  }

  override chat({ chatCtx, toolCtx, connOptions }: ChatOptions): llm.LLMStream {
    const options = {
      chatCtx,
      toolCtx,
      connOptions: connOptions ?? { maxRetry: 0, retryIntervalMs: 0, timeoutMs: 1_000 },
    }
    return new ScriptedStream(this, options, this.#questions)
  }
}

class ScriptedStream extends llm.LLMStream {
  readonly #questions: string[]

  constructor(model: ScriptedLlm, options: ConstructorParameters<typeof llm.LLMStream>[1], questions: string[]) {
    super(model, options)
    this.#questions = questions
  }

  protected override async run(): Promise<void> {
    const turn = this.#decide()
    if (turn.say) this.queue.put({ id: 'script', delta: { role: 'assistant', content: turn.say } })
    if (!turn.use) return
    const { tool, args } = turn.use
    const call = llm.FunctionCall.create({
      callId: `call_${this.chatCtx.items.length}`,
      name: tool,
      args: JSON.stringify(args),
    })
    this.queue.put({ id: 'script', delta: { role: 'assistant', toolCalls: [call] } })
  }

  #decide(): Turn {
    const events = eventsOf(this.chatCtx)
    const tools = Object.keys(this.toolCtx?.functionTools ?? {})
    // The framework asks like this who has picked up: it offers no tool but for the verdict.
    if (!tools.includes('save_prediction')) return nextTurn({ questions: this.#questions, tools }, events)
    const heard = events.flatMap((event) => (event.kind === 'said' && event.by === 'callee' ? [event.text] : []))
    const label = soundsLikeMachine(heard.join(' ')) ? 'machine-vm' : 'human'
    return { use: { tool: 'save_prediction', args: { label } } }
  }
}

function eventsOf({ items }: llm.ChatContext): Event[] {
  return items.flatMap((item): Event[] => {
    if (item.type === 'function_call_output') return [{ kind: 'used', tool: item.name, result: item.output }]
    if (item.type !== 'message' || (item.role !== 'assistant' && item.role !== 'user')) return []
    return [{ kind: 'said', by: item.role === 'assistant' ? 'agent' : 'callee', text: item.textContent ?? '' }]
  })
}
