import { expect, it } from 'vitest'
import { seededRandom } from '../src/data/random.ts'
import { createPage, foldText } from '../src/journey/print.ts'

function printed(tell: (page: ReturnType<typeof createPage>) => void): readonly string[] {
  let text = ''
  tell(createPage((part) => (text += part), performance.now()))
  return text.trimEnd().split('\n')
}

it('breaks every text between its words, and loses none', () => {
  const random = seededRandom(12)
  for (let round = 0; round < 500; round += 1) {
    const longest = random.pick([3, 20, 130])
    const all = Array.from({ length: 1 + random.below(40) }, () =>
      random
        .uuid()
        .repeat(4)
        .slice(0, 1 + random.below(longest)),
    )
    const lines = foldText(all.join(' '), '  ', '    ')
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(100)
    expect(lines.join('').replaceAll(' ', '')).toBe(all.join(''))
    const shown = new Set(lines.flatMap((line) => line.trim().split(' ')))
    for (const word of all) if (word.length <= 90) expect(shown).toContain(word)
  }
})

it('quotes long lines whole, with an indent', () => {
  const sentence =
    'TENANT_ENFORCEMENT_ENABLED is a string of 5 characters; expected true, or no such variable: the walls are always on'
  const lines = printed((page) => page.quote(`first\n  ${sentence}`))
  expect(lines[0]).toBe('    | first')
  expect(lines[1]).toMatch(/^ {4}\| {3}TENANT_/)
  expect(lines[2]).toMatch(/^ {4}\| {5}\S/)
  expect(
    lines
      .slice(1)
      .map((line) => line.replace(/^ *\| */, ''))
      .join(' '),
  ).toBe(sentence)
})

it('folds the first column of a table that is too wide, and cuts no cell', () => {
  const name = 'kill switch by command, in the last stage of a story that has many of them'
  const lines = printed((page) =>
    page.table(['window', ...'12345'], [[name, ...Array.from('12345', (each) => each.repeat(8))]]),
  )
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(100)
  const text = lines.join(' ').replaceAll(/ +/g, ' ')
  for (const word of name.split(' ')) expect(text).toContain(word)
  expect(text).toContain('55555555')
})
