import process from 'node:process'
import { inject } from 'vitest'
import type { Assertion } from '../src/journey/assertions.ts'
import type { Figures } from '../src/journey/figures.ts'
import { createPage } from '../src/journey/print.ts'
import { withStory } from '../src/journey/run-journey.ts'
import type { JourneyOptions, Story } from '../src/journey/story.ts'

/** What a run has to say for itself. */
export interface Told {
  readonly text: string
  readonly assertions: readonly Assertion[]
  readonly failed: readonly string[]
  readonly figures: Figures
}

/** Runs a story from built entry points, and keeps what it printed. */
export async function tellJourney(
  options: Partial<JourneyOptions>,
  tell: (story: Story) => Promise<void>,
  databaseUrl: string | undefined = process.env['DATABASE_URL'],
): Promise<Told> {
  const lines: string[] = []
  const page = createPage((text) => lines.push(text), performance.now())
  return withStory(
    { seed: 1, port: 0, stages: true, walls: 'all', mended: [], flipWithinMs: 10_000, ...options },
    {
      page,
      environment: { DATABASE_URL: databaseUrl, PATH: process.env['PATH'] },
      entries: new URL(inject('entries')),
    },
    async (story) => {
      await tell(story)
      const { assertions, figures } = story
      return {
        text: lines.join(''),
        assertions: assertions.all(),
        failed: assertions.failed().map(({ name, detail }) => `${name}: ${detail}`),
        figures,
      }
    },
  )
}
