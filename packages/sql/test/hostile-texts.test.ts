import { splitStatements } from '@partywall/sql'
import { beforeAll, describe, expect, it } from 'vitest'
import { statementShape } from '../src/guard/statement-shape.ts'
import { judge } from '../src/guard/verdict.ts'
import { withoutComments } from '../src/guard/without-comments.ts'
import { collapseValues } from '../src/parse/collapse-values.ts'
import { loadParser, parse } from '../src/parse/parse.ts'
import { schema } from './world.ts'

beforeAll(loadParser)

const size = 60_000
const filled = (piece: string, head = '', tail = ''): string =>
  head + piece.repeat(Math.floor(size / piece.length)) + tail
/** These cost in proportion to their length. */
const third = (piece: string): string => filled(piece).slice(0, size / 3)

/** Operators in a row: PostgreSQL's lexer is quadratic, and takes seconds for each of these. */
const operators: readonly string[] = [
  filled('+'),
  filled('+-'),
  filled('/*'),
  filled('*/'),
  filled('/**/'),
  '/*'.repeat(size / 4) + '*/'.repeat(size / 4),
  filled('/*', 'select 1; select ', '1'),
  filled('+', `select '`, `'`),
]

/** What else a stranger may send to hold the process up. */
const others: readonly string[] = [
  ...['(', ')', '[', ';', ',', '.', '?', ':', '\\', '-', '--', '--\n', '@', '= ', '$1', 'a', '1'],
  ...[
    '$a$',
    '$$',
    `''`,
    `'' `,
    `"`,
    `"" `,
    `E'\\'`,
    `E'\\'' `,
    `U&'\\0041' `,
    `N'a',`,
    'é',
    '\u00a0',
  ],
  ...['selec;', 'begin;', 'case ', '/*x*/', '/* ', '0x', '1_', 'a.', 'a ', 'not ', ' \n;'],
]
  .map(third)
  .concat(
    ...[`'`, `"`, `$a$`, `E'`, `U&'`, '/*', '--'].map((open) => filled('x', `select ${open}`)),
    filled(' ', 'select', '1'),
    filled(' ', 'insert into t (a) values ($1)', 'x'),
    filled('a,', 'insert into t ('),
    filled('$1,', 'insert into t (a) values ('),
    filled(' ', 'insert into t (a', 'x'),
  )

describe('a long text made to hold the process up', () => {
  it('is refused where it is of operators in a row, whatever looks at it', async () => {
    for (const text of operators) {
      const what = text.slice(0, 40)
      expect(judge(text, schema, 65_536), what).toMatchObject({ unprovable: 'unparsable' })
      expect(statementShape(text, 65_536), what).toBe('(unreadable text)')
      expect(withoutComments(text), what).toBe(text)
      expect(await splitStatements(text), what).toHaveLength(1)
    }
  })

  it('is decided in no time where it is anything else', async () => {
    for (const text of others) {
      judge(text, { ...schema, serverVersion: 130_000 }, 65_536)
      statementShape(text, 65_536)
      withoutComments(text)
      expect(collapseValues(text).rows).toEqual([])
      await splitStatements(text)
    }
  })

  // mutation src/translate/either-fact.ts: if (kinds.has(kind)) continue => if (kinds.size < 0) continue
  it('keeps of OR no more constants than it has', () => {
    const arm = 'tenant_id = $1 and '.repeat(1_500)
    const text = `select 1 from users where (${arm}true) or ${'tenant_id = $2 or '.repeat(1_500)}tenant_id = $3`
    const { claims } = judge(text, schema, 65_536)
    expect(claims.map(({ constants }) => constants)).toHaveLength(1)
    expect(claims[0]?.constants).toHaveLength(3)
  })

  it('is proved with as many constants as it has', () => {
    const list = Array.from({ length: 200_000 }, (_, i) => i).join()
    const text = `select 1 from users where tenant_id in (${list})`
    const { claims } = judge(text, schema, 2_000_000)
    expect(claims[0]?.constants).toHaveLength(200_000)
  })

  it('is split in no time, on however few lines it stands', async () => {
    const statements = await splitStatements('select 1;'.repeat(10_000))
    expect(statements).toHaveLength(10_000)
    expect(statements.at(-1)).toEqual({ text: 'select 1', line: 1, column: 9 * 9999 + 1 })
    expect(await splitStatements(`${'é;'.repeat(10_000)}selec`)).toHaveLength(10_001)
    expect(await splitStatements(filled(' ', `select '`, `'`))).toHaveLength(1)
  })
})

it('reads what people make of operators', () => {
  const table = '+------+------+------+------+------+------+------+------+------+------+------+\n'
  for (const text of [
    filled(table, 'select 1 /*\n', '*/'),
    filled(`-- ${table}`, '', 'select 1'),
    filled(
      '/**********************************************************************/\n',
      'select 1',
    ),
    filled('*', '/*', '*/ select 1'),
    filled('-', `select '`, `'`),
    filled('?', `select '`, `'`),
    `select '${'+'.repeat(1000)}'`,
    filled('/', `select '`, `'`),
  ]) {
    expect(parse(text, 65_536).statements, text.slice(0, 40)).toHaveLength(1)
  }
})
