import { expect, it } from 'vitest'
import type { Topic } from './corpus/case.ts'
import { declaredTopics, liveTopics, together } from './corpus/corpus.ts'

/** Each statement was run in the worlds of its corpus: it is safe if others' rows made no difference. */
function countsOf(topics: readonly Topic[]): { accepted: number; safe: number; all: number } {
  const { accepted, safeButRefused, leaking, damaging, refused } = together(topics)
  const safe = accepted.length + safeButRefused.length
  const all = safe + leaking.length + damaging.length + refused.length
  return { accepted: accepted.length, safe, all }
}

it.for<readonly [list: string, topics: readonly Topic[]]>([
  ['on tables that are declared', declaredTopics],
  ['on tables that a catalogue tells of', liveTopics],
  ['of both corpora', [...declaredTopics, ...liveTopics]],
])('accepts at least 95 of 100 safe statements %s', async ([list, topics], { annotate }) => {
  const { accepted, safe, all } = countsOf(topics)
  const share = ((100 * accepted) / safe).toFixed(1)
  await annotate(
    `${list}: ${accepted} of ${safe} safe statements accepted, ${share} %; ${all} in all`,
  )
  expect(accepted / safe).toBeGreaterThanOrEqual(0.95)
})

it('has more than 500 statements', () => {
  expect(countsOf([...declaredTopics, ...liveTopics]).all).toBeGreaterThan(500)
})
