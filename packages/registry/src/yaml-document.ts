import { isAlias, isMap, isScalar, isSeq, Lexer, type Node, Parser, parseDocument } from 'yaml'
import type { RegistryProblem } from './registry-error.ts'
import type { PathStep, Position, TenantDocument } from './source.ts'

/** No tenant needs more; the parser's own recursion can end the process on hostile nesting. */
const maxDepth = 48
/** Enough to mend a file by, and a bound on what a hostile one can make us write. */
const maxProblems = 20

type YamlReading =
  | { readonly ok: true; readonly document: TenantDocument }
  | { readonly ok: false; readonly problems: readonly RegistryProblem[] }

/**
 * Reads the plain subset of YAML that a tenant's file may use: maps with text keys, lists and
 * scalars. Anchors, aliases, tags, duplicate keys and a second document are problems, so a small
 * file cannot grow.
 */
export function readYaml(file: string, text: string): YamlReading {
  const problems: RegistryProblem[] = []
  const offsets = new Map<string, number>()

  function report(offset: number, message: string): undefined {
    if (problems.length < maxProblems) {
      problems.push({ file, ...positionOf(text, offset), message })
    }
  }
  function visit(node: Node | null, path: readonly PathStep[], near: number): unknown {
    const at = node?.range?.[0] ?? near
    const key = keyOf(path)
    if (!offsets.has(key)) offsets.set(key, at)
    if (node === null) return null
    if (isAlias(node)) return report(at, 'an alias; write the value out')
    if (node.tag !== undefined) return report(at, 'a tag; write a plain value')
    if ('anchor' in node && node.anchor !== undefined) return report(at, 'an anchor; remove it')
    if (isScalar(node)) return node.value
    if (isSeq<Node | null>(node)) {
      return node.items.map((item, index) => visit(item, [...path, index], at))
    }
    if (!isMap<Node | null, Node | null>(node)) return report(at, 'not a map, a list or a scalar')
    const result: Record<string, unknown> = {}
    for (const pair of node.items) {
      const keyAt = pair.key?.range?.[0] ?? at
      const name = plainKey(pair.key)
      if (name === undefined) {
        report(keyAt, 'a key that is no plain text')
      } else if (Object.hasOwn(result, name)) {
        report(keyAt, 'a key for the second time')
      } else {
        offsets.set(keyOf([...path, name]), keyAt)
        result[name] = visit(pair.value, [...path, name], keyAt)
      }
    }
    return result
  }

  const tooDeep = offsetOfDepth(text, maxDepth)
  if (tooDeep !== undefined) {
    report(tooDeep, `nested deeper than ${maxDepth} levels`)
    return { ok: false, problems }
  }
  const parsed = parseDocument<Node>(text, {
    prettyErrors: false,
    strict: true,
    // Its own check compares every key with every other one; ours is linear.
    uniqueKeys: false,
    version: '1.2',
    // 'silent' would also let a second document pass.
    logLevel: 'error',
  })
  // The parser's messages quote the file; its codes do not.
  for (const { code, pos } of [...parsed.errors, ...parsed.warnings]) {
    report(pos[0], `not valid YAML: ${code.toLowerCase().replaceAll('_', ' ')}`)
  }
  const value = problems.length === 0 ? visit(parsed.contents, [], 0) : undefined
  if (problems.length > 0) return { ok: false, problems }
  const locate = (path: readonly PathStep[]): Position =>
    positionOf(text, nearestOffset(offsets, path))
  return { ok: true, document: { file, value, locate } }
}

/** Where the nesting first exceeds `depth`: found with a stack of the parser's own, not by recursion. */
function offsetOfDepth(text: string, depth: number): number | undefined {
  const parser = new Parser()
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) void token
    if (parser.stack.length > depth) return parser.offset
  }
  return undefined
}

function plainKey(key: Node | null): string | undefined {
  if (!isScalar(key) || key.tag !== undefined || key.anchor !== undefined) return undefined
  return typeof key.value === 'string' && key.value !== '__proto__' ? key.value : undefined
}

function positionOf(text: string, offset: number): Position {
  const before = text.slice(0, offset)
  const line = before.split('\n').length
  return { line, column: offset - (before.lastIndexOf('\n') + 1) + 1 }
}

function nearestOffset(offsets: ReadonlyMap<string, number>, path: readonly PathStep[]): number {
  for (let length = path.length; length > 0; length -= 1) {
    const found = offsets.get(keyOf(path.slice(0, length)))
    if (found !== undefined) return found
  }
  return offsets.get(keyOf([])) ?? 0
}

function keyOf(path: readonly PathStep[]): string {
  return JSON.stringify(path)
}
