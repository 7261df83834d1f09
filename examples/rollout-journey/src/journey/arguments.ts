import { parseArgs } from 'node:util'
import { type LeakKind, leakKinds } from '../leaks/leak.ts'
import type { JourneyOptions } from './story.ts'

/** What the command line asks for. */
export interface Arguments {
  readonly journey: JourneyOptions
  readonly jsonFile: string | undefined
  readonly serve: boolean
  readonly detectionOnly: boolean
}

const usage = `node dist/main.js [options]

  --seed N             the same data, plan and verdicts for the same number (default 1)
  --json FILE          write every figure and assertion to FILE
  --serve              keep the service, /metrics and the load running, and say what to try
  --detection          the detection phase alone
  --without-guard      leave the guard out: the driver must notice
  --mend KIND          mend one leak in every release: the driver must notice
  --flip-within MS     how long a flip may take (default 2000)`

/** Reads the command line; a wrong one ends the process with the usage. */
export function readArguments(argv: readonly string[]): Arguments {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      seed: { type: 'string', default: '1' },
      json: { type: 'string' },
      serve: { type: 'boolean', default: false },
      detection: { type: 'boolean', default: false },
      'without-guard': { type: 'boolean', default: false },
      mend: { type: 'string', multiple: true, default: [] },
      'flip-within': { type: 'string', default: '2000' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    process.stdout.write(`${usage}\n`)
    process.exit(0)
  }
  return {
    journey: {
      seed: whole('--seed', values.seed),
      flipWithinMs: whole('--flip-within', values['flip-within']),
      stages: !values.detection,
      walls: values['without-guard'] ? 'guard-off' : 'all',
      mended: values.mend.map(kindOf),
    },
    jsonFile: values.json,
    serve: values.serve,
    detectionOnly: values.detection,
  }
}

function whole(name: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new Error(`${name} takes a whole number`)
}

function kindOf(text: string): LeakKind {
  const kind = leakKinds.find((candidate) => candidate === text)
  if (kind === undefined) throw new Error(`--mend takes one of ${leakKinds.join(', ')}`)
  return kind
}
