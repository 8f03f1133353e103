import type postgres from 'postgres'

/** A list of parameters comes in any length, and each length is a text of its own: the long ones stay one-offs. */
const maxParameters = 60

/**
 * Lets a client prepare what drizzle hands it. The driver takes finished text for a one-off, whatever is asked of it:
 * described first, then run, so two round trips and a new parse each time. Prepared, it takes one from the second time
 * on. Statements last as long as their connection, at most an hour.
 */
export function prepared<Client extends postgres.Sql | postgres.TransactionSql>(client: Client): Client {
  return new Proxy(client, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name)
      if (name === 'unsafe') return unsafeOf(target)
      if ((name === 'begin' || name === 'savepoint') && typeof value === 'function') {
        return (...args: unknown[]): unknown => Reflect.apply(value, target, args.map(inTransaction))
      }
      return value
    },
  })
}

function unsafeOf(client: postgres.Sql | postgres.TransactionSql): postgres.Sql['unsafe'] {
  return (text, parameters = [], options = {}) =>
    client.unsafe(text, parameters, { ...options, prepare: parameters.length <= maxParameters })
}

/** The work of a transaction gets a client of its own, which has to prepare as well. */
function inTransaction(argument: unknown): unknown {
  if (typeof argument !== 'function') return argument
  return (tx: postgres.TransactionSql): unknown => Reflect.apply(argument, undefined, [prepared(tx)])
}
