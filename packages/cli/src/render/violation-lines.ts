import type { Severity } from '@partywall/context/spi'
import type { BlockedSignature } from '@partywall/rollout'
import { type Paint, pageWidth, pairs, printable, type Tone, table, wrap } from '../layout.ts'
import { countText } from '../measures.ts'
import type { ViolationGroup } from '../violation-groups.ts'

const tones: Readonly<Record<Severity, Tone>> = { CRITICAL: 'bad', HIGH: 'warn', MEDIUM: 'plain' }

/** What `violations list` found. */
export interface ViolationList {
  readonly tenant?: string
  readonly from: string
  readonly to?: string
  readonly matched: number
  readonly grouped: number
  readonly torn: number
  readonly unreadable: readonly string[]
  readonly signatures: number
  readonly violations: readonly ViolationGroup[]
}

export function violationLines(
  list: ViolationList,
  { detail, paint }: { readonly detail: boolean; readonly paint: Paint },
): readonly string[] {
  const { tenant, from, to, matched, grouped, signatures, violations } = list
  const whose = tenant === undefined ? 'of every tenant' : `of tenant ${tenant}`
  const head = `${countText(matched)} violations ${whose}, since ${from}${to === undefined ? '' : ` until ${to}`}`
  const lines = [paint(head, 'strong')]
  if (matched > grouped) lines.push(`the newest ${countText(grouped)} of them are looked at`)
  if (list.torn > 0) lines.push(`${list.torn} lines were not whole and are left out`)
  if (list.unreadable.length > 0) {
    lines.push(paint(`${list.unreadable.length} log files could not be read`, 'bad'))
  }
  if (violations.length === 0) return lines
  lines.push(
    '',
    ...table(
      ['signature', 'severity', 'count', 'done', 'ruling', 'query'],
      violations.map(row),
      paint,
    ),
  )
  if (signatures > violations.length)
    lines.push(`and ${signatures - violations.length} more signatures`)
  if (detail) for (const group of violations) lines.push('', ...detailLines(group, paint))
  return lines
}

/** Blocked signatures, and what people said about them. */
export function blockedLines(
  list: {
    readonly signatures: number
    readonly open: number
    readonly blocked: readonly BlockedSignature[]
  },
  paint: Paint,
): readonly string[] {
  const head = `${list.signatures} blocked signatures, ${list.open} of them open`
  if (list.blocked.length === 0) return [paint(head, 'strong')]
  const rows = list.blocked.map(
    ({ id, severity, blocks, ruling, model, action, endpoint, statement }) => [
      id,
      { text: severity, tone: tones[severity] },
      countText(blocks),
      {
        text: ruling,
        tone:
          ruling === 'open'
            ? ('warn' as const)
            : ruling === 'false_positive'
              ? ('bad' as const)
              : ('good' as const),
      },
      `${action} on ${model} at ${endpoint}: ${statement}`,
    ],
  )
  return [
    paint(head, 'strong'),
    '',
    ...table(['signature', 'severity', 'blocks', 'ruling', 'query'], rows, paint),
  ]
}

function row(
  group: ViolationGroup,
): readonly (string | { readonly text: string; readonly tone: Tone })[] {
  const { signature, severity, count, decisions, ruling, action, model, endpoint, bypasses } = group
  const done = Object.entries(decisions).map(([decision, times]) => `${decision} ${times}`)
  const users = bypasses.map((use) => `${use.actor} (${use.reason}) ${use.count}`)
  const query = `${action} on ${model} at ${endpoint}`
  return [
    signature,
    { text: severity, tone: tones[severity] },
    countText(count),
    done.join(', '),
    ruling ?? '',
    users.length === 0 ? query : `${query}; bypassed by ${users.join(', ')}`,
  ]
}

function detailLines(group: ViolationGroup, paint: Paint): readonly string[] {
  const { signature, statement, hint, first, last, stack } = group
  return [
    paint(printable(signature), 'strong'),
    ...pairs(
      [
        ['statement', statement],
        ...(hint === undefined ? [] : [['hint', hint] as const]),
        ['first', first],
        ['last', last],
      ],
      paint,
    ),
    '  stack of the last one:',
    ...stack
      .split('\n')
      .flatMap((line) => wrap(line.trim(), pageWidth - 4).map((part) => `    ${part}`)),
  ]
}
