import * as fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { parameterShape, statementShape } from '../src/guard/statement-shape.ts'
import { loadParser } from '../src/parse/parse.ts'

beforeAll(loadParser)

describe('the shape of a statement', () => {
  it.each([
    ['select 1', 'select ?'],
    [`select 'a''b', E'c\\'d', $$e$$, U&'f', b'1', x'ff', 1.5e3`, 'select …'],
    [`select a -- secret\n, b /* secret */ from t`, 'select a , b from t'],
    [
      'select a from t where b in ($1, $2, $3) and c = 5',
      'select a from t where b in ( $1 … ) and c = ?',
    ],
    [`insert into t values (1, 'x'), (2, 'y')`, 'insert into t values ( ? … ) , ( ? … )'],
    [`select 'open`, '(unreadable text)'],
  ])('%s', (text, shape) => {
    if (shape === 'select …') expect(statementShape(text, 1000)).not.toMatch(/[a-f]'|e3/)
    else expect(statementShape(text, 1000)).toBe(shape)
  })

  it('holds no literal, whatever is quoted', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z ]{4,20}$/), (secret) => {
        const text = `select a from t where b = '${secret}' and c = $$${secret}$$ -- ${secret}`
        expect(statementShape(text, 1000)).not.toContain(secret)
      }),
    )
  })

  it('is bounded', () => {
    expect(
      statementShape(`select ${'column_name + '.repeat(2000)} 1`, 65_536).length,
    ).toBeLessThanOrEqual(2000)
    expect(statementShape('select 1', 5)).toBe('(text too long)')
  })
})

it('tells of a parameter what it looks like', () => {
  const values = [
    'abc',
    '22222222-2222-4222-8222-222222222222',
    1,
    2n,
    true,
    null,
    new Date(),
    [1, 2],
    Buffer.from('x'),
    {},
  ]
  expect(values.map(parameterShape)).toEqual([
    'string(3)',
    'uuid',
    'number',
    'bigint',
    'boolean',
    'null',
    'date',
    'array(2)',
    'bytes(1)',
    'object',
  ])
})
