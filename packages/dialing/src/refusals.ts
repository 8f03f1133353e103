/** What a verb answers when it will not do as asked. The API turns each into a status; nothing else is the caller's fault. */
export class Refusal extends Error {
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.name = new.target.name
    this.code = code
  }
}

/** No such row in this workspace. A foreign id looks the same, on purpose. */
export class NotFound extends Refusal {
  constructor(what: string, id: string) {
    super('not_found', `There is no ${what} ${id} in this workspace. Check the id.`)
  }
}

export type WrongField = { field: string; code: string; message: string }

/** The input reads well but cannot be carried out, for example because it names something that does not exist. */
export class InvalidInput extends Refusal {
  readonly fields: WrongField[]

  constructor(fields: WrongField[]) {
    super('invalid_input', fields.map((f) => `${f.field}: ${f.message}`).join('; '))
    this.fields = fields
  }
}

/** The state of things does not allow it now. */
export class Conflict extends Refusal {
  readonly details: Record<string, unknown>

  constructor(code: string, message: string, details: Record<string, unknown> = {}) {
    super(code, message)
    this.details = details
  }
}
