import { parseArgs } from 'node:util'
import { PartywallError } from '@partywall/context'
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
  --port N             where the service listens (default: any port that is free)
  --detection          the detection phase alone
  --without-guard      leave the guard out: the driver must notice
  --mend KIND          mend one leak in every release: the driver must notice
  --flip-within MS     how long a flip may take (default 2000)`

const options = {
  seed: { type: 'string', default: '1' },
  json: { type: 'string' },
  serve: { type: 'boolean', default: false },
  port: { type: 'string', default: '0' },
  detection: { type: 'boolean', default: false },
  'without-guard': { type: 'boolean', default: false },
  mend: { type: 'string', multiple: true, default: [] as string[] },
  'flip-within': { type: 'string', default: '2000' },
  help: { type: 'boolean', default: false },
} as const

/**
 * Reads the command line; `--help` ends the process with the usage.
 * @throws {@link PartywallError} `journey.arguments`, in one sentence.
 */
export function readArguments(argv: readonly string[]): Arguments {
  const values = valuesOf(argv)
  if (values.help) {
    process.stdout.write(`${usage}\n`)
    process.exit(0)
  }
  return {
    journey: {
      seed: whole('--seed', values.seed),
      port: port(values.port),
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

function valuesOf(argv: readonly string[]): ReturnType<typeof parse> {
  try {
    return parse(argv)
  } catch (error) {
    // Its first sentence names what is wrong; the others give advice about `--`.
    const [reason = ''] = (error instanceof Error ? error.message : '').split('. ')
    throw refused(`${reason.replace(/\.$/, '')}; --help tells what there is`)
  }
}

const parse = (argv: readonly string[]) => parseArgs({ args: [...argv], options }).values

function whole(name: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw refused(`${name} takes a whole number`)
}

function port(text: string): number {
  const number = whole('--port', text)
  if (number > 65_535) throw refused('--port takes a number up to 65535')
  return number
}

function kindOf(text: string): LeakKind {
  const kind = leakKinds.find((candidate) => candidate === text)
  if (kind === undefined) throw refused(`--mend takes one of ${leakKinds.join(', ')}`)
  return kind
}

function refused(sentence: string): PartywallError {
  return new PartywallError('journey.arguments', sentence)
}
