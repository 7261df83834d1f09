import { isPartywallError } from '@partywall/context'
import { readArguments } from './journey/arguments.ts'
import { type FiguresFile, openFiguresFile } from './journey/figures-file.ts'
import { createPage } from './journey/print.ts'
import { InterruptedError, withStory } from './journey/run-journey.ts'
import { serve } from './journey/serve.ts'
import { tellAll, tellDetection } from './journey/tell.ts'

const startedAt = performance.now()
const ending = new AbortController()
// The children leave Ctrl-C to us, so that they end in order and nothing is left behind.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => ending.abort())
}
const page = createPage((text) => process.stdout.write(text), startedAt)
let serving = false
let file: FiguresFile | undefined

try {
  const wanted = readArguments(process.argv.slice(2))
  serving = wanted.serve
  file = wanted.jsonFile === undefined ? undefined : openFiguresFile(wanted.jsonFile)
  page.line(
    'The rollout journey: from no walls to walls that stay, and back through both switches.',
  )
  const failed = await withStory(
    wanted.journey,
    {
      page,
      environment: process.env,
      entries: new URL('./', import.meta.url),
      signal: ending.signal,
    },
    async (story) => {
      if (wanted.detectionOnly) await tellDetection(story)
      else if (wanted.serve) await serve(story)
      else await tellAll(story)
      const { assertions, figures } = story
      file?.write({ seed: story.options.seed, ...figures, assertions: assertions.all() })
      return assertions.failed().length
    },
  )
  page.line()
  page.line(failed === 0 ? 'The journey succeeded.' : `The journey FAILED: ${failed} assertions.`)
  process.exitCode = failed === 0 ? 0 : 1
} catch (error) {
  if (error instanceof InterruptedError) process.exitCode = serving ? 0 : 130
  // What an operator can cause is one sentence; anything else is a fault of this program.
  else if (isPartywallError(error)) {
    process.stderr.write(`${error.message}\n`)
    process.exitCode = 2
  } else {
    process.stderr.write(`${error instanceof Error ? error.stack : ''}\n`)
    process.exitCode = 1
  }
} finally {
  file?.close()
}
// What did not end in its time must not keep this process: its children go when it does.
process.exit()
