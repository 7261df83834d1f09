import { type Ruling, rulings } from '@partywall/rollout'
import { Argument, type Command, Option } from 'commander'
import type { Attach, Call } from '../call.ts'
import { misused } from '../cli-error.ts'
import {
  type ChangeOptions,
  readChange,
  withChange,
  withExamples,
  withPaths,
} from '../command-options.ts'
import { exitCodes } from '../exit-code.ts'
import { pairs } from '../layout.ts'
import { momentText } from '../measures.ts'
import { openState } from '../open-state.ts'
import type { Outcome } from '../outcome.ts'

interface TriageOptions extends ChangeOptions {
  readonly as: Ruling
}

/** `partywall violations triage`: a person says what blocked signatures are. */
export function addTriageCommand(group: Command, attach: Attach): void {
  const command = group
    .command('triage')
    .description('say whether blocked signatures are real leaks or false positives')
    .addArgument(new Argument('<signatures...>', 'their ids, from violations list'))
    .addOption(
      new Option('--as <ruling>', 'legitimate: a real leak, blocked rightly')
        .choices(rulings)
        .makeOptionMandatory(),
    )
  withPaths(withChange(command), ['state'])
  withExamples(command, [
    'violations triage 0f3a5c7e9b1d2468 --as legitimate --actor alice --reason "leak 4712"',
    'violations triage 0f3a5c7e9b1d2468 --as false_positive \\\n      --actor alice --reason "reads a lookup table"',
    'violations triage 0f3a5c7e9b1d2468 81c4e2a09d7b3f65 --as legitimate \\\n      --actor alice --reason "leaks, mended in release 42"',
  ])
  attach<TriageOptions>(command, triage)
}

/** All signatures of a call are on record together: one that nobody knows refuses them all. */
async function triage(call: Call<TriageOptions>): Promise<Outcome> {
  const by = readChange(call.options)
  const named = [...new Set(call.arguments)]
  const operator = await openState(call)
  const known = new Map((await operator.signatures()).map((it) => [it.id, it]))
  const judged = named.map((signature, index) => {
    const found = known.get(signature)
    if (found === undefined) {
      const which = named.length === 1 ? 'this signature' : `signature ${index + 1}`
      throw misused(`no blocked query has ${which}; see violations list --blocked`)
    }
    const { model, action, endpoint, statement } = found
    return { signature, model, action, endpoint, statement }
  })
  const { ruling, at, actor, reason, number } = await operator.triage(named, call.options.as, by)
  return {
    exitCode: exitCodes.ok,
    result: { record: number, ruling, at, actor, reason, signatures: judged },
    text: (paint) => [
      ...judged.flatMap(({ signature, model, action, endpoint, statement }) => [
        paint(`${signature}: ${ruling.replaceAll('_', ' ')} (record ${number})`, 'strong'),
        ...pairs(
          [
            ['query', `${action} on ${model} at ${endpoint}`],
            ['statement', statement],
          ],
          paint,
        ),
      ]),
      ...pairs(
        [
          ['by', `${actor}: ${reason}`],
          ['at', `${momentText(at)} UTC`],
        ],
        paint,
      ),
    ],
  }
}
