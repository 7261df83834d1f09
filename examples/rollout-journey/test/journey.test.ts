import { beforeAll, expect, it } from 'vitest'
import { tellAll } from '../src/journey/tell.ts'
import { type Told, tellJourney } from './tell-journey.ts'

let told: Told

// One run for all of them: what a test asserts is a part of what the journey asserts.
beforeAll(async () => {
  told = await tellJourney({}, tellAll)
}, 300_000)

it('tells the story to its end', () => {
  expect(told.text).toContain('Summary')
  expect(told.figures.advances.map(({ to }) => to)).toEqual([1, 2, 3, 4])
})

it('asks for the same sequence of verdicts in every run', () => {
  expect(told.figures.verdicts).toEqual([
    { at: 'before stage 1', verdict: 'green' },
    { at: 'stage 1, release 1', verdict: 'red' },
    { at: 'before stage 2', verdict: 'green' },
    { at: 'stage 2, release 2b', verdict: 'red' },
    { at: 'stage 2, one model taken out', verdict: 'red' },
    { at: 'before stage 3', verdict: 'green' },
    { at: 'stage 3, rolled back', verdict: 'inconclusive' },
    { at: 'stage 3, re-armed', verdict: 'amber' },
    { at: 'before stage 4', verdict: 'green' },
    { at: 'stage 4, release 4', verdict: 'green' },
  ])
})
