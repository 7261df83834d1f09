import { readFileSync } from 'node:fs'
import { runCli } from '@partywall/cli'

// The published command goes by the time of day; here it goes by the clock of the story.
const clockFile = process.env['JOURNEY_CLOCK']

process.exitCode = await runCli(process.argv.slice(2), {
  environment: process.env,
  stdout: process.stdout,
  stderr: process.stderr,
  cwd: process.cwd(),
  clock: clockFile === undefined ? Date.now : () => Number(readFileSync(clockFile, 'utf8')),
})
