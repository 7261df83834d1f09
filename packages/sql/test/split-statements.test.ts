import { defineTenantSchema, explainProof, global, splitStatements } from '@partywall/sql'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { declaredTopics, liveTopics, together } from './corpus/corpus.ts'

async function textsOf(text: string): Promise<readonly string[]> {
  return (await splitStatements(text)).map((statement) => statement.text)
}

it('says where each statement begins, whatever stands before it', async () => {
  const text = `-- é hello\nselect 'ü;' as "a;b";\r\n\n /* ; x */ update t set a = 1;; ; 'é' ; \n`
  expect(await splitStatements('select 1')).toEqual([{ text: 'select 1', line: 1, column: 1 }])
  // The last one is no SQL: the lexer splits then.
  expect(await splitStatements(text)).toEqual([
    { text: `select 'ü;' as "a;b"`, line: 2, column: 1 },
    { text: 'update t set a = 1', line: 4, column: 12 },
    { text: `'é'`, line: 4, column: 35 },
  ])
  expect((await splitStatements(text.replace(`'é'`, ''))).map(({ line }) => line)).toEqual([2, 4])
})

it('takes only that for white space which PostgreSQL does', async () => {
  expect(await textsOf(' select * from users\u00a0 ;')).toEqual(['select * from users\u00a0'])
})

it('counts columns in characters, not in bytes', async () => {
  const [, second] = await splitStatements(`select '🙂é'; select 2`)
  expect(second).toEqual({ text: 'select 2', line: 1, column: 14 })
})

it('finds no statement in white space and comments', async () => {
  for (const text of ['', ' \n', '-- x', '/* ; */ ;\n;', ';;']) {
    expect(await splitStatements(text), text).toEqual([])
  }
})

it('leaves semicolons inside of a statement where they are', async () => {
  const whole = [
    `create function f() returns int language sql begin atomic select 1; select 2; end`,
    'create rule r as on insert to t do also (select 1; select 2)',
    `do $x$ begin perform 1; end $x$`,
    `select ';' || E'\\';' || $$;$$ || U&";" from t`,
  ]
  expect(await textsOf(whole.join(';\n'))).toEqual(whole)
  expect(await textsOf('selec; create rule r as on insert to t do (select 1; select 2);')).toEqual([
    'selec',
    'create rule r as on insert to t do (select 1; select 2)',
  ])
})

it('hides no statement behind one that PostgreSQL does not read', async () => {
  const text = 'select 1;\nselect from where;\nselect 3;\n); select 5'
  expect(await splitStatements(text)).toMatchObject([
    { text: 'select 1', line: 1 },
    { text: 'select from where', line: 2 },
    { text: 'select 3', line: 3 },
    { text: ')', line: 4 },
    { text: 'select 5', line: 4 },
  ])
})

describe('a text that even the lexer does not read', () => {
  it.each([
    ['a string that does not end', `select 1; select 'abc; select 2`],
    ['half a character', `select 1; select '\ud800'`],
    ['a NUL', 'select 1;\0 select * from users'],
  ])('is one statement, and open: %s', async (_, text) => {
    expect(await textsOf(text)).toEqual([text])
    const [line] = await explainProof(text, defineTenantSchema({ t: global() }))
    expect(line).toMatchObject({ model: '(unknown)', detail: 'unparsable' })
  })
})

it('splits files of many statements, however many there are', async () => {
  const text = Array.from({ length: 3000 }, (_, i) => `select (${i} + 1) from t;`).join('\n')
  const found = await splitStatements(text)
  expect(found).toHaveLength(3000)
  expect(found.at(-1)).toEqual({ text: 'select (2999 + 1) from t', line: 3000, column: 1 })
})

it('gives every statement of the corpus back as it was, alone and beside others', async () => {
  const { accepted, refused } = together([...declaredTopics, ...liveTopics])
  const texts = [...accepted.map(([, text]) => text), ...refused.map(([, , text]) => text)].filter(
    (text) => !/;|^\s*$|--|\/\*|\0|\p{Surrogate}/u.test(text) && text.length < 2000,
  )
  expect(texts.length).toBeGreaterThan(100)
  const readable: string[] = []
  for (const text of texts) {
    const [only, ...others] = await textsOf(`${text};`)
    expect(others, text).toEqual([])
    if (only === text.trim()) readable.push(only)
  }
  expect(await textsOf(readable.join(';\n'))).toEqual(readable)
}, 60_000)

it('loses no character of any text but white space, comments and semicolons', async () => {
  const pieces = fc.constantFrom('select', ' ', ';', '\n', '(', ')', 'é', '1', 'a', "'x;y'", '+')
  await fc.assert(
    fc.asyncProperty(fc.array(pieces, { maxLength: 30 }), async (parts) => {
      const bare = (text: string): string => text.replace(/[\s;]/g, '')
      const text = parts.join('')
      expect(bare((await textsOf(text)).join(''))).toBe(bare(text))
      for (const statement of await splitStatements(text)) {
        const line = text.split('\n')[statement.line - 1] ?? ''
        expect([...line].slice(statement.column - 1).join('')).toContain(
          statement.text.split('\n')[0]?.trimEnd() ?? '',
        )
      }
    }),
  )
})
