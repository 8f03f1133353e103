import { parseSync, Visitor } from 'oxc-parser'
import { isCode, isGenerated, isTest, lineAt, type Source } from './source.ts'

const maxFunctionLines = 70
const maxFileLines = 350

/** Functions and files that have grown past what can be read in one go. Tests and generated files may be longer. */
export function findOversized(sources: Source[]): string[] {
  const written = sources.filter((source) => isCode(source) && !isTest(source) && !isGenerated(source))
  return written.flatMap((source) => [...longFile(source), ...longFunctions(source)])
}

function longFile({ path, text }: Source): string[] {
  const lines = text.trimEnd().split('\n').length
  return lines > maxFileLines ? [`${path} has ${lines} lines; split it (at most ${maxFileLines})`] : []
}

function longFunctions({ path, text }: Source): string[] {
  const problems: string[] = []
  const measure = ({ start, end }: { start: number; end: number }) => {
    const first = lineAt(text, start)
    const lines = lineAt(text, end) - first + 1
    if (lines > maxFunctionLines) {
      problems.push(`${path}:${first} a function of ${lines} lines; split it (at most ${maxFunctionLines})`)
    }
  }
  const visitor = new Visitor({
    FunctionDeclaration: measure,
    FunctionExpression: measure,
    ArrowFunctionExpression: measure,
  })
  visitor.visit(parseSync(path, text).program)
  return problems
}
