import { expect, it } from 'vitest'
import { comparable } from '../src/doors/declared-type.ts'

const uuid = '22222222-2222-4222-8222-22222222222a'

it.each([
  ['acme', 0],
  ['acme', 25],
  ['acme', 1043],
  ['7', 20],
  [7, 20],
  [uuid, 2950],
  [['acme'], 1009],
  [['7', 8], { element: 23 }],
])('leaves %j what it is, as type %j', (value, type) => {
  expect(comparable(value, type)).toBe(value)
})

it.each([
  // "char" cuts, float4 rounds, char(n) pads, and nobody knows what a type of one's own does.
  ['acme', 18],
  [16_777_217, 700],
  ['acme', 1042],
  ['acme', 99_999],
  ['007', 20],
  [' 7', 23],
  [uuid.toUpperCase(), 2950],
  [['acme'], 1002],
  [['007'], { element: 20 }],
  [['acme'], 25],
  ['acme', 1009],
])('compares %j with nobody, as type %j', (value, type) => {
  expect(comparable(value, type)).not.toBe(value)
})
