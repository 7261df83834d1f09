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

/** `partywall violations triage`: a person says what a blocked signature is. */
export function addTriageCommand(group: Command, attach: Attach): void {
  const command = group
    .command('triage')
    .description('say whether a blocked signature is a real leak or a false positive')
    .addArgument(new Argument('<signature>', 'its id, from violations list'))
    .addOption(
      new Option('--as <ruling>', 'legitimate: a real leak, blocked rightly')
        .choices(rulings)
        .makeOptionMandatory(),
    )
  withPaths(withChange(command), ['state'])
  withExamples(command, [
    'violations triage 0f3a5c7e9b1d2468 --as legitimate --actor alice --reason "leak 4712"',
    'violations triage 0f3a5c7e9b1d2468 --as false_positive \\\n      --actor alice --reason "reads a lookup table"',
  ])
  attach<TriageOptions>(command, triage)
}

async function triage(call: Call<TriageOptions>): Promise<Outcome> {
  const by = readChange(call.options)
  const [signature = ''] = call.arguments
  const operator = await openState(call)
  const known = (await operator.signatures()).find(({ id }) => id === signature)
  if (known === undefined) {
    throw misused('no blocked query has this signature; see violations list --blocked')
  }
  const { ruling, at, actor, reason, number } = await operator.triage(
    signature,
    call.options.as,
    by,
  )
  const { model, action, endpoint, statement } = known
  return {
    exitCode: exitCodes.ok,
    result: {
      record: number,
      signature,
      ruling,
      at,
      actor,
      reason,
      model,
      action,
      endpoint,
      statement,
    },
    text: (paint) => [
      paint(`${signature}: ${ruling.replaceAll('_', ' ')} (record ${number})`, 'strong'),
      ...pairs(
        [
          ['query', `${action} on ${model} at ${endpoint}`],
          ['statement', statement],
          ['by', `${actor}: ${reason}`],
          ['at', `${momentText(at)} UTC`],
        ],
        paint,
      ),
    ],
  }
}
